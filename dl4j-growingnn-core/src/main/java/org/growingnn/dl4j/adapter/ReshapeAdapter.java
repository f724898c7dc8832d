package org.growingnn.dl4j.adapter;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.ToLongFunction;
import org.deeplearning4j.nn.conf.graph.ReshapeVertex;
import org.deeplearning4j.preprocessors.KerasFlattenRnnPreprocessor;
import org.deeplearning4j.preprocessors.ReshapePreprocessor;
import org.growingnn.dl4j.graph.Block;
import org.growingnn.dl4j.graph.Layout;
import org.growingnn.dl4j.graph.Propagation;
import org.growingnn.dl4j.graph.Signal;
import org.growingnn.dl4j.graph.Signal.Format;
import org.growingnn.dl4j.graph.Signal.Kind;

/**
 * Reshaping of each example in row-major order. Where units come first and every unit fills whole units of the new shape, units
 * stay units, each with another number of positions: {@code [C, H, W] → [C · H · W]} and back, {@code [C, H, W] → [C, H · W]}.
 * Any other reshape mixes positions of different units, and freezes them.
 */
final class ReshapeAdapter {

    private ReshapeAdapter() {}

    /** Reshapes a signal to {@code [?, rest…]}, where the first extent follows from the width. */
    private static Signal reshape(Propagation p, Signal in, long... rest) {
        return regrouped(in, product(rest))
                .map(units -> new Signal(kind(rest), units, Format.CHANNELS_FIRST, rest))
                .orElseGet(() -> frozen(p, in, rest));
    }

    /** Gives every unit's share of new units with so many positions, if it is whole. */
    private static Optional<Layout> regrouped(Signal in, long positions) {
        boolean unitsFirst = in.format() == Format.CHANNELS_FIRST || in.extents().length == 0;
        if (!unitsFirst || in.positions() <= 0 || positions <= 0 || in.units().length() == Layout.UNKNOWN) {
            return Optional.empty();
        }
        List<Block> blocks = in.units().blocks();
        if (blocks.stream().anyMatch(block -> block.inner() * in.positions() % positions != 0)) {
            return Optional.empty();
        }
        return Optional.of(new Layout(blocks.stream()
                .map(b -> new Block(b.space(), b.size(), Math.toIntExact(b.inner() * in.positions() / positions)))
                .toList()));
    }

    private static Signal frozen(Propagation p, Signal in, long... rest) {
        String reason = "'" + p.vertex() + "' reshapes across the bounds of units";
        p.freeze(in.units(), reason);
        long size = in.units().length() == Layout.UNKNOWN || in.positions() <= 0 || product(rest) <= 0
                ? Layout.UNKNOWN
                : in.units().length() * in.positions() / product(rest);
        return new Signal(kind(rest), p.produceFrozen(size, reason), Format.CHANNELS_FIRST, rest);
    }

    private static Kind kind(long... rest) {
        return switch (rest.length) {
            case 0 -> Kind.FEED_FORWARD;
            case 1 -> Kind.RECURRENT;
            case 2 -> Kind.CONVOLUTIONAL;
            default -> Kind.CONVOLUTIONAL_3D;
        };
    }

    private static long product(long... extents) {
        return Arrays.stream(extents).reduce(1, (a, b) -> a * b);
    }

    /** Number of values per example after a resizing. */
    private static long features(Signal in, ToLongFunction<Block> lengths) {
        return in.units().blocks().stream().mapToLong(lengths).sum() * in.positions();
    }

    private static boolean known(Signal in) {
        return in.units().length() != Layout.UNKNOWN && in.positions() > 0;
    }

    /** {@link ReshapeVertex}; its shape begins with the number of examples. */
    static final class Vertex implements ConfigurationAdapter<ReshapeVertex> {

        @Override
        public Class<ReshapeVertex> type() {
            return ReshapeVertex.class;
        }

