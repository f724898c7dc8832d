package org.growingnn.dl4j.examples.extension;

import java.util.Map;
import java.util.stream.Stream;
import org.growingnn.dl4j.action.ActionProvider;
import org.growingnn.dl4j.action.StructuralAction;
import org.growingnn.dl4j.adapter.AdapterProvider;
import org.growingnn.dl4j.adapter.ConfigurationAdapter;

/**
 * Makes the adapter and the action known. The library finds this class by two files of its name in {@code META-INF/services}:
 * {@code org.growingnn.dl4j.adapter.AdapterProvider} and {@code org.growingnn.dl4j.action.ActionProvider}.
 */
public final class Extensions implements AdapterProvider, ActionProvider {

    @Override
    public Stream<ConfigurationAdapter<?>> adapters() {
        return Stream.of(new MaxoutAdapter());
    }

    @Override
    public Map<String, Class<? extends StructuralAction>> actions() {
        return Map.of(NarrowAll.NAME, NarrowAll.class);
    }
}
