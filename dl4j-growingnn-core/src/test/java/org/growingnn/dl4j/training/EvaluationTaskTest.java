package org.growingnn.dl4j.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.growingnn.dl4j.action.Actions;
import org.growingnn.dl4j.action.RemoveInputs;
import org.growingnn.dl4j.action.StructuralAction;
import org.growingnn.dl4j.adapter.AdapterRegistry;
import org.growingnn.dl4j.adapter.ConfigurationAdapter;
import org.growingnn.dl4j.adapter.ModelReader;
import org.growingnn.dl4j.adapter.ModelWriter;
import org.growingnn.dl4j.adapter.NetworkBytes;
import org.growingnn.dl4j.data.TrainingData;
import org.growingnn.dl4j.graph.Cost;
import org.growingnn.dl4j.graph.LatencyTable;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.graph.Propagation;
import org.growingnn.dl4j.graph.Signal;
import org.growingnn.dl4j.metric.Metric;
import org.growingnn.dl4j.metric.Metrics;
import org.growingnn.dl4j.metric.Reading;
import org.growingnn.dl4j.metric.Scale;
import org.growingnn.dl4j.projection.Projections;
import org.growingnn.dl4j.score.Measurement;
import org.growingnn.dl4j.score.Score;
import org.growingnn.dl4j.score.ScoreTerm;
import org.growingnn.dl4j.search.Cancellation;
import org.growingnn.dl4j.search.CancelledException;
import org.growingnn.dl4j.search.Evaluation;
import org.growingnn.dl4j.search.Failure;
import org.growingnn.dl4j.search.Grade;
import org.growingnn.dl4j.testing.Models;
import org.growingnn.dl4j.testing.RandomNetwork;
import org.growingnn.dl4j.testing.RandomNetworks;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.evaluation.regression.RegressionEvaluation;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;

/** What goes through bytes comes out as if it had stayed. */
class EvaluationTaskTest {

    private static final Cancellation NEVER = Cancellation.never();

    private static CandidateEvaluator evaluator(
            NetworkGraph initial, MultiDataSet batch, int epochs, Score score, Metric metric) {
        return new CandidateEvaluator(
                new SimulationSet(List.of(batch, batch), List.of(batch), true),
                new SimulationSettings(8, 0.5, epochs, 4),
                score,
                initial,
                OptionalDouble.empty(),
                metric,
                Reading.of(1, 0, Scale.LOWER));
    }

    private static void assertSameThroughBytes(CandidateEvaluator evaluator, NetworkGraph candidate, String what) {
        EvaluationTask there =
                EvaluationTask.fromBytes(EvaluationTask.of(evaluator).toBytes());
        Evaluation expected = evaluated(evaluator, candidate);
        Evaluation actual =
                EvaluationTask.evaluated(candidate, there.answer(EvaluationTask.evaluation(candidate, 5), NEVER));
        if (expected instanceof Failure) {
            assertThat(actual).as(what).isEqualTo(expected);
            return;
        }
        Grade here = expected.orElseThrow();
        Grade returned = actual.orElseThrow();
        assertThat(returned.score()).as(what).isEqualTo(here.score());
        assertThat(returned.standardError()).as(what).isEqualTo(here.standardError());
        assertThat(returned.trained().origin())
                .as(what)
                .isEqualTo(here.trained().origin());
        assertThat(returned.trained().origin().latencies())
                .as(what)
                .isEqualTo(here.trained().origin().latencies());
        assertThat(returned.trained().lineage())
                .as(what)
                .isEqualTo(here.trained().lineage());
        assertThat(returned.trained().calibration().isPresent())
                .as(what)
                .isEqualTo(candidate.calibration().isPresent());
        candidate
                .calibration()
                .ifPresent(known ->
                        assertThat(returned.trained().calibration()).as(what).containsSame(known));
        // Models rather than graphs, because a graph's own comparison might leave out what its bytes leave out.
        assertThat(Models.state(ModelWriter.toComputationGraph(returned.trained())))
                .as(what)
                .isEqualTo(Models.state(ModelWriter.toComputationGraph(here.trained())));
        assertThat(EvaluationTask.previewed(there.answer(EvaluationTask.preview(candidate), NEVER)))
                .as(what)
                .isEqualTo(evaluator.preview(candidate, NEVER));
    }

