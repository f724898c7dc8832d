package org.growingnn.dl4j.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.constraint.NonNegativeConstraint;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.growingnn.dl4j.Dl4jGraphs;
import org.growingnn.dl4j.action.ActionGenerator;
import org.growingnn.dl4j.action.Actions;
import org.growingnn.dl4j.action.AddNeurons;
import org.growingnn.dl4j.action.AddSequential;
import org.growingnn.dl4j.action.StructuralAction;
import org.growingnn.dl4j.graph.Calibration;
import org.growingnn.dl4j.graph.CandidateUnits;
import org.growingnn.dl4j.graph.ContentHash;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.graph.Parameter.Moment;
import org.growingnn.dl4j.graph.Tensor;
import org.growingnn.dl4j.projection.Projection;
import org.growingnn.dl4j.projection.Projections;
import org.growingnn.dl4j.testing.ActionContract;
import org.growingnn.dl4j.testing.RandomNetwork;
import org.growingnn.dl4j.testing.RandomNetworks;
import org.growingnn.dl4j.testing.RandomNetworks.Trait;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** Units that the gradient asks for: what they change, which are chosen, and what follows them. */
class GradientGrowthTest {

    private static final Projection GROWTH = Projections.growingByGradient(Projections.replication());
    private static final int INPUTS = 5;
    private static final int HIDDEN = 3;
    private static final int OUTPUTS = 2;
    private static final int EXAMPLES = 40;
    private static final int CANDIDATES = 32;

    private static ComputationGraph perceptron(boolean nonNegative) {
        DenseLayer.Builder hidden =
                new DenseLayer.Builder().nIn(INPUTS).nOut(HIDDEN).activation(Activation.TANH);
        if (nonNegative) {
            hidden.constrainWeights(new NonNegativeConstraint());
        }
        ComputationGraph model = new ComputationGraph(new NeuralNetConfiguration.Builder()
                .seed(5)
                .dataType(DataType.DOUBLE)
                .updater(new Adam(0.01))
                .graphBuilder()
                .addInputs("in")
                .setInputTypes(InputType.feedForward(INPUTS))
                .addLayer("hidden", hidden.build(), "in")
                .addLayer(
                        "out",
                        new OutputLayer.Builder(LossFunction.MSE)
                                .nOut(OUTPUTS)
                                .activation(Activation.IDENTITY)
                                .build(),
                        "hidden")
                .setOutputs("out")
                .build());
        model.init();
        return model;
    }

    private static MultiDataSet data() {
        Random random = new Random(11);
        double[][] features = new double[EXAMPLES][INPUTS];
        double[][] labels = new double[EXAMPLES][OUTPUTS];
        for (int i = 0; i < EXAMPLES; i++) {
            Arrays.setAll(features[i], j -> random.nextGaussian());
            labels[i][0] = Math.sin(2 * features[i][0]) + features[i][1] * features[i][2];
            labels[i][1] = Math.abs(features[i][3]) - features[i][4];
        }
        return new MultiDataSet(Nd4j.create(features), Nd4j.create(labels));
    }

    private static NetworkGraph calibrated(ComputationGraph model) {
        return new Calibrator().withCandidates(true).calibrate(Dl4jGraphs.read(model), List.of(data()));
    }

    private static CandidateUnits candidates(NetworkGraph network) {
        return network.calibration().orElseThrow().candidates().get("hidden");
    }

    /** What a unit answers to each example: a column of weights, and a bias. */
    private static double[] answers(Tensor weights, Tensor biases, int units, int unit) {
        INDArray features = data().getFeatures(0);
        return IntStream.range(0, EXAMPLES)
                .mapToDouble(example -> {
                    double sum = biases.get(unit);
                    for (int i = 0; i < INPUTS; i++) {
                        sum += features.getDouble(example, i) * weights.get(i * units + unit);
                    }
                    return Math.tanh(sum);
                })
                .toArray();
    }

    private static List<double[]> present(NetworkGraph network) {
        Tensor weights = network.vertex("hidden").parameters().get("W").value();
        Tensor biases = network.vertex("hidden").parameters().get("b").value();
        return IntStream.range(0, HIDDEN)
                .mapToObj(unit -> answers(weights, biases, HIDDEN, unit))
                .toList();
    }

    private static List<double[]> pool(NetworkGraph network) {
        Map<String, Tensor> weights = candidates(network).weights().get("hidden");
        return IntStream.range(0, CANDIDATES)
                .mapToObj(unit -> answers(weights.get("W"), weights.get("b"), CANDIDATES, unit))
                .toList();
    }

    private static double dot(double[] one, double[] other) {
        return IntStream.range(0, one.length)
                .mapToDouble(i -> one[i] * other[i])
                .sum();
    }

    /** Takes from a unit's answers what an orthonormal basis of others makes up for. */
    private static double[] rest(double[] answers, List<double[]> basis) {
        double[] rest = answers.clone();
        for (double[] direction : basis) {
            double share = dot(rest, direction);
            Arrays.setAll(rest, i -> rest[i] - share * direction[i]);
        }
        return rest;
    }

