package org.growingnn.dl4j.spark;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.stream.IntStream;
import org.deeplearning4j.datasets.iterator.utilty.ListDataSetIterator;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.growingnn.dl4j.OptimizationResult;
import org.growingnn.dl4j.StructureOptimizer;
import org.growingnn.dl4j.action.Actions;
import org.growingnn.dl4j.action.RemoveNeurons;
import org.growingnn.dl4j.adapter.ModelReader;
import org.growingnn.dl4j.adapter.ModelWriter;
import org.growingnn.dl4j.graph.ContentHash;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.metric.Metrics;
import org.growingnn.dl4j.metric.Reading;
import org.growingnn.dl4j.projection.Projections;
import org.growingnn.dl4j.score.Score;
import org.growingnn.dl4j.search.Cancellation;
import org.growingnn.dl4j.search.Candidate;
import org.growingnn.dl4j.search.CandidateExecutor;
import org.growingnn.dl4j.search.Evaluated;
import org.growingnn.dl4j.search.Evaluator;
import org.growingnn.dl4j.search.Grade;
import org.growingnn.dl4j.search.ThreadExecutor;
import org.growingnn.dl4j.testing.Models;
import org.growingnn.dl4j.training.BlasThreads;
import org.growingnn.dl4j.training.CandidateEvaluator;
import org.growingnn.dl4j.training.SimulationSet;
import org.growingnn.dl4j.training.SimulationSettings;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;

/** Small networks, data and runs that are the same in every process. */
final class SparkTasks {

    static final int EXAMPLES = 40;
    private static final int CLASSES = 4;
    private static final int SIDE = 8;

    private SparkTasks() {}

    /** Images of noise, in which a quarter that is brighter tells the class. */
    static MultiDataSet images(int count, long seed) {
        INDArray features = Nd4j.rand(Nd4j.getRandomFactory().getNewRandomInstance(seed), count, 2, SIDE, SIDE);
        INDArray labels = Nd4j.zeros(count, CLASSES);
        for (int i = 0; i < count; i++) {
            int label = i % CLASSES;
            labels.putScalar(i, label, 1);
            for (int y = 0; y < SIDE / 2; y++) {
                for (int x = 0; x < SIDE / 2; x++) {
                    int[] place = {i, 0, y + label / 2 * SIDE / 2, x + label % 2 * SIDE / 2};
                    features.putScalar(place, features.getDouble(place) + 0.5);
                }
            }
        }
        return new MultiDataSet(features, labels);
    }

    static MultiLayerNetwork model() {
        MultiLayerNetwork model = new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                .seed(1)
                .updater(new Adam(0.01))
                .activation(Activation.RELU)
                .list()
                .layer(new ConvolutionLayer.Builder(3, 3).nOut(6).build())
                .layer(new BatchNormalization())
                .layer(new ConvolutionLayer.Builder(3, 3)
                        .nOut(8)
                        .stride(2, 2)
                        .dropOut(0.8)
                        .build())
                .layer(new DenseLayer.Builder().nOut(16).dropOut(0.6).build())
                .layer(new OutputLayer.Builder()
                        .nOut(CLASSES)
                        .activation(Activation.SOFTMAX)
                        .build())
                .setInputType(InputType.convolutional(SIDE, SIDE, 2))
                .build());
        model.init();
        Models.fit(model, images(EXAMPLES, 3), 3);
        return model;
    }

    static NetworkGraph network() {
        return ModelReader.read(model(), List.of(InputType.convolutional(SIDE, SIDE, 2)));
    }

    static CandidateEvaluator evaluator(NetworkGraph initial, int epochs, Score score) {
        MultiDataSet examples = images(EXAMPLES, 5);
        return new CandidateEvaluator(
                new SimulationSet(List.of(examples, examples), List.of(examples), true),
                new SimulationSettings(2 * EXAMPLES, 0.5, epochs, EXAMPLES),
                score,
                initial,
                OptionalDouble.empty(),
                Metrics.accuracy(),
                Reading.NONE);
    }

    static List<Candidate> candidates(NetworkGraph root, int count) {
        List<String> layers = root.spaces().stream()
                .filter(space -> space.frozen().isEmpty())
                .map(space -> space.name())
                .toList();
        return IntStream.range(0, count)
                .mapToObj(i -> Candidate.root(root)
                        .then(
                                new RemoveNeurons(layers.get(i % layers.size()), (i + 1.0) / (count + 2), 1),
                                Projections.importance()))
                .toList();
    }

    static List<Evaluated> evaluated(CandidateExecutor executor, Evaluator evaluator, List<Candidate> candidates) {
        List<Evaluated> received = new ArrayList<>();
        executor.evaluate(evaluator, candidates, 5, Cancellation.never(), received::add);
        return received;
    }

    @SuppressWarnings("try") // The lease is only held.
    static List<Evaluated> onThreads(Evaluator evaluator, List<Candidate> candidates) {
        try (BlasThreads single = BlasThreads.single();
                ThreadExecutor threads = new ThreadExecutor(2)) {
            return evaluated(threads, evaluator, candidates);
        }
    }

    static void assertSame(List<Evaluated> actual, List<Evaluated> expected) {
        assertThat(actual).hasSameSizeAs(expected);
        for (int i = 0; i < actual.size(); i++) {
            assertThat(actual.get(i).candidate()).isSameAs(expected.get(i).candidate());
            Grade there = actual.get(i).evaluation().orElseThrow();
            Grade here = expected.get(i).evaluation().orElseThrow();
            assertThat(there.score()).isEqualTo(here.score());
            assertThat(there.standardError()).isEqualTo(here.standardError());
            assertThat(Models.state(ModelWriter.toComputationGraph(there.trained())))
                    .isEqualTo(Models.state(ModelWriter.toComputationGraph(here.trained())));
        }
    }

    static DataSetIterator iterator(int count, long seed) {
        MultiDataSet images = images(count, seed);
        return new ListDataSetIterator<>(new DataSet(images.getFeatures(0), images.getLabels(0)).asList(), 20);
    }

    /** A run of some seconds. */
    static StructureOptimizer.Builder optimizer() {
        return StructureOptimizer.builder()
                .train(iterator(100, 7))
                .validation(iterator(40, 8))
                .generations(2)
                .epochsPerGeneration(1)
                .fineTuneEpochs(1)
                .maxDrop(0.5)
                .actions(Actions.neurons().remove(0.1, 0.5))
                .simulation(new SimulationSettings(60, 0.5, 2, 10))
                .deterministic()
                .seed(5);
    }

    /** All that a run has found. */
    static String found(OptimizationResult result) {
        return result.actions() + " " + ContentHash.of(result.network());
    }
}
