package org.growingnn.dl4j.benchmarks;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.CacheMode;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.util.ComputationGraphUtil;
import org.deeplearning4j.nn.params.DefaultParamInitializer;
import org.growingnn.dl4j.OptimizationResult;
import org.growingnn.dl4j.examples.Mnist;
import org.growingnn.dl4j.examples.TestModels;
import org.growingnn.dl4j.projection.Criteria;
import org.growingnn.dl4j.projection.Projection;
import org.growingnn.dl4j.projection.Projections;
import org.growingnn.dl4j.run.Outcome;
import org.growingnn.dl4j.training.Distillation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.MultiDataSet;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The protocol on MNIST that the figures for Torch-Pruning were measured with: batches of 128, reshuffled in every epoch; base
 * training by Adam, 1e-3 falling linearly to 0; 938 steps of recovery in all, in five rounds of which the first four have some steps at
 * a constant rate and the last one the rest, with a rate that falls linearly to 0.
 */
final class Protocol {

    static final int BATCH = 128;
    static final int RECOVERY_STEPS = 938;
    static final int ROUNDS = 5;

    /** How the steps of recovery are spent. */
    record Schedule(double rate, int earlySteps) {

        /** Counts the steps behind a round. */
        int steps(int round) {
            return round == ROUNDS ? RECOVERY_STEPS - earlySteps * (ROUNDS - 1) : earlySteps;
        }
    }

    /** What the figures for Torch-Pruning were measured with, chosen on its first seed. */
    static final Schedule PEER_SCHEDULE = new Schedule(3e-3, 93);

    /** More steps for the final size, with larger ones; chosen on the perceptron's seeds 1 to 3 at 95 and 97 %. */
    static final Schedule HOT_SCHEDULE = new Schedule(6e-3, 60);

    /** The projections that are compared where nothing else is asked for. */
    static final String PROJECTIONS =
            "paper,pseudo-inverse,similarity,similarity-area,clusters,gain,l1,l2,activation,taylor,pivoted-qr,"
                    + "random";

    private static final double BASE_RATE = 1e-3;

    /** Criteria whose names are short for the selection by them. */
    private static final Set<String> CRITERIA = Set.of(
            "l1", "l2", "lamp", "geometric-median", "taylor", "fisher", "activation", "batch-norm-scale", "pivoted-qr");

    private Protocol() {}

    /**
     * Finds a projection.
     *
     * @param name that of a criterion, for keeping the units that it rates highest, {@code random}, or that of a projection
     * @param seed for random selection
     */
    static Projection projection(String name, long seed) {
        if (name.equals("random")) {
            return Projections.selection(Criteria.random(seed));
        }
        if (name.equals("gain")) {
            return Projections.importance();
        }
        return Projections.named(CRITERIA.contains(name) ? "importance-" + name : name);
    }

    /** Loads a bundled model. */
    static Model bundled(String network) {
        return switch (network) {
            case "mlp" -> TestModels.mlp();
            case "lenet" -> TestModels.lenet();
            case "rescnn" -> TestModels.rescnn();
            case "lstm" -> TestModels.lstm();
            default ->
                throw new IllegalArgumentException(
                        "The network (" + network + ") must be one of " + TestModels.NAMES + ".");
        };
    }

    /** Batches without an end, in another order in every epoch. */
    static Iterator<DataSet> batches(Mnist mnist, long seed) {
        return batches(mnist, BATCH, seed);
    }

    static Iterator<DataSet> batches(Mnist mnist, int batch, long seed) {
        DataSetIterator epoch = mnist.train(batch, seed);
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                return true;
            }

            @Override
            public DataSet next() {
                if (!epoch.hasNext()) {
                    epoch.reset();
                }
                return epoch.next();
            }
        };
    }

    /** Batches without an end, in another order in every epoch. */
    static Iterator<DataSet> batches(DataSet digits, long seed) {
        int size = digits.numExamples();
        Random random = new Random(seed);
        return new Iterator<>() {
            private List<Integer> order = List.of();
            private int next;

            @Override
            public boolean hasNext() {
                return true;
            }

            @Override
            public DataSet next() {
                if (next >= order.size()) {
                    order = new ArrayList<>(IntStream.range(0, size).boxed().toList());
                    Collections.shuffle(order, random);
                    next = 0;
                }
                int[] rows = order.subList(next, Math.min(size, next + BATCH)).stream()
                        .mapToInt(Integer::intValue)
                        .toArray();
                next += BATCH;
                return new DataSet(
                        digits.getFeatures().getRows(rows), digits.getLabels().getRows(rows));
            }
        };
    }

    /** Mixes a teacher's answers into the labels of the training set. */
    static DataSet taught(Mnist mnist, ComputationGraph teacher, Distillation distillation) {
        List<DataSet> batches = new ArrayList<>();
        DataSetIterator digits = mnist.trainInOrder(500);
        while (digits.hasNext()) {
            MultiDataSet taught = distillation.distil(ComputationGraphUtil.toMultiDataSet(digits.next()), teacher);
            batches.add(new DataSet(taught.getFeatures(0), taught.getLabels(0)));
        }
        return DataSet.merge(batches);
    }

    /** Draws weights and biases as PyTorch does by default: uniformly from ±1 / √fan-in. */
    static void initialiseAsPyTorch(ComputationGraph model, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        for (Layer layer : model.getLayers()) {
            INDArray weight = layer.paramTable().get(DefaultParamInitializer.WEIGHT_KEY);
            if (weight == null) {
                continue;
            }
            // Dense layers hold [nIn, nOut], convolutions [nOut, nIn, kH, kW].
            long fanIn = weight.rank() == 2 ? weight.size(0) : weight.length() / weight.size(0);
            double bound = 1 / Math.sqrt(fanIn);
            for (INDArray values : layer.paramTable().values()) {
                double[] drawn = random.doubles(values.length(), -bound, bound).toArray();
                values.assign(Nd4j.create(drawn, values.shape(), values.dataType()));
            }
        }
    }

    /** Trains a base model. */
    static void trainBase(ComputationGraph model, Mnist mnist, int epochs, long seed) {
        int steps = (mnist.trainSize() + BATCH - 1) / BATCH * epochs;
        fit(model, batches(mnist, seed), steps, BASE_RATE, true);
    }

    /** Trains behind one of the rounds. */
    static void recover(ComputationGraph model, Iterator<DataSet> data, int round, Schedule schedule) {
        fit(model, data, schedule.steps(round), schedule.rate, round == ROUNDS);
    }

    static void fit(ComputationGraph model, Iterator<DataSet> data, int steps, double rate, boolean falling) {
        // Convolutions then unfold their inputs once a step instead of twice, which changes no number.
        model.getConfiguration().setCacheMode(CacheMode.DEVICE);
        model.setCacheMode(CacheMode.DEVICE);
        for (int step = 0; step < steps; step++) {
            model.setLearningRate(falling ? rate * (1 - (step + 0.5) / steps) : rate);
            model.fit(data.next());
        }
    }

    /**
     * Insists that a run came to its end: one that failed on the way returns the best model so far, which would be measured as if that
     * was all that the method can do.
     */
    static OptimizationResult completed(OptimizationResult result) {
        if (result.status() == Outcome.Status.FAILED) {
            throw new IllegalStateException(
                    "The run failed: " + result.outcome().reason() + ".",
                    result.outcome().cause().orElse(null));
        }
        return result;
    }

    static double testAccuracy(ComputationGraph model, Mnist mnist) {
        return model.evaluate(mnist.test(500)).accuracy();
    }
}