    private static void extend(List<double[]> basis, double[] answers) {
        double[] rest = rest(rest(answers, basis), basis);
        double norm = Math.sqrt(dot(rest, rest));
        basis.add(Arrays.stream(rest).map(value -> value / norm).toArray());
    }

    @Test
    void the_first_units_are_those_that_a_search_of_the_whole_pool_by_their_answers_would_take() {
        ComputationGraph model = perceptron(false);
        NetworkGraph network = calibrated(model);
        MultiDataSet data = data();
        INDArray errors = data.getLabels(0).sub(model.outputSingle(data.getFeatures(0)));
        List<double[]> pool = pool(network);
        List<double[]> basis = new ArrayList<>();
        present(network).forEach(answers -> extend(basis, answers));

        for (int taken = 0; taken < 6; taken++) {
            double[] gains = pool.stream()
                    .mapToDouble(answers -> {
                        double[] rest = rest(answers, basis);
                        double gain = 0;
                        for (int output = 0; output < OUTPUTS; output++) {
                            double product = dot(rest, errors.getColumn(output).toDoubleVector());
                            gain += product * product;
                        }
                        return gain / (dot(rest, rest) + 0.01 * dot(answers, answers));
                    })
                    .toArray();
            int best = IntStream.range(0, CANDIDATES)
                    .boxed()
                    .max(Comparator.comparingDouble(unit -> gains[unit]))
                    .orElseThrow();
            assertThat(gains[taken]).as("unit " + taken).isCloseTo(gains[best], within(1e-9 * gains[best]));
            extend(basis, pool.get(taken));
        }
    }

    @Test
    void the_loss_falls_as_fast_in_the_outgoing_weights_as_the_answers_of_the_units_say() {
        ComputationGraph model = perceptron(false);
        NetworkGraph network = calibrated(model);
        NetworkGraph grown = new AddNeurons("hidden", 2).apply(network, GROWTH);
        ComputationGraph wider = Dl4jGraphs.toComputationGraph(grown);
        MultiDataSet data = data();
        INDArray errors = data.getLabels(0).sub(model.outputSingle(data.getFeatures(0)));
        INDArray outgoing = wider.getLayer("out").getParam("W");
        double step = 1e-5;

        for (int unit = 0; unit < HIDDEN; unit++) {
            for (int output = 0; output < OUTPUTS; output++) {
                outgoing.putScalar(HIDDEN + unit, output, step);
                double up = wider.score(data);
                outgoing.putScalar(HIDDEN + unit, output, -step);
                double down = wider.score(data);
                outgoing.putScalar(HIDDEN + unit, output, 0);
                // Deeplearning4j's loss is the sum of squares over the outputs divided by their number.
                double expected = -2
                        * dot(pool(network).get(unit), errors.getColumn(output).toDoubleVector())
                        / (EXAMPLES * OUTPUTS);
                assertThat((up - down) / (2 * step)).isCloseTo(expected, within(1e-6));
            }
        }
    }

    @Test
    void units_that_are_there_stay_and_new_ones_have_no_outgoing_weights_and_no_state_of_the_optimiser() {
        ComputationGraph model = perceptron(false);
        model.fit(data());
        NetworkGraph network = calibrated(model);

        NetworkGraph grown = new AddNeurons("hidden", 2).apply(network, GROWTH);

        Tensor incoming = grown.vertex("hidden").parameters().get("W").value();
        Tensor before = network.vertex("hidden").parameters().get("W").value();
        Tensor chosen = candidates(network).weights().get("hidden").get("W");
        Tensor outgoing = grown.vertex("out").parameters().get("W").value();
        for (int unit = 0; unit < HIDDEN; unit++) {
            for (int input = 0; input < INPUTS; input++) {
                assertThat(incoming.get(input * 2 * HIDDEN + unit)).isEqualTo(before.get(input * HIDDEN + unit));
                assertThat(incoming.get(input * 2 * HIDDEN + HIDDEN + unit))
                        .isEqualTo(chosen.get(input * CANDIDATES + unit));
            }
            for (int output = 0; output < OUTPUTS; output++) {
                assertThat(outgoing.get((HIDDEN + unit) * OUTPUTS + output)).isZero();
            }
        }
        List<Moment> state = grown.vertex("hidden").parameters().get("W").state();
        assertThat(state).isNotEmpty().allSatisfy(moment -> {
            assertThat(moment.value().shape()).containsExactly(INPUTS, 2 * HIDDEN);
            for (int unit = 0; unit < HIDDEN; unit++) {
                assertThat(moment.value().get(HIDDEN + unit)).isZero();
            }
        });
        assertThat(state.get(0).value().get(0)).isNotZero();
    }

