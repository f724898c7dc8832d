package org.growingnn.dl4j.data;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.growingnn.dl4j.metric.LabelSummary;

/**
 * What a pass over data counted.
 *
 * @param batches number of batches, ≥ 1
 * @param examples number of examples
 * @param smallestBatch examples in the smallest batch, ≥ 1
 * @param largestBatch examples in the largest batch
 * @param classes number of examples by class, in the order of the classes, by the labels of the first output; empty where labels are no
 *     classes
 * @param labels what the labels are like, by output
 */
public record DataSummary(
        int batches,
        long examples,
        int smallestBatch,
        int largestBatch,
        Map<Integer, Long> classes,
        List<LabelSummary> labels) {

    /**
     * Copies the classes and checks the ranges.
     *
     * @param batches number of batches
     * @param examples number of examples
     * @param smallestBatch examples in the smallest batch
     * @param largestBatch examples in the largest batch
     * @param classes number of examples by class
     * @param labels what the labels are like
     */
    public DataSummary {
        if (batches < 1 || smallestBatch < 1 || largestBatch < smallestBatch || examples < largestBatch) {
            throw new IllegalArgumentException("No data has " + batches + " batches of " + smallestBatch + " to "
                    + largestBatch + " examples, " + examples + " in all.");
        }
        labels = List.copyOf(labels);
        classes = Collections.unmodifiableMap(new TreeMap<>(classes));
    }
}
