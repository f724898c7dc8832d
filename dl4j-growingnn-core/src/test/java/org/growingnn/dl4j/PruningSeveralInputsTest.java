package org.growingnn.dl4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.deeplearning4j.datasets.iterator.utilty.SingletonMultiDataSetIterator;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.growingnn.dl4j.projection.GlobalRanking.Limits;
import org.growingnn.dl4j.testing.Models;
import org.growingnn.dl4j.testing.RandomNetworks;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.dataset.adapter.MultiDataSetIteratorAdapter;
import org.nd4j.linalg.dataset.api.iterator.MultiDataSetIterator;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** Models with several inputs and outputs are calibrated, pruned and recovered like others. */
class PruningSeveralInputsTest {

    private static final int EXAMPLES = 40;

    private final ComputationGraph model = twoByTwo();

    /** Two inputs, of 6 and 4 features, that are joined behind a layer each; classes and a number come out. */
    private static ComputationGraph twoByTwo() {
        ComputationGraph result = new ComputationGraph(new NeuralNetConfiguration.Builder()
                .updater(new Adam(0.01))
                .activation(Activation.TANH)
                .graphBuilder()
                .addInputs("a", "b")
                .addLayer("fromA", new DenseLayer.Builder().nOut(12).build(), "a")
                .addLayer("fromB", new DenseLayer.Builder().nOut(9).build(), "b")
                .addVertex("joined", new MergeVertex(), "fromA", "fromB")
                .addLayer("hidden", new DenseLayer.Builder().nOut(10).build(), "joined")
                .addLayer(
                        "classes",
                        new OutputLayer.Builder()
                                .nOut(3)
                                .activation(Activation.SOFTMAX)
                                .build(),
                        "hidden")
                .addLayer(
                        "number",
                        new OutputLayer.Builder(LossFunction.MSE)
                                .nOut(1)
                                .activation(Activation.IDENTITY)
                                .build(),
                        "hidden")
                .setOutputs("classes", "number")
                .setInputTypes(InputType.feedForward(6), InputType.feedForward(4))
                .build());
        result.init();
        RandomNetworks.randomize(result, new Random(3));
        return result;
    }

    private static MultiDataSet batch() {
        Random random = new Random(8);
        INDArray classes = Nd4j.zeros(EXAMPLES, 3);
        for (int i = 0; i < EXAMPLES; i++) {
            classes.putScalar(i, i % 3, 1);
        }
        return new MultiDataSet(
                new INDArray[] {numbers(random, 6), numbers(random, 4)}, new INDArray[] {classes, numbers(random, 1)});
    }

    private static INDArray numbers(Random random, int columns) {
        INDArray result = Nd4j.create(EXAMPLES, columns);
        for (int i = 0; i < result.length(); i++) {
            result.putScalar(i, random.nextGaussian());
        }
        return result;
    }

    private static MultiDataSetIterator data() {
        return new SingletonMultiDataSetIterator(batch());
    }

    @Test
    void a_model_with_two_inputs_and_outputs_is_pruned_in_rounds() {
        Models.State before = Models.state(model);
        for (boolean macs : new boolean[] {false, true}) {
            PruningResult result = StructuralPruner.to(macs ? PruningTarget.macs(0.6) : PruningTarget.reduction(0.6))
                    .calibrate(data())
                    .rounds(2, (live, round, rounds) -> live.fit(data()))
                    .prune(model);

            assertThat(result.reduction()).isBetween(0.5, 0.75);
            assertThat(result.graph().getIterationCount()).isEqualTo(2);
            INDArray[] outputs = result.graph().output(batch().getFeatures());
            assertThat(outputs[0].shape()).containsExactly(EXAMPLES, 3);
            assertThat(outputs[1].shape()).containsExactly(EXAMPLES, 1);
            assertThat(result.features("a")).isEmpty();
        }
        assertThat(Models.state(model)).isEqualTo(before);
    }

    @Test
    void calibration_makes_the_pruned_model_closer_to_the_original() {
        INDArray[] original = model.output(batch().getFeatures());
        StructuralPruner.Builder pruner = StructuralPruner.to(PruningTarget.reduction(0.3));
        double blind = distance(original, pruner.prune(model));
        double calibrated = distance(original, pruner.calibrate(data()).prune(model));
        assertThat(calibrated).isLessThan(blind);
    }

