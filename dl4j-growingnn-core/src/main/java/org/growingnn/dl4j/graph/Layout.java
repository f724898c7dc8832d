package org.growingnn.dl4j.graph;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Which unit spaces index an axis, as consecutive blocks. Layouts travel along the edges of the network: concatenation
 * joins them, flattening multiplies positions per unit or repeats the whole list, depending on the memory order.
 *
 * @param blocks the blocks in order
 */
public record Layout(List<Block> blocks) {

    /** A width that cannot be told, behind a layer that the library does not know. */
    public static final long UNKNOWN = -1;

    /**
     * Copies the blocks.
     *
     * @param blocks the blocks in order
     */
    public Layout {
        blocks = List.copyOf(blocks);
    }

    /**
     * Gives the number of positions.
     *
     * @return the sum of the blocks' lengths, or {@link #UNKNOWN} if a block's length is unknown
     */
    public long length() {
        long sum = 0;
        for (Block block : blocks) {
            if (block.size() == UNKNOWN) {
                return UNKNOWN;
            }
            sum += block.length();
        }
        return sum;
    }

    /**
     * Joins layouts one behind the other.
     *
     * @param layouts at least one
     * @return the concatenation
     */
    public static Layout concat(List<Layout> layouts) {
        List<Block> all = new ArrayList<>();
        layouts.forEach(layout -> all.addAll(layout.blocks));
        return new Layout(all);
    }

    /**
     * Gives every unit {@code factor} times as many consecutive positions: channel-first flattening.
     *
     * @param factor ≥ 1
     * @return the layout with every block's {@code inner} multiplied
     */
    public Layout times(long factor) {
        return new Layout(blocks.stream()
                .map(b -> new Block(b.space(), b.size(), Math.toIntExact(b.inner() * factor)))
                .toList());
    }

    /**
     * Repeats the whole list: channel-last flattening, or the gates of an LSTM.
     *
     * @param count ≥ 1
     * @return the list {@code count} times
     */
    public Layout repeat(long count) {
        return concat(Collections.nCopies(Math.toIntExact(count), this));
    }
}
