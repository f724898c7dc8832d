package org.growingnn.dl4j.adapter;

/**
 * How the library sees one of a layer's parameter arrays, or a run of indices along one of its axes.
 *
 * @param key the key of the part, unique in its layer
 * @param axis the axis that is cut, or −1 if the part is the whole array
 * @param from first index along that axis
 * @param shape extents of the part; its memory is read in the row-major order of the array that Deeplearning4j declares
 */
public record ParameterPart(String key, int axis, long from, long... shape) {

    /**
     * Takes a whole array.
     *
     * @param key the parameter's key
     * @param shape its shape, or another of the same length for a layer that uses its array differently from the shape that it
     *     declares
     * @return the part
     */
    public static ParameterPart whole(String key, long... shape) {
        return new ParameterPart(key, -1, 0, shape);
    }

    /**
     * Takes a run of indices along an axis.
     *
     * @param key the part's key
     * @param declared shape of the array
     * @param axis the axis to cut
     * @param from first index
     * @param to last index + 1
     * @return the part
     */
    public static ParameterPart slice(String key, long[] declared, int axis, long from, long to) {
        long[] shape = declared.clone();
        shape[axis] = to - from;
        return new ParameterPart(key, axis, from, shape);
    }
}
