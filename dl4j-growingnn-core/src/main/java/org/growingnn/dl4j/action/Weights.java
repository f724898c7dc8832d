package org.growingnn.dl4j.action;

import java.util.SplittableRandom;
import java.util.function.ToDoubleFunction;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.graph.Parameter;
import org.growingnn.dl4j.graph.Tensor;

/** Weights of new layers. */
final class Weights {

    private Weights() {}

    /** Tells the precision of a network's parameters. */
    static boolean isDouble(NetworkGraph graph) {
        return graph.vertices().stream()
                .flatMap(vertex -> vertex.parameters().values().stream())
                .map(Parameter::value)
                .anyMatch(Tensor::isDouble);
    }

    /** Makes an array whose values follow from their indices. */
    static Tensor make(boolean wide, ToDoubleFunction<int[]> value, int... shape) {
        long[] extents = new long[shape.length];
        int length = 1;
        for (int i = 0; i < shape.length; i++) {
            extents[i] = shape[i];
            length = Math.multiplyExact(length, shape[i]);
        }
        double[] doubles = wide ? new double[length] : null;
        float[] floats = wide ? null : new float[length];
        int[] index = new int[shape.length];
        for (int position = 0; position < length; position++) {
            double number = value.applyAsDouble(index);
            if (wide) {
                doubles[position] = number;
            } else {
                floats[position] = (float) number;
            }
            for (int axis = shape.length - 1; axis >= 0 && ++index[axis] == shape[axis]; axis--) {
                index[axis] = 0;
            }
        }
        return wide ? Tensor.wrap(extents, doubles) : Tensor.wrap(extents, floats);
    }

    /**
     * Makes normally distributed values of variance 2 / fan-in (He et al. 2015). The same name gives the same values, so that a
     * journal can be replayed.
     */
    static ToDoubleFunction<int[]> random(String name, double fanIn) {
        SplittableRandom random = new SplittableRandom(name.hashCode());
        double deviation = Math.sqrt(2 / fanIn);
        return index -> deviation
                * Math.sqrt(-2 * Math.log(1 - random.nextDouble()))
                * Math.cos(2 * Math.PI * random.nextDouble());
    }
}
