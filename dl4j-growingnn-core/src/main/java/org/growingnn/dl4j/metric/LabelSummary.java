package org.growingnn.dl4j.metric;

import java.util.Collections;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * What a pass over the labels of one output told. Rows are labels: of examples, of steps, of positions; those that masks exclude are not
 * counted.
 *
 * @param output the output's name
 * @param form what all rows have in common
 * @param columns values per row
 * @param rows number of rows
 * @param counts how many rows are of each class; of questions, how many are answered with yes, by column; none for numbers
 */
public record LabelSummary(String output, Form form, int columns, long rows, Map<Integer, Long> counts) {

    /** What all rows have in common. */
    public enum Form {
        /** Values from 0 that add up to 1: one-hot rows, probabilities. */
        PROBABILITIES,
        /** Class numbers, for a loss that takes them. */
        CLASS_NUMBERS,
        /** All values are 0 or 1, or all are −1 or 1. */
        ANSWERS,
        /** Anything else. */
        NUMBERS
    }

    /**
     * Copies the counts.
     *
     * @param output the output's name
     * @param form what all rows have in common
     * @param columns values per row
     * @param rows number of rows
     * @param counts how many rows are of each class
     */
    public LabelSummary {
        Objects.requireNonNull(output, "output");
        Objects.requireNonNull(form, "form");
        counts = Collections.unmodifiableMap(new TreeMap<>(counts));
    }
}
