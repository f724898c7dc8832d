package org.growingnn.dl4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.deeplearning4j.datasets.iterator.utilty.ListDataSetIterator;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.growingnn.dl4j.action.Actions;
import org.growingnn.dl4j.data.Position;
import org.growingnn.dl4j.data.TrainingData;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.metric.Metrics;
import org.growingnn.dl4j.run.RunEvent;
import org.growingnn.dl4j.score.Score;
import org.growingnn.dl4j.search.Cancellation;
import org.growingnn.dl4j.search.GreedySearch;
import org.growingnn.dl4j.training.LiveModel;
import org.growingnn.dl4j.training.Quality;
import org.growingnn.dl4j.training.SimulationSettings;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.MultiDataSet;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.lossfunctions.LossFunctions;

/** What a run sees of its data, and how it measures models on series. */
class RunDataTest {

    @Test
    void epochs_of_few_batches_go_on_where_the_previous_one_ended() {
        List<Position> positions = new ArrayList<>();
        StructureOptimizer.builder()
                .epochsPerGeneration(1)
                .train(TestData.clouds(400, 20, 1))
                .validation(TestData.clouds(100, 50, 2))
                .generations(8)
                .batchesPerEpoch(3)
                .recoveryEpochs(0)
                .maxDrop(1)
                .actions(Actions.neurons().remove(0.1).add())
                .search(GreedySearch.create().maxEvaluations(2))
                .simulation(new SimulationSettings(40, 0.5, 1, 10))
                .listener(event -> {
                    if (event instanceof RunEvent.StateReached reached
                            && !positions.contains(reached.state().position())) {
                        positions.add(reached.state().position());
                    }
                })
                .build()
                .optimize(TestData.trainedGraph());
        assertThat(positions).hasSize(9).startsWith(Position.START, new Position(0, 3), new Position(0, 6));
        assertThat(positions.get(8)).isEqualTo(new Position(1, 4));
    }

    /** Reads as training does, a few batches at a time, with another reader in between. */
    @Test
    void training_sees_all_batches_although_others_read_the_same_iterator_meanwhile() {
        DataSet all = TestData.cloud(400, 1);
        DataSetIterator iterator = new ListDataSetIterator<>(all.asList(), 20);
        TrainingData data = TrainingData.of(iterator);
        Set<String> seen = new HashSet<>();
        Position position = Position.START;
        for (int generation = 0; generation < 7; generation++) {
            var stream = data.stream(position);
            for (int batch = 0; batch < 3; batch++) {
                seen.add(stream.next().getFeatures(0).toString());
                data.iterator().next();
            }
            position = stream.position();
        }
        assertThat(seen).hasSize(20);
    }

    private static final int STEPS = 9;

    /** The class of a step is the position of the largest of three inputs. */
    private static DataSet series(int examples, RNNFormat format, long seed) {
        Random random = new Random(seed);
        INDArray features = Nd4j.create(examples, 3, STEPS);
        INDArray labels = Nd4j.create(examples, 3, STEPS);
        for (int i = 0; i < examples; i++) {
            for (int t = 0; t < STEPS; t++) {
                int label = random.nextInt(3);
                for (int k = 0; k < 3; k++) {
                    features.putScalar(i, k, t, random.nextDouble() + (k == label ? 1 : 0));
                }
                labels.putScalar(new int[] {i, label, t}, 1);
            }
        }
        return format == RNNFormat.NCW
                ? new DataSet(features, labels)
                : new DataSet(
                        features.permute(0, 2, 1).dup('c'),
                        labels.permute(0, 2, 1).dup('c'));
    }

