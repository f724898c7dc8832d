package org.growingnn.dl4j.adapter;

import java.util.Set;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.growingnn.dl4j.graph.Propagation;
import org.growingnn.dl4j.graph.Signal;

/** Dropout as a layer of its own; some kinds of it multiply units, others add to them. */
final class DropoutAdapter implements ConfigurationAdapter<DropoutLayer> {

    @Override
    public Class<DropoutLayer> type() {
        return DropoutLayer.class;
    }

    @Override
    public Signal propagate(DropoutLayer layer, Propagation p) {
        return p.input();
    }

    @Override
    public Set<Trait> traits(DropoutLayer layer) {
        return Rectifiers.scales(layer.getIDropout())
                ? Set.of(Trait.UNITWISE, Trait.KEEPS_SIGN)
                : Set.of(Trait.UNITWISE);
    }
}