    @Test
    void
            who_grows_twice_gets_other_units_the_second_time_and_a_pool_that_is_too_small_leaves_it_to_the_other_projection() {
        NetworkGraph network = calibrated(perceptron(false));

        NetworkGraph once = new AddNeurons("hidden", 2).apply(network, GROWTH);
        NetworkGraph twice = new AddNeurons("hidden", 2).apply(once, GROWTH);
        NetworkGraph most = new AddNeurons("hidden", 20).apply(network, GROWTH);

        assertThat(candidates(once).count()).isEqualTo(CANDIDATES - HIDDEN);
        Tensor incoming = twice.vertex("hidden").parameters().get("W").value();
        Tensor pool = candidates(network).weights().get("hidden").get("W");
        assertThat(incoming.get(2 * HIDDEN)).isEqualTo(pool.get(HIDDEN));
        assertThat(ContentHash.of(most))
                .isEqualTo(ContentHash.of(new AddNeurons("hidden", 20).apply(network, Projections.replication())));
    }

    @Test
    void candidates_follow_the_widths_in_front_of_them_and_are_forgotten_where_other_units_arrive() {
        NetworkGraph network = calibrated(perceptron(false));
        NetworkGraph grown = new AddSequential("hidden", "out", AddSequential.AUTO).apply(network, GROWTH);
        NetworkGraph deep = new Calibrator().withCandidates(true).calibrate(grown, List.of(data()));
        String added = "hidden+out";

        NetworkGraph wider = new AddNeurons("hidden", 2).apply(deep, GROWTH);

        Map<String, CandidateUnits> followed = wider.calibration().orElseThrow().candidates();
        assertThat(followed.get(added).weights().get(added).get("W").shape()).containsExactly(2 * HIDDEN, CANDIDATES);
        NetworkGraph both = new AddNeurons(added, 2).apply(wider, GROWTH);
        assertThat(both.vertex(added).parameters().get("W").value().shape()).containsExactly(2 * HIDDEN, 2 * HIDDEN);
        assertThat(grown.calibration().orElseThrow().candidates()).containsOnlyKeys("hidden");
    }

    @Test
    void weights_of_new_units_keep_what_training_insists_on() {
        Tensor weights =
                candidates(calibrated(perceptron(true))).weights().get("hidden").get("W");

        for (int i = 0; i < weights.length(); i++) {
            assertThat(weights.get(i)).isNotNegative();
        }
    }

    @Test
    void a_network_that_was_not_calibrated_is_refused() {
        NetworkGraph network = Dl4jGraphs.read(perceptron(false));

        assertThatIllegalStateException()
                .isThrownBy(() -> new AddNeurons("hidden", 2).apply(network, GROWTH))
                .withMessageContaining("replication+gradient");
    }

    @Test
    void the_projection_is_found_by_its_name_with_refit_before_or_behind() {
        assertThat(Projections.named("replication+gradient").name()).isEqualTo("replication+gradient");
        Projection refitted = Projections.named("importance-taylor+refit+gradient");
        assertThat(refitted.refits()).isTrue();
        assertThat(refitted.needsCandidates()).isTrue();
        assertThat(refitted.criterion()).isPresent();
        assertThat(Projections.named("importance+gradient+refit").needsCandidates())
                .isTrue();
        assertThat(Projections.named("importance").needsCandidates()).isFalse();
    }

    static Stream<RandomNetwork> networks() {
        long seed = new Random().nextInt(1_000_000);
        return LongStream.range(seed, seed + 12).mapToObj(RandomNetworks::graph);
    }

    @ParameterizedTest
    @MethodSource("networks")
    void any_network_computes_the_same_behind_it_trains_on_and_is_the_same_every_time(RandomNetwork network) {
        Calibrator calibrator = new Calibrator().withCandidates(true);
        NetworkGraph calibrated = calibrator.calibrate(network.read(), List.of(network.batch(3)));
        ActionGenerator growth = Actions.neurons().remove().add(1.5);
        NetworkGraph grown = calibrated;
        boolean preserves = true;
        for (StructuralAction action : growth.generate(calibrated).toList()) {
            preserves &= action.preservesFunction(grown, GROWTH);
            grown = action.apply(grown, GROWTH);
        }
        String description = "seed " + network.seed();

        ActionContract.assertRunsTrainsAndIsReadAgain(network, grown, description);
        if (preserves) {
            ActionContract.assertSameOutputs(network, grown, description);
        }
        NetworkGraph again = calibrator.calibrate(network.read(), List.of(network.batch(3)));
        for (StructuralAction action : growth.generate(again).toList()) {
            again = action.apply(again, GROWTH);
        }
        assertThat(ContentHash.of(again)).as(description).isEqualTo(ContentHash.of(grown));
    }

    @Test
    void what_is_known_besides_candidates_does_not_depend_on_whether_they_are_wanted() {
        RandomNetwork network = RandomNetworks.graph(3, Trait.PLAIN_TRAINING);
        Calibration with = new Calibrator()
                .withCandidates(true)
                .calibrate(network.read(), List.of(network.batch(3)))
                .calibration()
                .orElseThrow();
        Calibration without = new Calibrator()
                .calibrate(network.read(), List.of(network.batch(3)))
                .calibration()
                .orElseThrow();

        assertThat(with.gradients()).isEqualTo(without.gradients());
        assertThat(with.moments().keySet()).isEqualTo(without.moments().keySet());
        assertThat(without.candidates()).isEmpty();
        assertThat(with.candidates()).isNotEmpty();
    }
}
