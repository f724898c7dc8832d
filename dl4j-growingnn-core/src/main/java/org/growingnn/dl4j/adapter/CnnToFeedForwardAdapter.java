package org.growingnn.dl4j.adapter;

import org.deeplearning4j.nn.conf.preprocessor.CnnToFeedForwardPreProcessor;
import org.growingnn.dl4j.graph.Layout;
import org.growingnn.dl4j.graph.Propagation;
import org.growingnn.dl4j.graph.Signal;
import org.growingnn.dl4j.graph.Signal.Format;
import org.growingnn.dl4j.graph.Signal.Kind;

/**
 * Flattening of maps. In NCHW order a channel becomes {@code H · W} consecutive columns; in NHWC order the whole list of
 * channels is repeated {@code H · W} times.
 */
final class CnnToFeedForwardAdapter implements ConfigurationAdapter<CnnToFeedForwardPreProcessor> {

    @Override
    public Class<CnnToFeedForwardPreProcessor> type() {
        return CnnToFeedForwardPreProcessor.class;
    }

    @Override
    public Signal propagate(CnnToFeedForwardPreProcessor flatten, Propagation p) {
        Signal in = p.input();
        if (in.kind() == Kind.FEED_FORWARD) {
            return in;
        }
        long positions = flatten.getInputHeight() * flatten.getInputWidth();
        if (positions == 0 || in.units().length() == Layout.UNKNOWN) {
            // Legacy configurations learn their size from the first batch.
            String reason = "'" + p.vertex() + "' flattens maps of unknown size";
            p.freeze(in.units(), reason);
            return Signal.feedForward(p.produceFrozen(Layout.UNKNOWN, reason));
        }
        return Signal.feedForward(
                InputTypes.format(flatten.getFormat()) == Format.CHANNELS_FIRST
                        ? in.units().times(positions)
                        : in.units().repeat(positions));
    }

    @Override
    public void writeWidths(CnnToFeedForwardPreProcessor flatten, Widths widths) {
        if (widths.inputs().get(0).kind() == Kind.CONVOLUTIONAL && widths.input() != Layout.UNKNOWN) {
            flatten.setNumChannels(widths.input());
        }
    }
}
