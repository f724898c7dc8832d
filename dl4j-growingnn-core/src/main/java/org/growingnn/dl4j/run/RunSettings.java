package org.growingnn.dl4j.run;

import java.util.Optional;
import java.util.OptionalDouble;
import org.growingnn.dl4j.action.ActionGenerator;
import org.growingnn.dl4j.projection.Projection;
import org.growingnn.dl4j.score.Score;
import org.growingnn.dl4j.search.SearchStrategy;
import org.growingnn.dl4j.training.Distillation;
import org.growingnn.dl4j.training.LearningRateSchedule;
import org.growingnn.dl4j.training.SimulationSettings;

/**
 * Everything that defines a run besides model and data.
 *
 * @param generations number of generations, ≥ 1
 * @param initialEpochs epochs to train before the first search, ≥ 0
 * @param epochsPerGeneration epochs to train after each structural change, ≥ 0
 * @param batchesPerEpoch number of batches that count as an epoch, {@link Integer#MAX_VALUE} for all
 * @param recoveryEpochs further epochs that a generation may take while its accuracy is below a floor, ≥ 0
 * @param fineTuneEpochs epochs to train at the end, ≥ 0
 * @param accuracyFloor training accuracy below which no generation is accepted; 0 for none
 * @param maxAccuracyDrop how far validation accuracy may fall below the initial model's; 1 for any
 * @param score grades models
 * @param search chooses actions
 * @param actions lists actions
 * @param projection how weights follow
 * @param scheduler decides when to search
 * @param stopper decides when to end
 * @param schedule learning rate within a generation
 * @param learningRate replaces the model's largest learning rate, if present
 * @param distillation how the original model's answers enter the labels outside of simulations, if at all
 * @param simulation how candidates are trained
 * @param trainAccuracySamples number of training examples on which training accuracy is measured, {@link Integer#MAX_VALUE}
 *     for all
 * @param paretoCapacity number of accepted models that are kept beside the returned one, ≥ 2
 * @param workers number of threads that evaluate candidates, ≥ 1
 * @param seed what all randomness derives from
 */
public record RunSettings(
        int generations,
        int initialEpochs,
        int epochsPerGeneration,
        int batchesPerEpoch,
        int recoveryEpochs,
        int fineTuneEpochs,
        double accuracyFloor,
        double maxAccuracyDrop,
        Score score,
        SearchStrategy search,
        ActionGenerator actions,
        Projection projection,
        SimulationScheduler scheduler,
        Stopper stopper,
        LearningRateSchedule schedule,
        OptionalDouble learningRate,
        Optional<Distillation> distillation,
        SimulationSettings simulation,
        int trainAccuracySamples,
        int paretoCapacity,
        int workers,
        long seed) {}
