package org.growingnn.dl4j.adapter;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;

/** Finds the adapter of a configuration class. */
final class AdapterRegistry {

    private static final Map<Class<?>, ConfigurationAdapter<?>> ADAPTERS = load();

    private AdapterRegistry() {}

    private static Map<Class<?>, ConfigurationAdapter<?>> load() {
        Map<Class<?>, ConfigurationAdapter<?>> found = new HashMap<>();
        new StandardAdapters().adapters().forEach(adapter -> found.put(adapter.type(), adapter));
        // The library's own class loader finds the library's service files even where the thread's loader is another
        // one.
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
}
