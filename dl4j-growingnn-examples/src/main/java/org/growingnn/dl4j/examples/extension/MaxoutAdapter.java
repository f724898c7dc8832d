package org.growingnn.dl4j.examples.extension;

import java.util.Optional;
import org.growingnn.dl4j.adapter.ConfigurationAdapter;
import org.growingnn.dl4j.adapter.InputHint;
import org.growingnn.dl4j.adapter.Weighing;
import org.growingnn.dl4j.adapter.Widths;
import org.growingnn.dl4j.graph.Axis;
import org.growingnn.dl4j.graph.Layout;
import org.growingnn.dl4j.graph.Propagation;
import org.growingnn.dl4j.graph.Signal;

/** All that the library needs to know about {@link MaxoutLayer}: what its axes mean, and where it stores its widths. */
public final class MaxoutAdapter implements ConfigurationAdapter<MaxoutLayer> {

    @Override
    public Class<MaxoutLayer> type() {
        return MaxoutLayer.class;
    }

    @Override
    public Signal propagate(MaxoutLayer layer, Propagation p) {
        // The number of pieces never changes, so it may be read; widths must come from the arrays.
        Layout units = p.produce(p.shape(MaxoutLayer.BIAS)[0] / layer.getPieces());
        Layout columns = units.repeat(layer.getPieces());
        p.axes(MaxoutLayer.WEIGHT, Axis.consumes(p.input().units()), Axis.produces(columns));
        p.axes(MaxoutLayer.BIAS, Axis.produces(columns));
        p.macs(p.shape(MaxoutLayer.WEIGHT)[0] * p.shape(MaxoutLayer.WEIGHT)[1]);
        return Signal.feedForward(units);
    }

    @Override
    public MaxoutLayer withWidths(MaxoutLayer copy, Widths widths) {
        copy.setInputs(widths.size(MaxoutLayer.WEIGHT, 0));
        copy.setUnits(widths.size(MaxoutLayer.WEIGHT, 1) / copy.getPieces());
        // Deeplearning4j remembers the shapes of SameDiff layers' parameters.
        copy.setLayerParams(null);
        return copy;
    }

    /** Each piece is a weighted sum of what arrives, so that its weights can be refitted when less arrives. */
    @Override
    public Optional<Weighing> weighing(MaxoutLayer layer) {
        return Optional.of(Weighing.rows(MaxoutLayer.WEIGHT, Signal.Format.CHANNELS_FIRST, false));
    }

    @Override
    public Optional<InputHint> expectedInput(MaxoutLayer layer, Optional<InputHint> behind) {
        return Optional.of(InputHint.vectors(layer.getInputs()));
    }
}