        @Override
        public Signal propagate(ReshapeVertex reshape, Propagation p) {
            int[] shape = reshape.getNewShape();
            long[] rest = Arrays.stream(shape).skip(2).asLongStream().toArray();
            boolean examplesApart = shape.length >= 2
                    && shape.length <= 5
                    && reshape.getReshapeOrder() == 'c'
                    && Arrays.stream(rest).allMatch(extent -> extent > 0)
                    && (shape[1] < 0
                            || known(p.input())
                                    && shape[1] * product(rest)
                                            == p.input().units().length()
                                                    * p.input().positions());
            if (examplesApart) {
                return reshape(p, p.input(), rest);
            }
            String reason = "'" + p.vertex() + "' reshapes across examples";
            p.freeze(p.input().units(), reason);
            p.batch(p.batches().get(0).foldedBy(p.vertex()));
            return new Signal(Kind.UNKNOWN, p.produceFrozen(Layout.UNKNOWN, reason), Format.CHANNELS_FIRST);
        }

        @Override
        public ReshapeVertex resized(ReshapeVertex reshape, List<Signal> inputs, ToLongFunction<Block> lengths) {
            int[] shape = reshape.getNewShape().clone();
            Signal in = inputs.get(0);
            if (shape.length < 2 || shape[1] < 0 || !known(in)) {
                return reshape;
            }
            long rest = Arrays.stream(shape).skip(2).asLongStream().reduce(1, (a, b) -> a * b);
            shape[1] = Math.toIntExact(features(in, lengths) / rest);
            return new ReshapeVertex(reshape.getReshapeOrder(), shape, reshape.getMaskShape());
        }
    }

    /** {@link ReshapePreprocessor}, as Keras' Reshape is imported; its shapes begin with the examples or do not. */
    static final class PreProcessor implements ConfigurationAdapter<ReshapePreprocessor> {

        @Override
        public Class<ReshapePreprocessor> type() {
            return ReshapePreprocessor.class;
        }

        private static int first(ReshapePreprocessor reshape) {
            return reshape.isHasMiniBatchDimension() ? 1 : 0;
        }

        @Override
        public Signal propagate(ReshapePreprocessor reshape, Propagation p) {
            long[] target = reshape.getTargetShape();
            return reshape(p, p.input(), Arrays.copyOfRange(target, first(reshape) + 1, target.length));
        }

        @Override
        public ReshapePreprocessor resized(
                ReshapePreprocessor reshape, List<Signal> inputs, ToLongFunction<Block> lengths) {
            Signal in = inputs.get(0);
            if (!known(in)) {
                return reshape;
            }
            int first = first(reshape);
            long[] input = reshape.getInputShape().clone();
            long[] target = reshape.getTargetShape().clone();
            if (in.format() == Format.CHANNELS_FIRST && input.length > first) {
                input[first] = features(in, lengths) / product(Arrays.copyOfRange(input, first + 1, input.length));
            }
            target[first] = features(in, lengths) / product(Arrays.copyOfRange(target, first + 1, target.length));
            return new ReshapePreprocessor(input, target, reshape.isHasMiniBatchDimension(), reshape.getFormat());
        }
    }

    /** {@link KerasFlattenRnnPreprocessor}: a series of known length becomes a vector. */
    static final class FlattenSeries implements ConfigurationAdapter<KerasFlattenRnnPreprocessor> {

        @Override
        public Class<KerasFlattenRnnPreprocessor> type() {
            return KerasFlattenRnnPreprocessor.class;
        }

        @Override
        public Signal propagate(KerasFlattenRnnPreprocessor flatten, Propagation p) {
            Signal in = Signals.recurrent(p.input());
            return reshape(p, in.withExtents(flatten.getTsLength()));
        }

        @Override
        public Optional<InputHint> expectedInput(KerasFlattenRnnPreprocessor flatten, Optional<InputHint> behind) {
            return Optional.of(
                    new InputHint(Kind.RECURRENT, Format.CHANNELS_FIRST, flatten.getDepth(), flatten.getTsLength()));
        }

        @Override
        public KerasFlattenRnnPreprocessor withWidths(KerasFlattenRnnPreprocessor flatten, Widths widths) {
            if (widths.input() != Layout.UNKNOWN) {
                flatten.setDepth(widths.input());
            }
            return flatten;
        }
    }
}
