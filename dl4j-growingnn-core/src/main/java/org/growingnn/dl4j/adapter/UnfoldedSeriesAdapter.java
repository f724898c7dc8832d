package org.growingnn.dl4j.adapter;

import java.util.Optional;
import org.deeplearning4j.nn.conf.preprocessor.FeedForwardToRnnPreProcessor;
import org.growingnn.dl4j.graph.BatchFactor;
import org.growingnn.dl4j.graph.Propagation;
import org.growingnn.dl4j.graph.Signal;
import org.growingnn.dl4j.graph.Signal.Kind;

/** Takes time out of the batch, into which it was folded. Units stay as they are. */
final class UnfoldedSeriesAdapter implements ConfigurationAdapter<FeedForwardToRnnPreProcessor> {

    @Override
    public Class<FeedForwardToRnnPreProcessor> type() {
        return FeedForwardToRnnPreProcessor.class;
    }

    @Override
    public Signal propagate(FeedForwardToRnnPreProcessor preprocessor, Propagation p) {
        // Deeplearning4j divides whatever arrives into as many series as the network is given examples.
        p.batch(BatchFactor.ONE);
        Signal series = Signals.recurrent(p.input());
        return new Signal(
                Kind.RECURRENT, series.units(), InputTypes.format(preprocessor.getRnnDataFormat()), series.extents());
    }

    /** What arrives at a network is vectors, each of which becomes a series of one step. */
    @Override
    public Optional<InputHint> expectedInput(FeedForwardToRnnPreProcessor preprocessor, Optional<InputHint> behind) {
        return behind.filter(hint -> hint.size() > 0).map(hint -> InputHint.vectors(hint.size()));
    }
}
