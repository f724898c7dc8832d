package org.growingnn.dl4j.action;

import java.util.Map;

/**
 * Makes actions of the user's own known to {@link Actions}, so that journals with them can be written and read. Implementations
 * are found by {@link java.util.ServiceLoader}.
 */
public interface ActionProvider {

    /**
     * Lists action classes by the names that stand for them in journals. Each must be a public record whose {@code toString()}
     * is {@code name(component=value, …)} with its components in order.
     *
     * @return names in lower case with hyphens, none of which the library uses
     */
    Map<String, Class<? extends StructuralAction>> actions();
}
