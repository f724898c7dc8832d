package org.growingnn.dl4j.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.growingnn.dl4j.adapter.ModelReader;
import org.growingnn.dl4j.adapter.ModelWriter;
import org.growingnn.dl4j.data.TrainingData;
import org.growingnn.dl4j.graph.LatencyTable;
import org.growingnn.dl4j.graph.LatencyTable.Layer;
import org.growingnn.dl4j.graph.LatencyTable.Size;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.projection.GlobalRanking;
import org.growingnn.dl4j.projection.Resizer;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;

/** The loop that measures, with a clock of the test's own. */
class LatencyMeterTest {

    private static final InputType IMAGES = InputType.convolutional(6, 5, 2);

    private final NetworkGraph network = read(Optional.of(IMAGES));

    private static NetworkGraph read(Optional<InputType> type) {
        ComputationGraph model = new ComputationGraph(new NeuralNetConfiguration.Builder()
                .graphBuilder()
                .addInputs("in")
                .addLayer("conv", new ConvolutionLayer.Builder(3, 3).nOut(8).build(), "in")
                .addLayer("dense", new DenseLayer.Builder().nOut(16).build(), "conv")
                .addLayer(
                        "out",
                        new OutputLayer.Builder()
                                .nOut(3)
                                .activation(Activation.SOFTMAX)
                                .build(),
                        "dense")
                .setOutputs("out")
                .setInputTypes(IMAGES)
                .build());
        model.init();
        return ModelReader.read(model, type.map(List::of).orElse(List.of()));
    }

    private static MultiDataSet batch(int examples) {
        return new MultiDataSet(Nd4j.rand(examples, 2, 6, 5), null);
    }

    private NetworkGraph narrow(int units) {
        Map<String, int[]> kept = Map.of("dense", IntStream.range(0, units).toArray());
        return Resizer.resize(network, GlobalRanking.maps(network, kept), false);
    }

    @Test
    void rates_are_found_again_from_times_that_follow_them() {
        Layer true_ = new Layer("layer", 500, 0, 7, 0.25);
        LatencyFit fit = new LatencyFit();
        for (int in : new int[] {2, 5, 9}) {
            for (int out : new int[] {1, 4, 10}) {
                Size size = new Size(in, out, in * out * 9);
                fit.add(size, true_.nanos(size));
            }
        }
        Layer found = fit.layer("layer");
        assertThat(found.fixed()).isCloseTo(500, within(1e-6));
        assertThat(found.perInput()).isCloseTo(0, within(1e-6));
        assertThat(found.perOutput()).isCloseTo(7, within(1e-6));
        assertThat(found.perWeight()).isCloseTo(0.25, within(1e-6));
    }

    @Test
    void no_rate_is_negative_however_noisy_the_times_so_that_no_layer_gets_slower_by_losing_units() {
        Random random = new Random(4);
        for (int trial = 0; trial < 50; trial++) {
            LatencyFit fit = new LatencyFit();
            for (int i = 0; i < 11; i++) {
                int out = 1 + random.nextInt(20);
                fit.add(new Size(10, out, 10 * out), random.nextInt(1000));
            }
            // The constructor of the layer refuses negative rates.
            Layer layer = fit.layer("noisy");
            assertThat(layer.nanos(new Size(10, 5, 50))).isLessThanOrEqualTo(layer.nanos(new Size(10, 6, 60)));
            assertThat(layer.nanos(new Size(10, 5, 50))).isPositive();
        }
    }

    @Test
    void a_layer_that_was_never_seen_to_take_time_takes_next_to_none() {
        LatencyFit fit = new LatencyFit();
        fit.add(new Size(4, 4, 0), 0);
        fit.add(new Size(8, 8, 0), 0);
        assertThat(fit.layer("flatten").nanos(new Size(8, 8, 0))).isLessThanOrEqualTo(1 + 1e-9);
    }

    @Test
    void the_median_of_the_passes_counts_and_warming_up_does_not() {
        // A pass asks twice; its time is the number of the pass. Networks take turns.
        AtomicLong asked = new AtomicLong();
        AtomicLong now = new AtomicLong();
        LatencyMeter meter = new LatencyMeter(5, () -> {
            long number = asked.getAndIncrement();
            return number % 2 == 0 ? now.get() : now.addAndGet(number / 2);
        });
        long[] medians = meter.medians(List.of(network, narrow(2)), batch(1));
        long warmUp = (asked.get() / 2 - 2 * 5);
        assertThat(warmUp).isPositive();
        assertThat(medians).containsExactly(warmUp + 4, warmUp + 5);
    }

    @Test
    void a_table_of_a_clock_that_ticks_when_asked_is_the_same_each_time_and_has_all_vertices() {
        LatencyTable table = ticking().table(network, batch(2));
        assertThat(table).isEqualTo(ticking().table(network, batch(2)));
        assertThat(table.examples()).isEqualTo(2);
        assertThat(table.layers().stream().map(Layer::name)).containsExactlyElementsOf(network.order());
        // A whole pass asks at its beginning and its end.
        assertThat(table.of(network)).isCloseTo(1000, within(3L));
        assertThat(table.of(narrow(2))).isLessThanOrEqualTo(table.of(network));
    }

    private static LatencyMeter ticking() {
        AtomicLong now = new AtomicLong();
        return new LatencyMeter(3, () -> now.addAndGet(1000));
    }

    @Test
    void measuring_changes_neither_the_network_nor_what_models_of_it_compute() {
        MultiDataSet batch = batch(2);
        ComputationGraph model = ModelWriter.toComputationGraph(network);
        INDArray before = model.outputSingle(batch.getFeatures(0));
        ticking().table(network, batch);
        assertThat(ModelWriter.toComputationGraph(network).outputSingle(batch.getFeatures(0)))
                .isEqualTo(before);
    }

    @Test
    void batches_are_the_first_examples_of_the_data_or_zeros() {
        MultiDataSet data = batch(4);
        MultiDataSet first = PassBatch.of(network, Optional.of(TrainingData.of(List.of(data))), 1);
        assertThat(first.getFeatures(0).shape()).containsExactly(1, 2, 6, 5);
        assertThat(first.getFeatures(0).sumNumber().doubleValue())
                .isEqualTo(data.getFeatures(0).slice(0).sumNumber().doubleValue());
        assertThat(PassBatch.of(network, Optional.empty(), 3).getFeatures(0).shape())
                .containsExactly(3, 2, 6, 5);
    }

    @Test
    void bad_input_is_refused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new LatencyMeter(0, System::nanoTime))
                .withMessageContaining("(0)");
        assertThatNullPointerException().isThrownBy(() -> new LatencyMeter(1, null));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PassBatch.of(network, Optional.of(TrainingData.of(List.of(batch(4)))), 5))
                .withMessageContainingAll("4 examples", "5", "\nMaybe");
        NetworkGraph unsized = read(Optional.empty());
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PassBatch.of(unsized, Optional.empty(), 1))
                .withMessageContainingAll("'in'", "\nMaybe");
    }
}
