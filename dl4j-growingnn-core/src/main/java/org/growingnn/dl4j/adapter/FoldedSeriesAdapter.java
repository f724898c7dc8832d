package org.growingnn.dl4j.adapter;

import java.util.Optional;
import java.util.Set;
import org.deeplearning4j.nn.conf.preprocessor.RnnToFeedForwardPreProcessor;
import org.growingnn.dl4j.graph.Propagation;
import org.growingnn.dl4j.graph.Signal;
import org.growingnn.dl4j.graph.Signal.Format;
import org.growingnn.dl4j.graph.Signal.Kind;

/**
 * Folds time into the batch. Units stay as they are, and so does the number of time steps, at each of which the layers behind it
 * work; the arrays are matrices with the units on axis 1, whatever the format of the series.
 */
final class FoldedSeriesAdapter implements ConfigurationAdapter<RnnToFeedForwardPreProcessor> {

    @Override
    public Class<RnnToFeedForwardPreProcessor> type() {
        return RnnToFeedForwardPreProcessor.class;
    }

    @Override
    public Signal propagate(RnnToFeedForwardPreProcessor preprocessor, Propagation p) {
        Signal in = p.input();
        return in.kind() == Kind.RECURRENT
                ? new Signal(Kind.RECURRENT, in.units(), Format.CHANNELS_FIRST, in.extents())
                : in;
    }

    @Override
    public Optional<InputHint> expectedInput(RnnToFeedForwardPreProcessor preprocessor, Optional<InputHint> behind) {
        return behind.filter(hint -> hint.size() > 0)
                .map(hint -> InputHint.series(hint.size(), InputTypes.format(preprocessor.getRnnDataFormat())));
    }

    @Override
    public Set<Trait> traits(RnnToFeedForwardPreProcessor preprocessor) {
        return Set.of(Trait.IDLE_ON_VECTORS);
    }
}
