package org.growingnn.dl4j.adapter;

import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.recurrent.Bidirectional;
import org.deeplearning4j.nn.params.BidirectionalParamInitializer;
import org.growingnn.dl4j.graph.Layout;
import org.growingnn.dl4j.graph.Propagation;
import org.growingnn.dl4j.graph.Signal;

/**
 * Two copies of a recurrent layer, one of which reads the series backwards; their parameters have the prefixes {@code f} and
 * {@code b}. Deeplearning4j stores both in halves of equal length, so their units are tied in every mode; concatenation puts
 * the backward units behind the forward ones.
 */
final class BidirectionalAdapter implements ConfigurationAdapter<Bidirectional> {

    private static final String FORWARD = BidirectionalParamInitializer.FORWARD_PREFIX;
    private static final String BACKWARD = BidirectionalParamInitializer.BACKWARD_PREFIX;

    private final Supplier<AdapterRegistry> adapters;

    BidirectionalAdapter(Supplier<AdapterRegistry> adapters) {
        this.adapters = adapters;
    }

    @Override
    public BidirectionalAdapter within(AdapterRegistry registry) {
        return new BidirectionalAdapter(() -> registry);
    }

    private ConfigurationAdapter<Layer> adapter(Layer inner) {
        return adapters.get().of(inner);
    }

    @Override
    public Class<Bidirectional> type() {
        return Bidirectional.class;
    }

    @Override
    public Signal propagate(Bidirectional layer, Propagation p) {
        Signal forward = adapter(layer.getFwd()).propagate(layer.getFwd(), p.wrapped(FORWARD));
        Signal backward = adapter(layer.getBwd()).propagate(layer.getBwd(), p.wrapped(BACKWARD));
        p.unify(forward.units(), backward.units());
        return layer.getMode() == Bidirectional.Mode.CONCAT
                ? forward.withUnits(Layout.concat(List.of(forward.units(), backward.units())))
                : forward;
    }

    @Override
    public List<ParameterPart> parts(Bidirectional layer, String key, long[] declared) {
        String prefix = key.substring(0, FORWARD.length());
        Layer inner = prefix.equals(FORWARD) ? layer.getFwd() : layer.getBwd();
        return adapter(inner).parts(inner, key.substring(prefix.length()), declared).stream()
                .map(part -> new ParameterPart(prefix + part.key(), part.axis(), part.from(), part.shape()))
                .toList();
    }

    @Override
    public Bidirectional withWidths(Bidirectional layer, Widths widths) {
        layer.setFwd(adapter(layer.getFwd()).withWidths(layer.getFwd(), widths.wrapped(FORWARD)));
        layer.setBwd(adapter(layer.getBwd()).withWidths(layer.getBwd(), widths.wrapped(BACKWARD)));
        return layer;
    }

    @Override
    public Optional<InputHint> expectedInput(Bidirectional layer, Optional<InputHint> behind) {
        return adapter(layer.getFwd()).expectedInput(layer.getFwd(), behind);
    }
}