    private static double distance(INDArray[] original, PruningResult pruned) {
        INDArray[] outputs = pruned.graph().output(batch().getFeatures());
        return original[0].distance2(outputs[0]) + original[1].distance2(outputs[1]);
    }

    @Test
    void features_of_both_inputs_compete_and_exclusions_name_one() {
        PruningResult result = StructuralPruner.to(PruningTarget.reduction(0.5))
                .calibrate(data())
                .leaveOutInputs(0.5)
                .exclude("b")
                .prune(model);
        assertThat(result.features("b")).isEmpty();
        assertThat(result.graph().output(batch().getFeatures())[0].shape()).containsExactly(EXAMPLES, 3);
    }

    @Test
    void what_is_said_about_joined_layers_applies_to_all_parts() {
        PruningResult result = StructuralPruner.to(PruningTarget.reduction(0.2))
                .exclude("joined")
                .prune(model);
        assertThat(result.kept()).containsOnlyKeys("hidden");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> StructuralPruner.to(PruningTarget.reduction(0.9))
                        .exclude("joined")
                        .prune(model))
                .withMessageContainingAll("'fromA'", "'fromB'", "exclude('joined')");
    }

    @Test
    void both_kinds_of_iterators_calibrate_alike() {
        ComputationGraph single = TestData.trainedGraph();
        StructuralPruner.Builder pruner = StructuralPruner.to(PruningTarget.reduction(0.5));
        double[] plain = Models.values(pruner.calibrate(TestData.clouds(60, 20, 1))
                .prune(single)
                .graph()
                .params());
        double[] multi = Models.values(pruner.calibrate(new MultiDataSetIteratorAdapter(TestData.clouds(60, 20, 1)))
                .prune(single)
                .graph()
                .params());
        assertThat(multi).isEqualTo(plain);
    }

    @Test
    void iterators_that_are_null_or_cannot_be_reset_are_refused() {
        StructuralPruner.Builder pruner = StructuralPruner.to(PruningTarget.reduction(0.5));
        assertThatNullPointerException()
                .isThrownBy(() -> pruner.calibrate((MultiDataSetIterator) null))
                .withMessage("iterator");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> pruner.calibrate(new SingletonMultiDataSetIterator(batch()) {
                    private static final long serialVersionUID = 1;

                    @Override
                    public boolean resetSupported() {
                        return false;
                    }
                }))
                .withMessageContaining("reset");
    }

    @Test
    void errors_of_either_kind_of_iterator_name_the_calibration_data() {
        MultiDataSetIterator broken = new SingletonMultiDataSetIterator(batch()) {
            private static final long serialVersionUID = 1;

            @Override
            public org.nd4j.linalg.dataset.api.MultiDataSet next() {
                throw new IllegalArgumentException("the disk is gone");
            }
        };
        assertThatIllegalStateException()
                .isThrownBy(() -> StructuralPruner.to(PruningTarget.reduction(0.5))
                        .calibrate(broken)
                        .prune(model))
                .withMessageContainingAll("calibration data", "the disk is gone");
    }

    @Test
    void a_second_use_of_an_iterator_that_a_pruner_calibrates_with_is_refused_until_it_is_done() {
        MultiDataSetIterator shared = data();
        StructuralPruner second = StructuralPruner.to(PruningTarget.reduction(0.2))
                .calibrate(shared)
                .build();
        List<Throwable> refusals = new ArrayList<>();
        PruningResult first = StructuralPruner.to(PruningTarget.reduction(0.2))
                .calibrate(shared)
                .rounds(2, (trained, round, rounds) -> {
                    // A recovery itself may train with the iterator: every calibration starts at its beginning.
                    shared.reset();
                    trained.fit(shared.next());
                    refusals.add(catchThrowable(() -> second.prune(model)));
                })
                .prune(model);
        assertThat(first.reduction()).isGreaterThan(0.19);
        assertThat(refusals)
                .hasSize(2)
                .allSatisfy(refusal -> assertThat(refusal)
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContainingAll("calibration data", "in use by", "StructuralPruner"));
        assertThat(second.prune(model).reduction()).isGreaterThan(0.19);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> StructuralPruner.to(PruningTarget.reduction(0.999))
                        .limits(new Limits(1, 0.1, 1))
                        .calibrate(shared)
                        .prune(model));
        assertThat(second.prune(model).reduction()).as("after a failure").isGreaterThan(0.19);
    }
}
