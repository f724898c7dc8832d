package org.growingnn.dl4j.adapter;

import java.util.stream.Stream;

/**
 * Contributes adapters. Implementations are found by {@link java.util.ServiceLoader}; a provider on the class path may add
 * adapters for its own layers, and replaces the library's adapter for a class if both provide one. Where several providers do, the
 * one that the loader finds last has its way.
 */
public interface AdapterProvider {

    /**
     * Lists the adapters.
     *
     * @return at most one per configuration class
     */
    Stream<ConfigurationAdapter<?>> adapters();
}
