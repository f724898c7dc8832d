package org.growingnn.dl4j.examples;

import org.nd4j.linalg.schedule.ISchedule;

/**
 * A learning rate that falls linearly from its initial value to zero over a given number of iterations.
 *
 * <p>{@link org.nd4j.linalg.schedule.PolySchedule} is meant for this, but that of DL4J 1.0.0-M2.1 rises instead of
 * falling. A configuration that holds this schedule needs this class wherever it is loaded: replace it by a plain
 * learning rate with {@code NetworkUtils.setLearningRate} before saving.
 *
 * @param initial the learning rate of iteration 0
 * @param iterations the iteration from which on the learning rate is 0
 */
record LinearDecay(double initial, int iterations) implements ISchedule {

    LinearDecay {
        if (!(initial > 0)) {
            throw new IllegalArgumentException("The initial learning rate (" + initial + ") must be positive.");
        }
        if (iterations <= 0) {
            throw new IllegalArgumentException("The number of iterations (" + iterations + ") must be positive.");
        }
    }

    @Override
    public double valueAt(int iteration, int epoch) {
        return initial * Math.max(0, 1 - iteration / (double) iterations);
    }

    @Override
    public LinearDecay clone() {
        return this;
    }
}
