package org.growingnn.dl4j.adapter;

import java.util.EnumSet;
import java.util.Set;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.growingnn.dl4j.graph.Propagation;
import org.growingnn.dl4j.graph.Signal;

/** An activation function as a layer of its own. */
final class ActivationAdapter implements ConfigurationAdapter<ActivationLayer> {

    @Override
    public Class<ActivationLayer> type() {
        return ActivationLayer.class;
    }

    @Override
    public Signal propagate(ActivationLayer layer, Propagation p) {
        Signals.activation(layer.getActivationFn(), p.input().units(), p);
        return p.input();
    }

    @Override
    public Set<Trait> traits(ActivationLayer layer) {
        Set<Trait> traits = EnumSet.of(Trait.UNITWISE, Trait.BELONGS_TO_LAYER_IN_FRONT);
        traits.addAll(Activations.traits(layer.getActivationFn()));
        return traits;
    }
}
