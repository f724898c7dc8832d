package org.growingnn.dl4j.adapter;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToLongFunction;
import org.deeplearning4j.nn.conf.graph.SubsetVertex;
import org.growingnn.dl4j.graph.Block;
import org.growingnn.dl4j.graph.Layout;
import org.growingnn.dl4j.graph.Propagation;
import org.growingnn.dl4j.graph.Signal;
import org.growingnn.dl4j.graph.Signal.Format;

/**
 * A range of the first axis behind the examples. Blocks that lie in it or outside of it as a whole stay resizable, because the
 * range moves with them; a space that the range cuts is frozen.
 */
final class SubsetAdapter implements ConfigurationAdapter<SubsetVertex> {

    @Override
    public Class<SubsetVertex> type() {
        return SubsetVertex.class;
    }

    @Override
    public Signal propagate(SubsetVertex subset, Propagation p) {
        Signal in = p.input();
        if (in.format() == Format.CHANNELS_LAST) {
            // Here the first axis is one of positions.
            long[] extents = in.extents();
            extents[0] = subset.getTo() - subset.getFrom() + 1L;
            return in.withExtents(extents);
        }
        if (in.units().length() == Layout.UNKNOWN) {
            String reason = "'" + p.vertex() + "' selects from an unknown number of units";
            p.freeze(in.units(), reason);
            return in.withUnits(p.produceFrozen(subset.getTo() - subset.getFrom() + 1L, reason));
        }
        List<Block> selected = new ArrayList<>();
        long start = 0;
        for (Block block : in.units().blocks()) {
            long end = start + block.length();
            long first = Math.max(start, subset.getFrom());
            long last = Math.min(end, subset.getTo() + 1L);
            if (first == start && last == end) {
                selected.add(block);
            } else if (first < last) {
                String reason = "'" + p.vertex() + "' selects some of the units only";
                p.freeze(new Layout(List.of(block)), reason);
                selected.addAll(p.produceFrozen(last - first, reason).blocks());
            }
            start = end;
        }
        return in.withUnits(new Layout(selected));
    }

    @Override
    public SubsetVertex resized(SubsetVertex subset, List<Signal> inputs, ToLongFunction<Block> lengths) {
        Signal in = inputs.get(0);
        if (in.format() == Format.CHANNELS_LAST || in.units().length() == Layout.UNKNOWN) {
            return subset;
        }
        int from = moved(in.units(), subset.getFrom(), lengths);
        int to = moved(in.units(), subset.getTo() + 1L, lengths) - 1;
        return from == subset.getFrom() && to == subset.getTo() ? subset : new SubsetVertex(from, to);
    }

    /** Follows a boundary between two positions; inside of a block, which then is frozen, it stays as far from its start. */
    private static int moved(Layout units, long boundary, ToLongFunction<Block> lengths) {
        long before = 0;
        long after = 0;
        for (Block block : units.blocks()) {
            if (before + block.length() > boundary) {
                break;
            }
            before += block.length();
            after += lengths.applyAsLong(block);
        }
        return Math.toIntExact(after + boundary - before);
    }
}
