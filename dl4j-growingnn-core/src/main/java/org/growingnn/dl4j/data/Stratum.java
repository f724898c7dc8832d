package org.growingnn.dl4j.data;

import java.util.Comparator;

/**
 * A label that examples have in common, by which samples are balanced and splits are fair.
 *
 * @param output the number of the output that it belongs to
 * @param label a class, or a question that is answered with yes
 */
record Stratum(int output, int label) implements Comparable<Stratum> {

    /** What examples without any label have in common. */
    static final Stratum NONE = new Stratum(0, Classes.NONE);

    private static final Comparator<Stratum> ORDER =
            Comparator.comparingInt(Stratum::output).thenComparingInt(Stratum::label);

    @Override
    public int compareTo(Stratum other) {
        return ORDER.compare(this, other);
    }
}
