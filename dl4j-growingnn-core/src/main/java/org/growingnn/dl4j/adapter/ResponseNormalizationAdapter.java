package org.growingnn.dl4j.adapter;

import org.deeplearning4j.nn.conf.layers.LocalResponseNormalization;
import org.growingnn.dl4j.graph.Propagation;
import org.growingnn.dl4j.graph.Signal;

/** Response normalisation divides each unit by its neighbours within a window of {@code n} units. */
final class ResponseNormalizationAdapter implements ConfigurationAdapter<LocalResponseNormalization> {

    @Override
    public Class<LocalResponseNormalization> type() {
        return LocalResponseNormalization.class;
    }

    @Override
    public Signal propagate(LocalResponseNormalization layer, Propagation p) {
        p.mixes(p.input().units(), "response normalisation over neighbouring units in '" + p.vertex() + "'");
        // Deeplearning4j fails on fewer units than lie on one side of the window.
        p.atLeast(p.input().units(), (long) layer.getN() / 2 + 1);
        return p.input();
    }
}
