package org.growingnn.dl4j;

import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.growingnn.dl4j.testing.Batches;
import org.nd4j.linalg.dataset.MultiDataSet;

/**
 * What a network can be for.
 *
 * @param name for people
 * @param metric the name of the metric that is to be chosen
 * @param model makes the untrained model
 * @param data draws examples
 * @param measure what the task itself asks for
 * @param examples number of training examples; as many are for testing
 * @param epochs passes that the model is trained before the run
 * @param least value of the measure from which on the trained model has learned something, the largest one of a loss
 * @param noise by how much test data may differ from validation data, besides the floor
 * @param settings what the run is told besides the defaults
 */
record Task(
        String name,
        String metric,
        Supplier<Model> model,
        Data data,
        Measure measure,
        int examples,
        int epochs,
        double least,
        double noise,
        UnaryOperator<StructureOptimizer.Builder> settings) {

    private static final int BATCH = 50;

    /** Draws examples. */
    interface Data {
        MultiDataSet draw(int examples, long seed);
    }

    static Task of(String name, String metric, Supplier<Model> model, Data data, Measure measure) {
        return new Task(name, metric, model, data, measure, 1000, 8, 0.7, 0.03, UnaryOperator.identity());
    }

    Task examples(int count) {
        return new Task(name, metric, model, data, measure, count, epochs, least, noise, settings);
    }

    Task epochs(int count) {
        return new Task(name, metric, model, data, measure, examples, count, least, noise, settings);
    }

    Task least(double value) {
        return new Task(name, metric, model, data, measure, examples, epochs, value, noise, settings);
    }

    Task noise(double value) {
        return new Task(name, metric, model, data, measure, examples, epochs, least, value, settings);
    }

    /** The same task with a longer run. */
    Task generations(int count) {
        return named(name, run -> run.generations(count));
    }

    /** The same task with a run that is told more. */
    Task with(String what, UnaryOperator<StructureOptimizer.Builder> more) {
        return named(name + ", " + what, more);
    }

    private Task named(String other, UnaryOperator<StructureOptimizer.Builder> more) {
        return new Task(
                other,
                metric,
                model,
                data,
                measure,
                examples,
                epochs,
                least,
                noise,
                builder -> more.apply(settings.apply(builder)));
    }

    /** The same task judged by another metric. */
    Task judgedBy(String other) {
        return new Task(name, other, model, data, measure, examples, epochs, least, noise, settings);
    }

    Batches training() {
        return new Batches(data.draw(examples, 1), BATCH);
    }

    MultiDataSet test() {
        return data.draw(examples, 2);
    }

    /** Trains in plain Deeplearning4j. */
    Model trained() {
        Model trained = model.get();
        Batches training = training();
        for (int epoch = 0; epoch < epochs; epoch++) {
            training.reset();
            while (training.hasNext()) {
                MultiDataSet batch = training.next();
                if (trained instanceof ComputationGraph graph) {
                    graph.fit(batch);
                } else {
                    ((MultiLayerNetwork) trained)
                            .fit(
                                    batch.getFeatures(0),
                                    batch.getLabels(0),
                                    batch.getFeaturesMaskArrays() == null ? null : batch.getFeaturesMaskArray(0),
                                    batch.getLabelsMaskArrays() == null ? null : batch.getLabelsMaskArray(0));
                }
            }
        }
        return trained;
    }

    @Override
    public String toString() {
        return name;
    }
}
