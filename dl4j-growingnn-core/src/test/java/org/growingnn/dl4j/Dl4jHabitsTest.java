package org.growingnn.dl4j;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.deeplearning4j.earlystopping.EarlyStoppingConfiguration;
import org.deeplearning4j.earlystopping.EarlyStoppingResult;
import org.deeplearning4j.earlystopping.saver.InMemoryModelSaver;
import org.deeplearning4j.earlystopping.scorecalc.DataSetLossCalculator;
import org.deeplearning4j.earlystopping.termination.MaxEpochsTerminationCondition;
import org.deeplearning4j.earlystopping.trainer.EarlyStoppingTrainer;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.transferlearning.FineTuneConfiguration;
import org.deeplearning4j.nn.transferlearning.TransferLearning;
import org.deeplearning4j.optimize.api.BaseTrainingListener;
import org.growingnn.dl4j.action.Actions;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.config.Adam;

/** A run in the middle of what Deeplearning4j's users do around it. */
class Dl4jHabitsTest {

    /** What listeners like StatsListener ask for. */
    private static final class Recorder extends BaseTrainingListener {

        private final List<Double> scores = new ArrayList<>();
        private final List<Integer> iterations = new ArrayList<>();
        private final List<Double> gradients = new ArrayList<>();
        private int epochsBegun;
        private int epochsEnded;
        private int activations;

        @Override
        public void iterationDone(Model model, int iteration, int epoch) {
            scores.add(model.score());
            iterations.add(iteration);
        }

        @Override
        public void onEpochStart(Model model) {
            epochsBegun++;
        }

        @Override
        public void onEpochEnd(Model model) {
            epochsEnded++;
        }

        @Override
        public void onForwardPass(Model model, Map<String, INDArray> values) {
            activations += values.size();
        }

        @Override
        public void onGradientCalculation(Model model) {
            double norm = 0;
            for (INDArray gradient : model.gradient().gradientForVariable().values()) {
                norm += gradient.norm2Number().doubleValue();
            }
            gradients.add(norm);
        }
    }

    @Test
    void training_listeners_are_told_every_step_of_the_run_itself_and_change_nothing() {
        Recorder recorder = new Recorder();
        MultiLayerNetwork model = RunFolderTest.model();
        int before = model.getIterationCount();
        OptimizationResult heard = RunFolderTest.optimizer(2)
                .maxDrop(0.9)
                .trainingListeners(recorder)
                .build()
                .optimize(model);
        OptimizationResult alone =
                RunFolderTest.optimizer(2).maxDrop(0.9).build().optimize(model);

        assertThat(RunFolderTest.bits(heard)).isEqualTo(RunFolderTest.bits(alone));
        // Two generations of an epoch of seven batches each, and the final epoch.
        assertThat(recorder.scores)
                .hasSize(21)
                .allSatisfy(score -> assertThat(score).isFinite());
        assertThat(recorder.iterations.get(0)).isBetween(before, before + 1);
        assertThat(recorder.epochsBegun).isEqualTo(3);
        assertThat(recorder.epochsEnded).isEqualTo(3);
        assertThat(recorder.activations).isPositive();
        assertThat(recorder.gradients)
                .hasSize(21)
                .allSatisfy(norm -> assertThat(norm).isFinite().isPositive());
        assertThat(heard.graph().getListeners()).isEmpty();
    }

    @Test
    void a_training_listener_that_throws_is_told_nothing_more_and_the_run_goes_on() {
        List<Integer> told = new ArrayList<>();
        OptimizationResult heard = RunFolderTest.optimizer(2)
                .maxDrop(0.9)
                .trainingListeners(new BaseTrainingListener() {
                    @Override
                    public void iterationDone(Model model, int iteration, int epoch) {
                        told.add(iteration);
                        if (told.size() == 3) {
                            throw new IllegalStateException("the disk is full");
                        }
                    }
                })
                .build()
                .optimize(RunFolderTest.model());
        OptimizationResult alone =
                RunFolderTest.optimizer(2).maxDrop(0.9).build().optimize(RunFolderTest.model());
        assertThat(told).hasSize(3);
        assertThat(RunFolderTest.bits(heard)).isEqualTo(RunFolderTest.bits(alone));
    }

    @Test
    void training_listeners_count_on_where_generations_are_taken_back() {
        Recorder recorder = new Recorder();
        OptimizationResult result = RunFolderTest.optimizer(3)
                // What so much damage costs, such small steps do not mend.
                .actions(Actions.neurons().remove(0.95).add())
                .learningRate(1e-6)
                .maxDrop(0)
                .trainingListeners(recorder)
                .build()
                .optimize(RunFolderTest.model());

        assertThat(result.history())
                .as("the premise")
                .filteredOn(generation -> !generation.accepted())
                .isNotEmpty();
        int first = recorder.iterations.get(0);
        assertThat(recorder.iterations)
                .containsExactlyElementsOf(IntStream.range(first, first + recorder.iterations.size())
                        .boxed()
                        .toList());
    }

    @Test
    void the_best_model_of_early_stopping_goes_in_and_the_result_goes_into_early_stopping() {
        MultiLayerNetwork first = stopped(RunFolderTest.model());
        OptimizationResult result = RunFolderTest.optimizer(2).build().optimize(first);
        MultiLayerNetwork last = stopped(result.multiLayerNetwork());
        assertThat(last.numParams()).isEqualTo(result.parameters());
        assertThat(last.evaluate(TestData.clouds(150, 30, 2)).accuracy()).isGreaterThan(0.8);
    }

    private static MultiLayerNetwork stopped(MultiLayerNetwork model) {
        EarlyStoppingResult<MultiLayerNetwork> result = new EarlyStoppingTrainer(
                        new EarlyStoppingConfiguration.Builder<MultiLayerNetwork>()
                                .modelSaver(new InMemoryModelSaver<>())
                                .scoreCalculator(new DataSetLossCalculator(TestData.clouds(150, 30, 2), true))
                                .epochTerminationConditions(new MaxEpochsTerminationCondition(3))
                                .build(),
                        model,
                        TestData.clouds(300, 30, 1))
                .fit();
        return result.getBestModel();
    }

    @Test
    void what_transfer_learning_froze_is_the_same_behind_a_run() {
        MultiLayerNetwork transferred = new TransferLearning.Builder(RunFolderTest.model())
                .fineTuneConfiguration(new FineTuneConfiguration.Builder()
                        .updater(new Adam(0.01))
                        .build())
                .setFeatureExtractor(0)
                .removeOutputLayer()
                .addLayer(new DenseLayer.Builder()
                        .nIn(16)
                        .nOut(12)
                        .activation(Activation.RELU)
                        .build())
                .addLayer(new OutputLayer.Builder()
                        .nIn(12)
                        .nOut(TestData.CLASSES)
                        .activation(Activation.SOFTMAX)
                        .build())
                .build();
        OptimizationResult result =
                RunFolderTest.optimizer(3).maxDrop(0.9).build().optimize(transferred);
        assertThat(result.actions()).isNotEmpty();
        assertThat(result.multiLayerNetwork().getLayer(0).getParam("W"))
                .isEqualTo(transferred.getLayer(0).getParam("W"));
        assertThat(result.network().space("layer0").size()).isEqualTo(24);
    }
}