    private static MultiLayerNetwork seriesNetwork(RNNFormat format) {
        MultiLayerNetwork model = new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                .seed(3)
                .updater(new Adam(0.02))
                .list()
                .layer(new LSTM.Builder().nOut(10).dataFormat(format).build())
                .layer(new RnnOutputLayer.Builder()
                        .nOut(3)
                        .activation(Activation.SOFTMAX)
                        .dataFormat(format)
                        .build())
                .setInputType(InputType.recurrent(3, STEPS, format))
                .build());
        model.init();
        return model;
    }

    private static Quality quality(NetworkGraph network, DataSet data) {
        try (LiveModel model = LiveModel.of(network)) {
            return model.measure(List.of(data.toMultiDataSet()), Metrics.accuracy(), true, false, Cancellation.never());
        }
    }

    @Test
    void series_of_either_format_are_graded_by_their_steps() {
        for (RNNFormat format : RNNFormat.values()) {
            MultiLayerNetwork model = seriesNetwork(format);
            DataSet data = series(60, format, 1);
            Quality untrained = quality(Dl4jGraphs.read(model), data);
            // An untrained network gives each of three classes about a third.
            assertThat(Math.exp(-untrained.loss())).as("%s", format).isCloseTo(1 / 3.0, within(0.05));
            for (int step = 0; step < 150; step++) {
                model.fit(data);
            }
            Quality trained = quality(Dl4jGraphs.read(model), data);
            INDArray output = model.output(data.getFeatures());
            int axis = format == RNNFormat.NCW ? 1 : 2;
            double expected = output.argMax(axis)
                    .eq(data.getLabels().argMax(axis))
                    .castTo(Nd4j.dataType())
                    .meanNumber()
                    .doubleValue();
            assertThat(expected).isGreaterThan(0.95);
            assertThat(trained.metric().value()).as("%s", format).isCloseTo(expected, within(1e-6));
            double right = 0;
            INDArray likelihoods = output.mul(data.getLabels()).sum(axis);
            for (double likelihood : likelihoods.reshape(likelihoods.length()).toDoubleVector()) {
                right += Math.log(likelihood) / likelihoods.length();
            }
            assertThat(trained.loss()).as("%s", format).isCloseTo(-right, within(1e-4));
        }
    }

    /** Which of the losses of single examples DL4J gets right differs from layer to layer; their mean is what training sees. */
    @Test
    void the_loss_and_its_error_are_those_of_single_examples() {
        for (RNNFormat format : RNNFormat.values()) {
            DataSet data = series(40, format, 5);
            assertLoss(Dl4jGraphs.read(seriesNetwork(format)), data, STEPS);
        }
        assertLoss(Dl4jGraphs.read(TestData.trainedGraph()), TestData.cloud(40, 4), 1);
    }

    private static void assertLoss(NetworkGraph network, DataSet data, int predictionsPerExample) {
        Quality quality = quality(network, data);
        double[] losses = new double[data.numExamples()];
        double mean = 0;
        ComputationGraph model = Dl4jGraphs.toComputationGraph(network);
        for (int i = 0; i < losses.length; i++) {
            losses[i] = model.score(data.get(i), false) / predictionsPerExample;
            mean += losses[i] / losses.length;
        }
        double variance = 0;
        for (double loss : losses) {
            variance += (loss - mean) * (loss - mean) / (losses.length - 1);
        }
        assertThat(quality.loss()).isCloseTo(mean, within(1e-5));
        assertThat(quality.lossError()).isCloseTo(Math.sqrt(variance / losses.length), within(1e-5));
    }

    @Test
    void masked_steps_do_not_count() {
        MultiLayerNetwork model = seriesNetwork(RNNFormat.NCW);
        DataSet data = series(20, RNNFormat.NCW, 1);
        INDArray mask = Nd4j.ones(20, STEPS);
        for (int i = 0; i < 20; i++) {
            for (int t = 4 + i % 4; t < STEPS; t++) {
                mask.putScalar(i, t, 0);
            }
        }
        NetworkGraph network = Dl4jGraphs.read(model);
        DataSet masked = new DataSet(data.getFeatures(), data.getLabels(), mask, mask);
        DataSet otherwise = new DataSet(data.getFeatures(), data.getLabels().dup(), mask, mask);
        otherwise
                .getLabels()
                .get(
                        org.nd4j.linalg.indexing.NDArrayIndex.all(),
                        org.nd4j.linalg.indexing.NDArrayIndex.all(),
                        org.nd4j.linalg.indexing.NDArrayIndex.point(STEPS - 1))
                .assign(1 / 3.0);
        assertThat(quality(network, masked).loss())
                .isCloseTo(Math.log(3), within(0.1))
                .isCloseTo(quality(network, otherwise).loss(), within(1e-6));
    }

    /** DL4J shapes series by the number of examples that it trained on last. */
    @Test
    void batches_of_other_sizes_than_those_trained_on_are_measured_rightly() {
        MultiLayerNetwork chain = new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                .seed(3)
                .updater(new Adam(0.01))
                .list()
                .layer(new LSTM.Builder().nOut(12).build())
                .layer(new DenseLayer.Builder()
                        .nOut(8)
                        .activation(Activation.TANH)
                        .build())
                .layer(new LSTM.Builder().nOut(10).build())
                .layer(new RnnOutputLayer.Builder()
                        .nOut(3)
                        .activation(Activation.SOFTMAX)
                        .build())
                .setInputType(InputType.recurrent(3, STEPS))
                .build());
        chain.init();
        DataSet training = series(72, RNNFormat.NCW, 1);
        for (int epoch = 0; epoch < 40; epoch++) {
            chain.fit(training);
        }
        ComputationGraph model = Dl4jGraphs.toComputationGraph(Dl4jGraphs.read(chain));
        DataSet validation = series(30, RNNFormat.NCW, 2);
        double expected = Dl4jGraphs.toComputationGraph(Dl4jGraphs.read(model))
                .evaluate(new ListDataSetIterator<>(List.of(validation), 30))
                .accuracy();
        OptimizationResult result = StructureOptimizer.builder()
                .epochsPerGeneration(1)
                .train(new ListDataSetIterator<>(training.asList(), 24))
                .validation(new ListDataSetIterator<>(validation.asList(), 30))
                .generations(2)
                .score(Score.accuracy(1).relativeParameters(0.3))
                .actions(Actions.neurons().remove(0.1, 0.5).add())
                .search(GreedySearch.create())
                .simulation(new SimulationSettings(48, 0.5, 2, 12))
                .seed(5)
                .build()
                .optimize(model);
        assertThat(result.history().get(0).validationMetric()).isCloseTo(expected, within(1e-6));
        double returned = result.graph()
                .evaluate(new ListDataSetIterator<>(List.of(validation), 30))
                .accuracy();
        assertThat(returned).isGreaterThan(expected - 0.021);
        assertThat(result.history())
                .extracting(generation -> generation.rejection())
                .allMatch(r -> r.isEmpty() || !r.get().contains("cannot"));
    }

    private static MultiDataSet batch(DataSet data) {
        return data.toMultiDataSet();
    }

    @Test
    void predictions_that_are_no_numbers_are_told_and_not_thrown() {
        ComputationGraph model = TestData.trainedGraph();
        model.getParam("layer1_W").putScalar(0, Double.NaN);
        try (LiveModel live = LiveModel.of(Dl4jGraphs.read(model))) {
            Quality quality = live.measure(
                    List.of(batch(TestData.cloud(30, 1))), Metrics.accuracy(), true, false, Cancellation.never());
            assertThat(quality.finite()).isFalse();
            assertThat(quality.metric().measured()).isFalse();
        }
    }

    /** Without an error of the loss nothing is a tie, and the least chance gain makes a regression grow. */
    @Test
    void a_regression_does_not_grow_for_gains_that_are_chance() {
        Random random = new Random(5);
        INDArray features = Nd4j.create(300, 4);
        INDArray labels = Nd4j.create(300, 1);
        for (int i = 0; i < 300; i++) {
            double sum = 0;
            for (int k = 0; k < 4; k++) {
                double x = random.nextGaussian();
                features.putScalar(i, k, x);
                sum += (k + 1) * x / 5;
            }
            labels.putScalar(i, 0, 0.5 + 0.1 * Math.tanh(sum + 0.3 * random.nextGaussian()));
        }
        MultiLayerNetwork model = new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                .seed(3)
                .updater(new Adam(0.01))
                .list()
                .layer(new DenseLayer.Builder()
                        .nOut(20)
                        .activation(Activation.RELU)
                        .build())
                .layer(new OutputLayer.Builder(LossFunctions.LossFunction.MSE)
                        .nOut(1)
                        .activation(Activation.IDENTITY)
                        .build())
                .setInputType(InputType.feedForward(4))
                .build());
        model.init();
        DataSetIterator data = new ListDataSetIterator<>(new DataSet(features, labels).asList(), 30);
        for (int epoch = 0; epoch < 30; epoch++) {
            model.fit(data);
        }
        List<Double> errors = new ArrayList<>();
        OptimizationResult result = StructureOptimizer.builder()
                .epochsPerGeneration(1)
                .train(data)
                .generations(5)
                .maxDrop(1)
                .score(Score.accuracy(0).likelihood(1))
                .search(GreedySearch.create())
                .simulation(new SimulationSettings(100, 0.5, 2, 10))
                .listener(event -> {
                    if (event instanceof RunEvent.CandidateEvaluated evaluated) {
                        errors.add(
                                evaluated.candidate().evaluation().orElseThrow().standardError());
                    }
                })
                .build()
                .optimize(model);
        assertThat(errors).isNotEmpty().allMatch(error -> error > 0);
        assertThat(result.parameters()).isLessThanOrEqualTo(result.initialParameters());
    }
}
