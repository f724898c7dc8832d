package org.growingnn.dl4j.adapter;

import org.deeplearning4j.nn.conf.preprocessor.FeedForwardToRnnPreProcessor;
import org.growingnn.dl4j.graph.Propagation;
import org.growingnn.dl4j.graph.Signal;
import org.growingnn.dl4j.graph.Signal.Kind;

/** Unfolds time from the batch, which {@link RnnToFeedForwardAdapter} folded into it. */
final class FeedForwardToRnnAdapter implements ConfigurationAdapter<FeedForwardToRnnPreProcessor> {

    @Override
    public Class<FeedForwardToRnnPreProcessor> type() {
        return FeedForwardToRnnPreProcessor.class;
    }

    @Override
    public Signal propagate(FeedForwardToRnnPreProcessor preprocessor, Propagation p) {
        Signal series = Signals.recurrent(p.input());
        return new Signal(
                Kind.RECURRENT, series.units(), InputTypes.format(preprocessor.getRnnDataFormat()), series.extents());
    }
}
