package org.growingnn.dl4j;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.lifecycle.AfterContainer;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.graph.FrozenVertex;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayerWithBackprop;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.growingnn.dl4j.action.ActionGenerator;
import org.growingnn.dl4j.action.Actions;
import org.growingnn.dl4j.action.NoOp;
import org.growingnn.dl4j.action.StructuralAction;
import org.growingnn.dl4j.adapter.AdapterRegistry;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.projection.Projection;
import org.growingnn.dl4j.projection.Projections;
import org.growingnn.dl4j.testing.RandomNetwork;
import org.growingnn.dl4j.testing.RandomNetworks;
import org.growingnn.dl4j.testing.RandomNetworks.Trait;
import org.growingnn.dl4j.testing.SubArrays;
import org.growingnn.dl4j.training.Calibrator;
import org.nd4j.linalg.api.ndarray.INDArray;

/** What holds for frozen layers anywhere in any network, whatever is done with it. */
class FrozenLayerProperties {

    private static final List<Projection> PROJECTIONS = List.of(
            Projections.paper(),
            Projections.refitted(Projections.pseudoInverse()),
            Projections.replication(),
            Projections.refitted(Projections.importance()),
            Projections.refitted(Projections.similarityArea()),
            Projections.refitted(Projections.clusters()));

    private static final AtomicInteger MISSING = new AtomicInteger();

    /** Of double precision, so that all values differ. */
    @Provide
    static Arbitrary<RandomNetwork> graphs() {
        return Arbitraries.longs()
                .map(seed -> RandomNetworks.graph(seed, Trait.DOUBLE_PRECISION, Trait.UNTRAINED))
                .dontShrink();
    }

    @AfterContainer
    static void units_were_removed() {
        assertThat(MISSING).hasValueGreaterThan(100);
    }

    @Property(tries = 40, shrinking = ShrinkingMode.OFF, edgeCases = EdgeCasesMode.NONE)
    void what_is_left_of_frozen_weights_after_any_actions_is_a_sub_array_bit_for_bit(
            @ForAll("graphs") RandomNetwork network, @ForAll long choice) {
        Random random = new Random(choice);
        List<String> frozen = new ArrayList<>();
        ComputationGraph model = frozen(network.graph(), random, frozen);
        NetworkGraph start = calibrated(
                Dl4jGraphs.read(
                        model,
                        AdapterRegistry.load().pruneFrozenLayers(true),
                        network.inputTypes().toArray(InputType[]::new)),
                network);
        Projection projection = PROJECTIONS.get(random.nextInt(PROJECTIONS.size()));

        NetworkGraph current = start;
        for (int step = 0; step < 6; step++) {
            current = choose(current, random).apply(current, projection);
        }

        MISSING.addAndGet(SubArrays.missing(current, start, frozen));
        ComputationGraph written = Dl4jGraphs.toComputationGraph(current);
        NetworkGraph back = Dl4jGraphs.read(written);
        SubArrays.missing(back, start, frozen);
        assertThat(frozen)
                .filteredOn(back::isVertex)
                .allMatch(name -> back.vertex(name).operation().isFrozen());
        for (INDArray output : written.output(false, network.features(2))) {
            assertThat(output.isNaN().any()).isFalse();
        }
    }

    private static NetworkGraph calibrated(NetworkGraph network, RandomNetwork data) {
        // Frozen layers between others have gradients in calibration, though Deeplearning4j cannot train the model
        // itself.
        return new Calibrator().calibrate(network, List.of(data.batch(1), data.batch(2)));
    }

    private static StructuralAction choose(NetworkGraph network, Random random) {
        List<ActionGenerator> kinds = new ArrayList<>(List.of(
                Actions.neurons(),
                Actions.neurons().add(),
                Actions.layers().maximumParameters(8_000),
                Actions.inputs(),
                Actions.global()));
        Collections.shuffle(kinds, random);
        for (ActionGenerator kind : kinds) {
            List<StructuralAction> offered = kind.generate(network).toList();
            if (!offered.isEmpty()) {
                return offered.get(random.nextInt(offered.size()));
            }
        }
        // There are networks of which nothing can be changed.
        return new NoOp();
    }

    /** Freezes about half of the layers and some other vertices. */
    private static ComputationGraph frozen(ComputationGraph model, Random random, List<String> frozen) {
        ComputationGraphConfiguration configuration =
                ComputationGraphConfiguration.fromJson(model.getConfiguration().toJson());
        for (Map.Entry<String, GraphVertex> entry : configuration.getVertices().entrySet()) {
            if (configuration.getNetworkOutputs().contains(entry.getKey()) || random.nextBoolean()) {
                continue;
            }
            frozen.add(entry.getKey());
            if (entry.getValue() instanceof LayerVertex vertex) {
                Layer layer = vertex.getLayerConf().getLayer();
                Layer wrapper = random.nextBoolean() ? new FrozenLayer(layer) : new FrozenLayerWithBackprop(layer);
                wrapper.setLayerName(layer.getLayerName());
                vertex.getLayerConf().setLayer(wrapper);
            } else {
                entry.setValue(new FrozenVertex(entry.getValue()));
            }
        }
        ComputationGraph result = new ComputationGraph(configuration);
        result.init(model.params().dup(), false);
        return result;
    }
}
