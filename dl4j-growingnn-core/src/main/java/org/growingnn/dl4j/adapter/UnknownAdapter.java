package org.growingnn.dl4j.adapter;

import java.util.Optional;
import org.deeplearning4j.nn.conf.layers.BaseRecurrentLayer;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.growingnn.dl4j.graph.Layout;
import org.growingnn.dl4j.graph.Propagation;
import org.growingnn.dl4j.graph.Signal;
import org.growingnn.dl4j.graph.Signal.Format;
import org.growingnn.dl4j.graph.Signal.Kind;

/** What nobody has described keeps its widths and those of what feeds it. */
final class UnknownAdapter implements ConfigurationAdapter<Object> {

    private final AdapterRegistry registry;

    UnknownAdapter(AdapterRegistry registry) {
        this.registry = registry;
    }

    @Override
    public Class<Object> type() {
        return Object.class;
    }

    @Override
    public Signal propagate(Object configuration, Propagation p) {
        String reason = "no adapter for " + configuration.getClass().getSimpleName() + " in '" + p.vertex() + "'";
        p.inputs().forEach(in -> p.freeze(in.units(), reason));
        long width = configuration instanceof FeedForwardLayer layer && layer.getNOut() > 0
                ? layer.getNOut()
                : Layout.UNKNOWN;
        p.batch(p.batches().get(0).foldedBy(p.vertex()));
        p.macs(Layout.UNKNOWN);
        return new Signal(Kind.UNKNOWN, p.produceFrozen(width, reason), Format.CHANNELS_FIRST);
    }

    /** A subclass lays out its parameters as it likes, but takes what the class that it extends takes. */
    @Override
    public Optional<InputHint> expectedInput(Object configuration, Optional<InputHint> behind) {
        for (Class<?> type = configuration.getClass().getSuperclass(); type != null; type = type.getSuperclass()) {
            Optional<ConfigurationAdapter<Object>> adapter = registry.find(type);
            if (adapter.isPresent()) {
                return adapter.get().expectedInput(configuration, behind);
            }
        }
        if (configuration instanceof BaseRecurrentLayer layer && layer.getNIn() > 0) {
            return Optional.of(InputHint.series(layer.getNIn(), InputTypes.format(layer.getRnnDataFormat())));
        }
        return configuration instanceof FeedForwardLayer layer && layer.getNIn() > 0
                ? Optional.of(InputHint.vectors(layer.getNIn()))
                : Optional.empty();
    }
}
