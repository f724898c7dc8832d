package org.growingnn.dl4j.metric;

import java.util.Objects;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;
import org.nd4j.evaluation.IEvaluation;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A metric made of a DL4J evaluation, which gets labels, predictions and masks in the shapes that the model has. */
record EvaluationMetric<T extends IEvaluation<?>>(
        String name, Supplier<T> evaluation, ToDoubleFunction<T> value, Scale scale) implements OutputMetric {

    EvaluationMetric {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(evaluation, "evaluation");
        Objects.requireNonNull(value, "value");
        Objects.requireNonNull(scale, "scale");
    }

    @Override
    public OutputMeter meter(OutputTask task, boolean errors) {
        T started = evaluation.get();
        return new OutputMeter() {

            @Override
            public void add(INDArray labels, INDArray outputs, @Nullable INDArray mask) {
                started.eval(labels, outputs, mask);
            }

            @Override
            public Reading reading() {
                return Reading.of(value.applyAsDouble(started), 0, scale);
            }
        };
    }
}