    /** As threads do. */
    private static Evaluation evaluated(CandidateEvaluator evaluator, NetworkGraph candidate) {
        try {
            return evaluator.evaluate(candidate, 5, NEVER);
        } catch (ModelFailure e) {
            return Failure.of(e);
        }
    }

    static IntStream seeds() {
        return IntStream.rangeClosed(1, 4);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void random_networks_of_all_kinds_and_what_actions_make_of_them_train_to_the_same_bits(int seed) {
        RandomNetwork network = seed % 3 == 0 ? RandomNetworks.chain(seed) : RandomNetworks.graph(seed);
        NetworkGraph root =
                new Calibrator(1, 512).calibrate(network.read(), TrainingData.of(List.of(network.batch(1))));
        CandidateEvaluator evaluator =
                evaluator(root, network.batch(2), 2, Score.metric(1).loss(0.5).relativeParameters(1), Metrics.loss());
        assertSameThroughBytes(evaluator, root, "root");
        List<StructuralAction> actions;
        try (Stream<StructuralAction> all = Actions.all().generate(root)) {
            actions = all.toList();
        }
        for (int i = 0; i < actions.size(); i += Math.max(1, actions.size() / 3)) {
            assertSameThroughBytes(
                    evaluator,
                    actions.get(i).apply(root, Projections.replication()),
                    actions.get(i).toString());
        }
    }

    private static NetworkGraph dense() {
        MultiLayerNetwork model = new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                .seed(3)
                .updater(new Adam(0.02))
                .dropOut(0.8)
                .list()
                .layer(new DenseLayer.Builder()
                        .nIn(6)
                        .nOut(12)
                        .activation(Activation.RELU)
                        .build())
                .layer(new OutputLayer.Builder().nIn(12).nOut(2).build())
                .build());
        model.init();
        return ModelReader.read(model, List.of(InputType.feedForward(6)));
    }

    private static MultiDataSet batch() {
        INDArray labels = Nd4j.zeros(20, 2);
        IntStream.range(0, 20).forEach(i -> labels.putScalar(i, i % 2, 1));
        return new MultiDataSet(Nd4j.rand(20, 6), labels);
    }

    @Test
    void selected_features_latencies_and_costs_arrive() {
        NetworkGraph untimed = dense();
        NetworkGraph root = untimed.with(untimed.origin()
                .withLatencies(new LatencyTable(
                                20,
                                1000,
                                untimed.order().stream()
                                        .map(name -> new LatencyTable.Layer(name, 100, 10, 1.1, 0.3))
                                        .toList())
                        .withKinds(untimed)));
        CandidateEvaluator evaluator = evaluator(
                root, batch(), 1, Score.metric(1).latency(1).macs(1).and(new FileSize(), 1), Metrics.accuracy());
        NetworkGraph fewer =
                new RemoveInputs(root.inputs().get(0).name(), 0.5, 1).apply(root, Projections.importance());
        assertThat(fewer.vertices()).hasSizeGreaterThan(root.vertices().size());
        assertSameThroughBytes(evaluator, fewer, "selection");
    }

    /** A term of a program's own that travels, since it holds nothing else than numbers. */
    private record FileSize() implements ScoreTerm {

        @Override
        public String name() {
            return "file size";
        }

        @Override
        public double grade(Measurement measurement) {
            return 1.0 / measurement.costs().of(Cost.FILE_SIZE).getAsLong();
        }

        @Override
        public Set<Cost> costs() {
            return Set.of(Cost.FILE_SIZE);
        }
    }

