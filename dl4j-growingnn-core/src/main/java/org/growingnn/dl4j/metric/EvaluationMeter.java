package org.growingnn.dl4j.metric;

import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;
import org.nd4j.evaluation.IEvaluation;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Hands one output to a DL4J evaluation. */
final class EvaluationMeter<T extends IEvaluation<?>> implements OutputMeter {

    private final T evaluation;
    private final ToDoubleFunction<? super T> value;
    private final Scale scale;

    EvaluationMeter(Supplier<? extends T> start, ToDoubleFunction<? super T> value, Scale scale) {
        this.evaluation = start.get();
        this.value = value;
        this.scale = scale;
    }

    @Override
    public void add(INDArray labels, INDArray outputs, @Nullable INDArray mask) {
        evaluation.eval(labels, outputs, mask);
    }

    @Override
    public Reading reading() {
        return Reading.of(value.applyAsDouble(evaluation), 0, scale);
    }
}
