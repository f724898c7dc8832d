package org.growingnn.dl4j.adapter;

import java.util.List;
import org.deeplearning4j.nn.conf.preprocessor.FeedForwardToCnnPreProcessor;
import org.growingnn.dl4j.graph.Block;
import org.growingnn.dl4j.graph.Layout;
import org.growingnn.dl4j.graph.Propagation;
import org.growingnn.dl4j.graph.Signal;
import org.growingnn.dl4j.graph.Signal.Format;
import org.growingnn.dl4j.graph.Signal.Kind;

/**
 * Folding of columns into NCHW maps: column {@code j} goes to channel {@code j / (H · W)}. Units that occupy whole channels,
 * because they were flattened before, stay units; others are frozen.
 */
final class FeedForwardToCnnAdapter implements ConfigurationAdapter<FeedForwardToCnnPreProcessor> {

    @Override
    public Class<FeedForwardToCnnPreProcessor> type() {
        return FeedForwardToCnnPreProcessor.class;
    }

    @Override
    public Signal propagate(FeedForwardToCnnPreProcessor fold, Propagation p) {
        Signal in = p.input();
        if (in.kind() == Kind.CONVOLUTIONAL) {
            return in;
        }
        long height = fold.getInputHeight();
        long width = fold.getInputWidth();
        List<Block> blocks = in.units().blocks();
        Layout channels;
        if (height * width > 0 && blocks.stream().allMatch(block -> block.inner() % (height * width) == 0)) {
            channels = new Layout(blocks.stream()
                    .map(b -> new Block(b.space(), b.size(), Math.toIntExact(b.inner() / (height * width))))
                    .toList());
        } else {
            String reason = "'" + p.vertex() + "' folds the units into maps of " + height + " x " + width;
            p.freeze(in.units(), reason);
            channels = p.produceFrozen(fold.getNumChannels(), reason);
        }
        return new Signal(Kind.CONVOLUTIONAL, channels, Format.CHANNELS_FIRST, height, width);
    }

    @Override
    public void writeWidths(FeedForwardToCnnPreProcessor fold, Widths widths) {
        long positions = fold.getInputHeight() * fold.getInputWidth();
        if (widths.inputs().get(0).kind() == Kind.FEED_FORWARD && widths.input() != Layout.UNKNOWN && positions > 0) {
            fold.setNumChannels(widths.input() / positions);
        }
    }
}
