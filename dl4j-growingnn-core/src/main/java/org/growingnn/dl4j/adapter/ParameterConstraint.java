package org.growingnn.dl4j.adapter;

import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.deeplearning4j.nn.api.layers.LayerConstraint;
import org.deeplearning4j.nn.conf.constraint.BaseConstraint;
import org.deeplearning4j.nn.conf.constraint.NonNegativeConstraint;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.wrapper.BaseWrapperLayer;
import org.growingnn.dl4j.graph.Constraint;
import org.growingnn.dl4j.graph.Tensor;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Deeplearning4j's constraints of one parameter, in the order in which they are applied.
 *
 * @param constraints at least one
 * @param declared gives the shape that Deeplearning4j declares for a parameter that the library sees in another one
 */
record ParameterConstraint(List<LayerConstraint> constraints, UnaryOperator<long[]> declared) implements Constraint {

    /**
     * Finds the constraints of a parameter.
     *
     * @return empty if there are none
     */
    static Optional<Constraint> of(Layer layer, String key, UnaryOperator<long[]> declared) {
        if (layer instanceof BaseWrapperLayer wrapper) {
            return of(wrapper.getUnderlying(), key, declared);
        }
        List<LayerConstraint> own = layer.getConstraints() == null
                ? List.of()
                : layer.getConstraints().stream()
                        .filter(constraint -> constraint.getParams().contains(key))
                        .toList();
        return own.isEmpty() ? Optional.empty() : Optional.of(new ParameterConstraint(own, declared));
    }

    @Override
    public boolean nonNegative() {
        return constraints.stream().anyMatch(NonNegativeConstraint.class::isInstance);
    }

    @Override
    public Optional<Tensor> apply(Tensor value) {
        if (!constraints.stream().allMatch(BaseConstraint.class::isInstance)) {
            return Optional.empty();
        }
        try (INDArray array = Nd4j.createFromArray(value.toDoubles()).reshape('c', declared.apply(value.shape()))) {
            constraints.forEach(constraint -> ((BaseConstraint) constraint).apply(array));
            return Optional.of(value.like(value.shape(), array.data().asDouble()));
        }
    }
}
