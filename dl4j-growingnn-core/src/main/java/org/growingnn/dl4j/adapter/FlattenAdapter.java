package org.growingnn.dl4j.adapter;

import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import org.deeplearning4j.nn.conf.preprocessor.Cnn3DToFeedForwardPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.CnnToFeedForwardPreProcessor;
import org.deeplearning4j.nn.modelimport.keras.preprocessors.TensorFlowCnnToFeedForwardPreProcessor;
import org.growingnn.dl4j.graph.Layout;
import org.growingnn.dl4j.graph.Propagation;
import org.growingnn.dl4j.graph.Signal;
import org.growingnn.dl4j.graph.Signal.Format;
import org.growingnn.dl4j.graph.Signal.Kind;

/**
 * Flattening of maps or volumes of {@code n} positions. With channels first a channel becomes n consecutive columns; with
 * channels last the whole list of channels comes n times.
 */
final class FlattenAdapter<C> implements ConfigurationAdapter<C> {

    private final Class<C> type;
    private final ToLongFunction<C> positions;
    private final Function<C, Format> format;
    private final BiConsumer<C, Long> setter;
    private final Function<C, InputHint> takes;

    private FlattenAdapter(
            Class<C> type,
            ToLongFunction<C> positions,
            Function<C, Format> format,
            BiConsumer<C, Long> setter,
            Function<C, InputHint> takes) {
        this.type = type;
        this.positions = positions;
        this.format = format;
        this.setter = setter;
        this.takes = takes;
    }

    static ConfigurationAdapter<?> maps() {
        return new FlattenAdapter<>(
                CnnToFeedForwardPreProcessor.class,
                flatten -> flatten.getInputHeight() * flatten.getInputWidth(),
                flatten -> InputTypes.format(flatten.getFormat()),
                CnnToFeedForwardPreProcessor::setNumChannels,
                FlattenAdapter::maps);
    }

    /** Keras models made with TensorFlow: the maps have channels first, but are flattened channels last. */
    @SuppressWarnings("deprecation") // It is what older imported models hold.
    static ConfigurationAdapter<?> mapsChannelsLast() {
        return new FlattenAdapter<>(
                TensorFlowCnnToFeedForwardPreProcessor.class,
                flatten -> flatten.getInputHeight() * flatten.getInputWidth(),
                flatten -> Format.CHANNELS_LAST,
                TensorFlowCnnToFeedForwardPreProcessor::setNumChannels,
                FlattenAdapter::maps);
    }

    static ConfigurationAdapter<?> volumes() {
        return new FlattenAdapter<>(
                Cnn3DToFeedForwardPreProcessor.class,
                flatten -> flatten.getInputDepth() * flatten.getInputHeight() * flatten.getInputWidth(),
                flatten -> flatten.isNCDHW() ? Format.CHANNELS_FIRST : Format.CHANNELS_LAST,
                Cnn3DToFeedForwardPreProcessor::setNumChannels,
                flatten -> new InputHint(
                        Kind.CONVOLUTIONAL_3D,
                        flatten.isNCDHW() ? Format.CHANNELS_FIRST : Format.CHANNELS_LAST,
                        flatten.getNumChannels(),
                        flatten.getInputDepth(),
                        flatten.getInputHeight(),
                        flatten.getInputWidth()));
    }

    @Override
    public Class<C> type() {
        return type;
    }

    @Override
    public Signal propagate(C flatten, Propagation p) {
        Signal in = p.input();
        if (in.kind() == Kind.FEED_FORWARD) {
            return in;
        }
        long count = positions.applyAsLong(flatten);
        if (count == 0 || in.units().length() == Layout.UNKNOWN) {
            // Legacy configurations learn their size from the first batch.
            String reason = "'" + p.vertex() + "' flattens maps of unknown size";
            p.freeze(in.units(), reason);
            return Signal.feedForward(p.produceFrozen(Layout.UNKNOWN, reason));
        }
        return Signal.feedForward(
                format.apply(flatten) == Format.CHANNELS_FIRST
                        ? in.units().times(count)
                        : in.units().repeat(count));
    }

    @Override
    public C withWidths(C flatten, Widths widths) {
        Kind kind = widths.inputs().get(0).kind();
        if ((kind == Kind.CONVOLUTIONAL || kind == Kind.CONVOLUTIONAL_3D) && widths.input() != Layout.UNKNOWN) {
            setter.accept(flatten, widths.input());
        }
        return flatten;
    }

    private static InputHint maps(CnnToFeedForwardPreProcessor flatten) {
        return new InputHint(
                Kind.CONVOLUTIONAL,
                InputTypes.format(flatten.getFormat()),
                flatten.getNumChannels(),
                flatten.getInputHeight(),
                flatten.getInputWidth());
    }

    /** Legacy configurations learn the number of channels from the first batch. */
    @Override
    public Optional<InputHint> expectedInput(C flatten, Optional<InputHint> behind) {
        return Optional.of(takes.apply(flatten)).filter(hint -> hint.size() > 0);
    }
}
