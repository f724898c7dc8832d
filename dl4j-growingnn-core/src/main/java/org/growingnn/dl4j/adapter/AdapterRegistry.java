package org.growingnn.dl4j.adapter;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.function.ToLongFunction;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.growingnn.dl4j.graph.Block;
import org.growingnn.dl4j.graph.Layout;
import org.growingnn.dl4j.graph.Propagation;
import org.growingnn.dl4j.graph.Signal;
import org.growingnn.dl4j.graph.Signal.Format;
import org.growingnn.dl4j.graph.Signal.Kind;

/** Finds the adapter of a configuration and applies it; what has no adapter keeps its widths and those of what feeds it. */
final class AdapterRegistry {

    private static final Map<Class<?>, ConfigurationAdapter<?>> ADAPTERS = load();

    private AdapterRegistry() {}

    private static Map<Class<?>, ConfigurationAdapter<?>> load() {
        Map<Class<?>, ConfigurationAdapter<?>> found = new HashMap<>();
        new StandardAdapters().adapters().forEach(adapter -> found.put(adapter.type(), adapter));
        // The library's own class loader finds the library's service files even where the thread's loader is another.
        for (AdapterProvider provider :
                ServiceLoader.load(AdapterProvider.class, AdapterRegistry.class.getClassLoader())) {
            provider.adapters().forEach(adapter -> found.put(adapter.type(), adapter));
        }
        return Map.copyOf(found);
    }

    /** Matches the exact class: a subclass may lay out its parameters differently. */
    @SuppressWarnings("unchecked")
    static <C> Optional<ConfigurationAdapter<C>> find(C configuration) {
        return Optional.ofNullable((ConfigurationAdapter<C>) ADAPTERS.get(configuration.getClass()));
    }

    static <C> Signal propagate(C configuration, Propagation p) {
        Optional<ConfigurationAdapter<C>> adapter = find(configuration);
        return adapter.isPresent() ? adapter.get().propagate(configuration, p) : barrier(configuration, p);
    }

    private static Signal barrier(Object configuration, Propagation p) {
        String reason = "no adapter for " + configuration.getClass().getSimpleName() + " in '" + p.vertex() + "'";
        p.inputs().forEach(in -> p.freeze(in.units(), reason));
        long width = configuration instanceof FeedForwardLayer layer && layer.getNOut() > 0
                ? layer.getNOut()
                : Layout.UNKNOWN;
        p.macs(Layout.UNKNOWN);
        return new Signal(Kind.UNKNOWN, p.produceFrozen(width, reason), Format.CHANNELS_FIRST);
    }

    static <C> C withWidths(C copy, Widths widths) {
        return find(copy).map(adapter -> adapter.withWidths(copy, widths)).orElse(copy);
    }

    static <C> C resized(C configuration, List<Signal> inputs, ToLongFunction<Block> lengths) {
        return find(configuration)
                .map(adapter -> adapter.resized(configuration, inputs, lengths))
                .orElse(configuration);
    }

    static <C> List<ParameterPart> parts(C configuration, String key, long[] declared) {
        return find(configuration)
                .map(adapter -> adapter.parts(configuration, key, declared))
                .orElseGet(() -> List.of(ParameterPart.whole(key, declared)));
    }
}
