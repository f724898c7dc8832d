package org.growingnn.dl4j.adapter;

import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.deeplearning4j.nn.conf.preprocessor.FeedForwardToCnn3DPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.FeedForwardToCnnPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.RnnToCnnPreProcessor;
import org.growingnn.dl4j.graph.Block;
import org.growingnn.dl4j.graph.Layout;
import org.growingnn.dl4j.graph.Propagation;
import org.growingnn.dl4j.graph.Signal;
import org.growingnn.dl4j.graph.Signal.Format;
import org.growingnn.dl4j.graph.Signal.Kind;

/**
 * Folding of columns into maps or volumes of {@code n} positions. With channels first, column {@code j} goes to channel {@code j
 * / n}, with channels last to channel {@code j mod C}. Units that were flattened the same way before stay units; others are
 * frozen, because a unit would be one position of a map.
 */
final class FoldAdapter<C> implements ConfigurationAdapter<C> {

    /** What a configuration says about the maps or volumes. */
    private record Target(Kind kind, Format format, long channels, long... extents) {
        long positions() {
            return Signals.product(extents);
        }
    }

    private final Class<C> type;
    private final Function<C, Target> target;
    private final BiFunction<C, Integer, C> withChannels;
    private final BiFunction<C, Long, InputHint> takes;

    private FoldAdapter(
            Class<C> type,
            Function<C, Target> target,
            BiFunction<C, Integer, C> withChannels,
            BiFunction<C, Long, InputHint> takes) {
        this.type = type;
        this.target = target;
        this.withChannels = withChannels;
        this.takes = takes;
    }

    static ConfigurationAdapter<?> maps() {
        return new FoldAdapter<>(
                FeedForwardToCnnPreProcessor.class,
                fold -> new Target(
                        Kind.CONVOLUTIONAL,
                        Format.CHANNELS_FIRST,
                        fold.getNumChannels(),
                        fold.getInputHeight(),
                        fold.getInputWidth()),
                (fold, channels) -> {
                    fold.setNumChannels(channels);
                    return fold;
                },
                (fold, columns) -> InputHint.vectors(columns));
    }

    /** Each time step of a series becomes an example. */
    static ConfigurationAdapter<?> seriesToMaps() {
        return new FoldAdapter<>(
                RnnToCnnPreProcessor.class,
                fold -> new Target(
                        Kind.CONVOLUTIONAL,
                        Format.CHANNELS_FIRST,
                        fold.getNumChannels(),
                        fold.getInputHeight(),
                        fold.getInputWidth()),
                // It stores the product of its extents as well, which cannot be set.
                (fold, channels) -> new RnnToCnnPreProcessor(
                        fold.getInputHeight(), fold.getInputWidth(), channels, fold.getRnnDataFormat()),
                (fold, columns) -> InputHint.series(columns, InputTypes.format(fold.getRnnDataFormat())));
    }

    static ConfigurationAdapter<?> volumes() {
        return new FoldAdapter<>(
                FeedForwardToCnn3DPreProcessor.class,
                fold -> new Target(
                        Kind.CONVOLUTIONAL_3D,
                        fold.isNCDHW() ? Format.CHANNELS_FIRST : Format.CHANNELS_LAST,
                        fold.getNumChannels(),
                        fold.getInputDepth(),
                        fold.getInputHeight(),
                        fold.getInputWidth()),
                (fold, channels) -> {
                    fold.setNumChannels(channels);
                    return fold;
                },
                (fold, columns) -> InputHint.vectors(columns));
    }

    @Override
    public Class<C> type() {
        return type;
    }

    @Override
    public Signal propagate(C fold, Propagation p) {
        Signal in = p.input();
        Target to = target.apply(fold);
        if (in.kind() == to.kind()) {
            return in;
        }
        if (in.kind() == Kind.RECURRENT) {
            // Each time step becomes an example, or is one already.
            p.batch(p.batches().get(0).foldedBy(p.vertex()));
        }
        List<Block> blocks = in.units().blocks();
        Layout channels;
        if (to.positions() > 0
                && to.format() == Format.CHANNELS_FIRST
                && blocks.stream().allMatch(block -> block.inner() % to.positions() == 0)) {
            channels = new Layout(blocks.stream()
                    .map(b -> new Block(b.space(), b.size(), Math.toIntExact(b.inner() / to.positions())))
                    .toList());
        } else if (to.format() == Format.CHANNELS_LAST && isRepeated(in.units(), to.positions())) {
            channels = new Layout(blocks.subList(0, Math.toIntExact(blocks.size() / to.positions())));
        } else {
            String reason = "'" + p.vertex() + "' folds single units into maps of " + to.positions() + " positions";
            p.freeze(in.units(), reason);
            channels = p.produceFrozen(to.channels(), reason);
        }
        return new Signal(to.kind(), channels, to.format(), to.extents());
    }

    private static boolean isRepeated(Layout layout, long times) {
        List<Block> blocks = layout.blocks();
        return times > 0
                && blocks.size() % times == 0
                && new Layout(blocks.subList(0, Math.toIntExact(blocks.size() / times)))
                        .repeat(times)
                        .equals(layout);
    }

    @Override
    public C withWidths(C fold, Widths widths) {
        Target to = target.apply(fold);
        if (widths.inputs().get(0).kind() == to.kind() || widths.input() == Layout.UNKNOWN || to.positions() <= 0) {
            return fold;
        }
        return withChannels.apply(fold, Math.toIntExact(widths.input() / to.positions()));
    }

    @Override
    public Optional<InputHint> expectedInput(C fold, Optional<InputHint> behind) {
        Target to = target.apply(fold);
        return to.positions() > 0 && to.channels() > 0
                ? Optional.of(takes.apply(fold, to.channels() * to.positions()))
                : Optional.empty();
    }
}