    @Test
    void masks_of_series_arrive_also_where_some_are_missing() {
        MultiLayerNetwork model = new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                .updater(new Adam(0.02))
                .list()
                .layer(new LSTM.Builder().nIn(3).nOut(5).build())
                .layer(new RnnOutputLayer.Builder()
                        .nIn(5)
                        .nOut(2)
                        .activation(Activation.SOFTMAX)
                        .build())
                .build());
        model.init();
        NetworkGraph root = ModelReader.read(model, List.of(InputType.recurrent(3, 4)));
        INDArray labels = Nd4j.zeros(4, 2, 4);
        for (int step = 0; step < 4; step++) {
            for (int example = 0; example < 4; example++) {
                labels.putScalar(example, (example + step) % 2, step, 1);
            }
        }
        INDArray mask = Nd4j.ones(4, 4);
        mask.putScalar(1, 3, 0);
        mask.putScalar(2, 2, 0).putScalar(2, 3, 0);
        INDArray features = Nd4j.rand('f', 4, 3, 4);
        for (INDArray[] masks : List.of(new INDArray[] {mask, mask}, new INDArray[] {null, mask})) {
            MultiDataSet batch = new MultiDataSet(
                    new INDArray[] {features},
                    new INDArray[] {labels},
                    masks[0] == null ? null : new INDArray[] {masks[0]},
                    new INDArray[] {masks[1]});
            assertSameThroughBytes(evaluator(root, batch, 2, Score.metric(1), Metrics.accuracy()), root, "series");
        }
    }

    @Test
    void an_evaluation_without_training_gives_back_the_candidate_itself() {
        NetworkGraph root = dense();
        CandidateEvaluator evaluator = evaluator(root, batch(), 0, Score.metric(1), Metrics.accuracy());
        byte[] answer = EvaluationTask.of(evaluator).answer(EvaluationTask.evaluation(root, 1), NEVER);
        assertThat(EvaluationTask.evaluated(root, answer).orElseThrow().trained())
                .isSameAs(root);
        assertThat(answer.length).as("only numbers").isLessThan(100);
    }

    @Test
    void grades_only_are_the_same_grades_and_leave_the_trained_network_behind() {
        NetworkGraph root = dense();
        CandidateEvaluator evaluator =
                evaluator(root, batch(), 3, Score.metric(1).loss(1), Metrics.accuracy());
        Grade whole = evaluator.evaluate(root, 5, NEVER).orElseThrow();
        assertThat(whole.trained()).isNotSameAs(root);
        Grade here = evaluator.gradesOnly().evaluate(root, 5, NEVER).orElseThrow();
        assertThat(here).isEqualTo(new Grade(whole.score(), whole.standardError(), root));
        byte[] answer = EvaluationTask.fromBytes(
                        EvaluationTask.of(evaluator.gradesOnly()).toBytes())
                .answer(EvaluationTask.evaluation(root, 5), NEVER);
        assertThat(EvaluationTask.evaluated(root, answer)).isEqualTo(here);
        assertThat(answer.length).as("only numbers").isLessThan(100);
    }

    @Test
    void a_brief_task_trains_with_one_batch_and_answers_with_all_bits() {
        NetworkGraph root = dense();
        CandidateEvaluator evaluator = evaluator(root, batch(), 3, Score.metric(1), Metrics.accuracy());
        EvaluationTask brief = EvaluationTask.of(evaluator.gradesOnly()).brief();
        byte[] request = EvaluationTask.evaluation(root, 5);
        byte[] answer = brief.answer(request, NEVER);
        Grade grade = EvaluationTask.evaluated(root, answer).orElseThrow();
        assertThat(ModelWriter.toComputationGraph(grade.trained()).getIterationCount())
                .as("training steps")
                .isEqualTo(1);
        assertThat(EvaluationTask.fromBytes(brief.toBytes()).answer(request, NEVER))
                .isEqualTo(answer);
    }

    @Test
    void what_the_evaluator_throws_is_a_failure_with_the_reason_that_threads_give() {
        NetworkGraph root = dense();
        MultiDataSet wrong = new MultiDataSet(Nd4j.rand(20, 7), batch().getLabels(0));
        CandidateEvaluator evaluator = evaluator(root, wrong, 1, Score.metric(1), Metrics.accuracy());
        byte[] answer = EvaluationTask.of(evaluator).answer(EvaluationTask.evaluation(root, 1), NEVER);
        assertThat(((Failure) EvaluationTask.evaluated(root, answer)).reason())
                .startsWith("ModelFailure: Deeplearning4j cannot run it");
        byte[] preview = EvaluationTask.of(evaluator).answer(EvaluationTask.preview(root), NEVER);
        assertThatThrownBy(() -> EvaluationTask.previewed(preview))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageStartingWith("ModelFailure: Deeplearning4j cannot run it");
    }

    @Test
    void a_cancelled_evaluation_has_no_answer() {
        NetworkGraph root = dense();
        CandidateEvaluator evaluator = evaluator(root, batch(), 1, Score.metric(1), Metrics.accuracy());
        Cancellation cancellation = new Cancellation();
        cancellation.cancel("enough");
        assertThatThrownBy(() -> EvaluationTask.of(evaluator).answer(EvaluationTask.evaluation(root, 1), cancellation))
                .isInstanceOf(CancelledException.class);
    }

    private record Holding(Object held) implements ScoreTerm {

        @Override
        public String name() {
            return "my term";
        }

        @Override
        public double grade(Measurement measurement) {
            return held.hashCode();
        }
    }

    @Test
    void what_cannot_be_serialised_is_named() {
        NetworkGraph root = dense();
        Metric lambda = Metrics.of(
                "my metric", RegressionEvaluation::new, found -> found.averageMeanAbsoluteError(), Scale.LOWER);
        assertThatThrownBy(() -> EvaluationTask.of(evaluator(root, batch(), 1, Score.metric(1), lambda))
                        .toBytes())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("The metric 'my metric'")
                .hasMessageContaining("threads");
        assertThatThrownBy(() -> EvaluationTask.of(evaluator(
                                root,
                                batch(),
                                1,
                                Score.metric(1).and(new Holding(new Object()), 1),
                                Metrics.accuracy()))
                        .toBytes())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("The score term 'my term'")
                .hasMessageContaining("java.lang.Object");
        assertThatThrownBy(() -> EvaluationTask.of((candidate, seed, cancellation) -> new Grade(1, candidate)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("CandidateEvaluator");
    }

    /** Stands for an adapter that only the program knows. */
    private record OwnAdapter() implements ConfigurationAdapter<LSTM> {

        @Override
        public Class<LSTM> type() {
            return LSTM.class;
        }

        @Override
        public Signal propagate(LSTM layer, Propagation p) {
            throw new AssertionError("not asked for");
        }
    }

    @Test
    void adapters_that_no_service_file_names_are_refused() {
        NetworkGraph root = dense();
        NetworkBytes.requirePortable(root);
        NetworkGraph own = ModelReader.read(
                ModelWriter.toComputationGraph(root), AdapterRegistry.load().with(new OwnAdapter()), List.of());
        assertThatThrownBy(() -> NetworkBytes.requirePortable(own))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("OwnAdapter")
                .hasMessageContaining("service file");
    }

    @Test
    void a_network_that_arrives_as_another_one_is_noticed() {
        NetworkGraph root = dense();
        EvaluationTask task = EvaluationTask.of(evaluator(root, batch(), 1, Score.metric(1), Metrics.accuracy()));
        byte[] answer = task.answer(EvaluationTask.identity(root), NEVER);
        EvaluationTask.requireSame(root, answer);
        assertThatThrownBy(() -> EvaluationTask.requireSame(
                        Actions.removeNeurons(root.spaces().get(1), 0.5).apply(root, Projections.paper()), answer))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("another one");
    }
}
