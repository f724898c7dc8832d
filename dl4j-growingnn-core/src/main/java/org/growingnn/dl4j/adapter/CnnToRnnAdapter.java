package org.growingnn.dl4j.adapter;

import java.util.Optional;
import org.deeplearning4j.nn.conf.preprocessor.CnnToRnnPreProcessor;
import org.growingnn.dl4j.graph.BatchFactor;
import org.growingnn.dl4j.graph.Layout;
import org.growingnn.dl4j.graph.Propagation;
import org.growingnn.dl4j.graph.Signal;
import org.growingnn.dl4j.graph.Signal.Format;
import org.growingnn.dl4j.graph.Signal.Kind;

/** Flattening of NCHW maps whose examples are the steps of series: a channel becomes {@code H · W} consecutive features. */
final class CnnToRnnAdapter implements ConfigurationAdapter<CnnToRnnPreProcessor> {

    @Override
    public Class<CnnToRnnPreProcessor> type() {
        return CnnToRnnPreProcessor.class;
    }

    @Override
    public Signal propagate(CnnToRnnPreProcessor flatten, Propagation p) {
        // Deeplearning4j divides whatever arrives into as many series as the network is given examples.
        p.batch(BatchFactor.ONE);
        return new Signal(
                Kind.RECURRENT,
                p.input().units().times(flatten.getInputHeight() * flatten.getInputWidth()),
                InputTypes.format(flatten.getRnnDataFormat()),
                Layout.UNKNOWN);
    }

    @Override
    public Optional<InputHint> expectedInput(CnnToRnnPreProcessor flatten, Optional<InputHint> behind) {
        return Optional.of(new InputHint(
                Kind.CONVOLUTIONAL,
                Format.CHANNELS_FIRST,
                flatten.getNumChannels(),
                flatten.getInputHeight(),
                flatten.getInputWidth()));
    }

    @Override
    public CnnToRnnPreProcessor withWidths(CnnToRnnPreProcessor flatten, Widths widths) {
        // It stores the product of its extents as well, which cannot be set.
        return widths.input() == Layout.UNKNOWN
                ? flatten
                : new CnnToRnnPreProcessor(
                        flatten.getInputHeight(), flatten.getInputWidth(), widths.input(), flatten.getRnnDataFormat());
    }
}
