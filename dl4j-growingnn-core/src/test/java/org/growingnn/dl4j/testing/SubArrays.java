package org.growingnn.dl4j.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.graph.Parameter;
import org.growingnn.dl4j.graph.Tensor;

/** Finds what is left of arrays by their values alone, which must all differ: it knows nothing of layouts, maps and lineages. */
public final class SubArrays {

    private SubArrays() {}

    /**
     * Requires that an array consists of some positions along each axis of another one, in their order, with values that are equal bit
     * for bit.
     *
     * @param left what is left
     * @param whole what it was
     * @return the positions along each axis
     */
    public static List<int[]> positions(Tensor left, Tensor whole) {
        long[] from = whole.shape();
        assertThat(left.rank()).isEqualTo(whole.rank());
        Map<Double, int[]> places = new HashMap<>();
        for (int i = 0; i < whole.length(); i++) {
            assertThat(places.put(whole.get(i), index(i, from)))
                    .as("a value that occurs once")
                    .isNull();
        }
        List<TreeSet<Integer>> used =
                Stream.generate(TreeSet<Integer>::new).limit(from.length).toList();
        for (int i = 0; i < left.length(); i++) {
            int[] place = places.get(left.get(i));
            assertThat(place).as("where %s was", left.get(i)).isNotNull();
            for (int axis = 0; axis < place.length; axis++) {
                used.get(axis).add(place[axis]);
            }
        }
        List<int[]> positions = used.stream()
                .map(set -> set.stream().mapToInt(Integer::intValue).toArray())
                .toList();
        assertThat(positions.stream().mapToLong(axis -> axis.length).toArray()).isEqualTo(left.shape());
        for (int i = 0; i < left.length(); i++) {
            int[] index = index(i, left.shape());
            for (int axis = 0; axis < index.length; axis++) {
                index[axis] = positions.get(axis)[index[axis]];
            }
            assertThat(places.get(left.get(i))).isEqualTo(index);
        }
        return positions;
    }

    /**
     * Requires that vertices with arrays are still there, and that what is left of their arrays are sub-arrays of what they were.
     *
     * @param left the network now
     * @param whole the network before
     * @param vertices names; those that are gone and had no arrays are passed over
     * @return how many positions are gone along all axes of all arrays together
     */
    public static int missing(NetworkGraph left, NetworkGraph whole, Iterable<String> vertices) {
        int missing = 0;
        for (String name : vertices) {
            if (!left.isVertex(name)) {
                assertThat(whole.vertex(name).parameters())
                        .as("what '%s', which is gone, had", name)
                        .isEmpty();
            } else {
                for (Map.Entry<String, Parameter> old :
                        whole.vertex(name).parameters().entrySet()) {
                    Tensor before = old.getValue().value();
                    Tensor after =
                            left.vertex(name).parameters().get(old.getKey()).value();
                    List<int[]> positions = positions(after, before);
                    for (int axis = 0; axis < positions.size(); axis++) {
                        missing += (int) before.size(axis) - positions.get(axis).length;
                    }
                }
            }
        }
        return missing;
    }

    private static int[] index(int position, long[] shape) {
        int[] index = new int[shape.length];
        int rest = position;
        for (int axis = shape.length - 1; axis >= 0; axis--) {
            index[axis] = (int) (rest % shape[axis]);
            rest /= (int) shape[axis];
        }
        assertThat(rest)
                .as("position %s in %s", position, Arrays.toString(shape))
                .isZero();
        return index;
    }
}
