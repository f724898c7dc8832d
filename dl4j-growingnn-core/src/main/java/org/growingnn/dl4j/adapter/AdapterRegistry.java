package org.growingnn.dl4j.adapter;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.stream.Stream;

/**
 * The adapters that a model is read with: one per configuration class, the last one given. A network keeps the registry that it
 * was read with.
 */
public final class AdapterRegistry {

    private static final AdapterRegistry STANDARD =
            new AdapterRegistry(Map.of(), new StandardAdapters().adapters(), false);

    private final Map<Class<?>, ConfigurationAdapter<?>> adapters;
    private final boolean prunesFrozenLayers;

    private AdapterRegistry(
            Map<Class<?>, ConfigurationAdapter<?>> before,
            Stream<? extends ConfigurationAdapter<?>> more,
            boolean prunesFrozenLayers) {
        Map<Class<?>, ConfigurationAdapter<?>> all = new HashMap<>(before);
        more.forEach(adapter -> all.put(adapter.type(), adapter));
        this.adapters = Map.copyOf(all);
        this.prunesFrozenLayers = prunesFrozenLayers;
    }

    /**
     * Gives the library's own adapters alone.
     *
     * @return adapters for the classes of Deeplearning4j
     */
    public static AdapterRegistry standard() {
        return STANDARD;
    }

    /**
     * Adds to the library's own adapters those of the {@link AdapterProvider}s whose service files a class loader finds.
     *
     * @param loader the class loader
     * @return the adapters
     * @throws java.util.ServiceConfigurationError if a provider that a service file names cannot be made
     */
    public static AdapterRegistry load(ClassLoader loader) {
        Objects.requireNonNull(loader, "loader");
        return new AdapterRegistry(
                STANDARD.adapters,
                ServiceLoader.load(AdapterProvider.class, loader).stream()
                        .flatMap(provider -> provider.get().adapters()),
                false);
    }

    /**
     * Adds to the library's own adapters those that the library's class loader finds, or, where the thread's context class loader
     * is a child of it, as in containers and tools that load plug-ins, that one.
     *
     * @return the adapters
     */
    public static AdapterRegistry load() {
        ClassLoader own = AdapterRegistry.class.getClassLoader();
        ClassLoader context = Thread.currentThread().getContextClassLoader();
        for (ClassLoader loader = context; loader != null; loader = loader.getParent()) {
            if (loader == own) {
                return load(context);
            }
        }
        return load(own);
    }

    /**
     * Adds adapters.
     *
     * @param more adapters, which take the place of those that are there for the same classes
     * @return the new registry
     */
    public AdapterRegistry with(ConfigurationAdapter<?>... more) {
        return new AdapterRegistry(adapters, Stream.of(more), prunesFrozenLayers);
    }

    /**
     * Chooses what frozen layers allow. Unless chosen, they keep all of their units. If units may be removed, what is left of a frozen
     * layer's weights still is what it was, bit for bit: units that it computes or takes can be left out, but never be combined, nor
     * can there be more of them.
     *
     * @param allowed whether units of frozen layers may be removed
     * @return the new registry
     */
    public AdapterRegistry pruneFrozenLayers(boolean allowed) {
        return new AdapterRegistry(adapters, Stream.empty(), allowed);
    }

    /**
     * Tells what frozen layers allow, for adapters of the caller's own that stand for frozen layers.
     *
     * @return whether units of frozen layers may be removed; false unless {@linkplain #pruneFrozenLayers chosen}
     */
    public boolean prunesFrozenLayers() {
        return prunesFrozenLayers;
    }

    /** Lists the classes of adapters that another registry does not have for the same configurations. */
    List<String> missingIn(AdapterRegistry other) {
        return adapters.entrySet().stream()
                .filter(entry -> {
                    ConfigurationAdapter<?> there = other.adapters.get(entry.getKey());
                    return there == null || there.getClass() != entry.getValue().getClass();
                })
                .map(entry -> entry.getValue().getClass().getName())
                .sorted()
                .toList();
    }

    /**
     * Finds the adapter of a class itself. Subclasses have none of their own, because they may lay out their parameters
     * differently.
     */
    @SuppressWarnings("unchecked")
    <C> Optional<ConfigurationAdapter<C>> find(Class<?> type) {
        return Optional.ofNullable((ConfigurationAdapter<C>) adapters.get(type)).map(adapter -> adapter.within(this));
    }

    /**
     * Gives the adapter of a configuration, for adapters of wrappers that leave the work to that of what they wrap.
     *
     * @param configuration a layer, vertex or preprocessor
     * @param <C> its class
     * @return its adapter; for what has none, one that keeps all widths
     */
    @SuppressWarnings("unchecked")
    public <C> ConfigurationAdapter<C> of(C configuration) {
        return this.<C>find(configuration.getClass())
                .orElseGet(() -> (ConfigurationAdapter<C>) new UnknownAdapter(this));
    }
}
