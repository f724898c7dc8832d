package org.growingnn.dl4j.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.SplittableRandom;
import org.deeplearning4j.datasets.iterator.IteratorMultiDataSetIterator;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.growingnn.dl4j.action.RemoveNeurons;
import org.growingnn.dl4j.adapter.ModelReader;
import org.growingnn.dl4j.adapter.ModelWriter;
import org.growingnn.dl4j.data.Examples;
import org.growingnn.dl4j.data.TrainingData;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.metric.Metrics;
import org.growingnn.dl4j.metric.Reading;
import org.growingnn.dl4j.projection.Projections;
import org.growingnn.dl4j.score.Score;
import org.growingnn.dl4j.search.Cancellation;
import org.growingnn.dl4j.search.CancelledException;
import org.growingnn.dl4j.search.Failure;
import org.growingnn.dl4j.search.Grade;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;

class CandidateEvaluatorTest {

    private final NetworkGraph network = network();

    private static NetworkGraph network() {
        return network(0);
    }

    private static NetworkGraph network(double l2) {
        MultiLayerNetwork model = new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                .seed(3)
                .updater(new Adam(0.02))
                .dropOut(0.8)
                .l2(l2)
                .list()
                .layer(new DenseLayer.Builder()
                        .nIn(2)
                        .nOut(12)
                        .activation(Activation.RELU)
                        .build())
                .layer(new OutputLayer.Builder().nIn(12).nOut(2).build())
                .build());
        model.init();
        return ModelReader.read(model, List.of());
    }

    /** Opposite quadrants are one class; as many examples of either. */
    private static TrainingData data() {
        SplittableRandom random = new SplittableRandom(1);
        INDArray features = Nd4j.create(200, 2);
        INDArray labels = Nd4j.create(200, 2);
        for (int i = 0; i < 200; i++) {
            double x = random.nextDouble(-1, 1);
            double y = Math.copySign(random.nextDouble(), i % 2 == 0 ? x : -x);
            features.putScalar(i, 0, x);
            features.putScalar(i, 1, y);
            labels.putScalar(i, i % 2, 1);
        }
        MultiDataSet all = new org.nd4j.linalg.dataset.MultiDataSet(features, labels);
        return TrainingData.of(List.of(all));
    }

    /** Evaluates candidates of which a grade is expected. */
    private record Grader(CandidateEvaluator evaluator) {

        Grade evaluate(NetworkGraph candidate, long seed, Cancellation cancellation) {
            return evaluator.evaluate(candidate, seed, cancellation).orElseThrow();
        }

        OptionalDouble preview(NetworkGraph candidate) {
            return evaluator.preview(candidate, Cancellation.never());
        }
    }

    private Grader evaluator(int epochs, Score score) {
        return new Grader(new CandidateEvaluator(
                data(),
                new SimulationSettings(200, 0.5, epochs, 20),
                score,
                network,
                OptionalDouble.empty(),
                Metrics.accuracy(),
                Reading.NONE,
                5));
    }

    private Grader evaluator(double gradingShare, int epochs, OptionalDouble learningRate) {
        return new Grader(new CandidateEvaluator(
                data(),
                new SimulationSettings(200, gradingShare, epochs, 20),
                Score.accuracy(1),
                network,
                learningRate,
                Metrics.accuracy(),
                Reading.NONE,
                5));
    }

    @Test
    void a_preview_is_the_grade_without_training() {
        Score score = Score.accuracy(1).relativeParameters(0.5);
        NetworkGraph half = new RemoveNeurons("layer0", 0.5, 1).apply(network, Projections.pseudoInverse());
        double preview = evaluator(10, score).preview(half).orElseThrow();
        assertThat(preview)
                .isEqualTo(evaluator(0, score)
                        .evaluate(half, 1, Cancellation.never())
                        .score());
        assertThat(preview)
                .isNotEqualTo(evaluator(10, score)
                        .evaluate(half, 1, Cancellation.never())
                        .score());
    }

    @Test
    void a_candidate_that_training_harms_has_the_grade_from_before_and_goes_on_trained() {
        NetworkGraph able = evaluator(20, Score.accuracy(1))
                .evaluate(network, 1, Cancellation.never())
                .trained();
        double before = evaluator(0, Score.accuracy(1))
                .evaluate(able, 1, Cancellation.never())
                .score();
        // Large enough to destroy what was learned, small enough not to diverge.
        OptionalDouble rate = OptionalDouble.of(3);
        Grade evaluation = evaluator(0.5, 1, rate).evaluate(able, 1, Cancellation.never());
        assertThat(before).isGreaterThan(0.9);
        assertThat(evaluation.score()).isEqualTo(before);
        assertThat(parameters(evaluation)).isNotEqualTo(parameters(able));
        assertThat(evaluator(0, Score.accuracy(1))
                        .evaluate(evaluation.trained(), 1, Cancellation.never())
                        .score())
                .isLessThan(0.9);
        // Those that are graded on what they were trained on show what the training did.
        assertThat(evaluator(0, 1, rate).evaluate(able, 1, Cancellation.never()).score())
                .isLessThan(0.9);
    }

    @Test
    void a_candidate_that_diverges_has_no_grade_but_a_reason() {
        assertThat(evaluator(0.5, 2, OptionalDouble.of(1e30)).evaluator().evaluate(network, 1, Cancellation.never()))
                .isInstanceOfSatisfying(
                        Failure.class, failure -> assertThat(failure.reason()).contains("diverged"));
    }

    @Test
    void a_candidate_that_training_helps_is_graded_afterwards() {
        double before = evaluator(0, Score.accuracy(1))
                .evaluate(network, 1, Cancellation.never())
                .score();
        Grade evaluation = evaluator(20, Score.accuracy(1)).evaluate(network, 1, Cancellation.never());
        assertThat(evaluation.score()).isGreaterThan(before + 0.2);
        assertThat(evaluation.score())
                .isEqualTo(evaluator(0, Score.accuracy(1))
                        .evaluate(evaluation.trained(), 1, Cancellation.never())
                        .score());
    }

    @Test
    void likelihood_is_the_geometric_mean_of_the_right_classes_probabilities_whatever_penalty_weights_have() {
        MultiDataSet all = data().iterator().next();
        INDArray right = ModelWriter.toComputationGraph(network)
                .outputSingle(all.getFeatures(0))
                .mul(all.getLabels(0))
                .sum(1);
        double mean = 0;
        for (double probability : right.toDoubleVector()) {
            mean += Math.log(probability) / right.length();
        }
        for (double l2 : new double[] {0, 0.1}) {
            double grade = new Grader(new CandidateEvaluator(
                            data(),
                            SimulationSettings.untrained(200),
                            Score.accuracy(0).likelihood(1),
                            network,
                            OptionalDouble.empty(),
                            Metrics.accuracy(),
                            Reading.NONE,
                            5))
                    .evaluate(network(l2), 1, Cancellation.never())
                    .score();
            assertThat(grade).as("l2 " + l2).isCloseTo(Math.exp(mean), within(1e-5));
        }
    }

    @Test
    void untrained_candidates_are_graded_on_all_samples_and_stay_as_they_are() {
        NetworkGraph half = new RemoveNeurons("layer0", 0.5, 1).apply(network, Projections.pseudoInverse());
        Grade evaluation = new Grader(new CandidateEvaluator(
                        data(),
                        SimulationSettings.untrained(200),
                        Score.accuracy(1),
                        network,
                        OptionalDouble.empty(),
                        Metrics.accuracy(),
                        Reading.NONE,
                        5))
                .evaluate(half, 1, Cancellation.never());
        assertThat(evaluation.score())
                .isEqualTo(ModelWriter.toComputationGraph(half)
                        .evaluate(new IteratorMultiDataSetIterator(data().iterator(), 200))
                        .accuracy());
        assertThat(evaluation.trained().vertex("layer0").parameters())
                .isEqualTo(half.vertex("layer0").parameters());
    }

    @Test
    void a_training_without_end_ends_when_its_time_is_up() {
        Cancellation cancellation = Cancellation.never().withDeadline(Duration.ofMillis(300));
        Grader evaluator = evaluator(1_000_000_000, Score.accuracy(1));
        assertThatThrownBy(() -> evaluator.evaluate(network, 1, cancellation))
                .isInstanceOf(CancelledException.class)
                .hasMessageContaining("PT0.3S");
    }

    @Test
    void what_is_cancelled_beforehand_is_not_begun() {
        Cancellation cancellation = new Cancellation();
        cancellation.cancel("enough");
        assertThatThrownBy(() -> evaluator(0, Score.accuracy(1)).evaluate(network, 1, cancellation))
                .isInstanceOf(CancelledException.class)
                .hasMessage("enough");
    }

    @Test
    void a_preview_is_cancelled_like_an_evaluation() {
        Cancellation cancellation = new Cancellation();
        cancellation.cancel("enough");
        assertThatThrownBy(() -> evaluator(0, Score.accuracy(1)).evaluator().preview(network, cancellation))
                .isInstanceOf(CancelledException.class)
                .hasMessage("enough");
    }

    @Test
    void a_preview_that_is_under_way_looks_at_no_further_batch_once_it_is_cancelled() {
        Cancellation cancellation = new Cancellation();
        List<Integer> seen = new ArrayList<>();
        List<MultiDataSet> batches = new ArrayList<>();
        for (MultiDataSet batch : Examples.batches(List.of(data().iterator().next()), 20)) {
            int number = batches.size();
            batches.add(new org.nd4j.linalg.dataset.MultiDataSet(batch.getFeatures(), batch.getLabels()) {
                @Override
                public INDArray[] getFeatures() {
                    if (!seen.contains(number)) {
                        seen.add(number);
                    }
                    if (number == 1) {
                        cancellation.cancel("enough");
                    }
                    return super.getFeatures();
                }
            });
        }
        SimulationSet set = new SimulationSet(batches, batches, false);
        CandidateEvaluator evaluator = new CandidateEvaluator(
                set,
                SimulationSettings.untrained(200),
                Score.accuracy(1),
                network,
                OptionalDouble.empty(),
                Metrics.accuracy(),
                Reading.NONE);
        assertThatThrownBy(() -> evaluator.preview(network, cancellation)).isInstanceOf(CancelledException.class);
        assertThat(seen).containsExactly(0, 1);
    }

    @Test
    void equal_seeds_drop_the_same_units() {
        Grader evaluator = evaluator(3, Score.accuracy(1));
        assertThat(parameters(evaluator.evaluate(network, 1, Cancellation.never())))
                .isEqualTo(parameters(evaluator.evaluate(network, 1, Cancellation.never())))
                .isNotEqualTo(parameters(evaluator.evaluate(network, 2, Cancellation.never())));
    }

    private static double[] parameters(Grade evaluation) {
        return parameters(evaluation.trained());
    }

    private static double[] parameters(NetworkGraph network) {
        return network.vertex("layer0").parameters().get("W").value().toDoubles();
    }

    @Test
    void the_standard_error_is_the_binomial_one_weighted_like_the_accuracy() {
        Grade plain = evaluator(0, Score.accuracy(1)).evaluate(network, 1, Cancellation.never());
        double share = (plain.score() * 100 + 1) / 102;
        assertThat(plain.standardError()).isCloseTo(Math.sqrt(share * (1 - share) / 102), within(1e-12));
        Grade mixed = evaluator(0, Score.accuracy(1).relativeParameters(3)).evaluate(network, 1, Cancellation.never());
        assertThat(mixed.standardError()).isCloseTo(plain.standardError() / 4, within(1e-12));
        Grade sizeOnly =
                evaluator(0, Score.accuracy(0).relativeParameters(1)).evaluate(network, 1, Cancellation.never());
        assertThat(sizeOnly.standardError()).isZero();
    }
}
