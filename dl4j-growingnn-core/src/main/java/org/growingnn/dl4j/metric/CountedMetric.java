package org.growingnn.dl4j.metric;

/** A metric of one output that is counted prediction by prediction. */
interface CountedMetric extends OutputMetric {

    /** Starts counting. */
    Counter counter(OutputTask task);

    /**
     * Tells which values are better.
     *
     * @return {@link Scale#SHARE} unless overridden
     */
    default Scale scale() {
        return Scale.SHARE;
    }

    @Override
    default OutputMeter meter(OutputTask task, boolean errors) {
        return new RowMeter(task, () -> counter(task), scale(), errors);
    }
}
