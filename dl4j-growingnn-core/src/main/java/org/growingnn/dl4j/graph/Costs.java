package org.growingnn.dl4j.graph;

import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.Set;
import org.growingnn.dl4j.value.Ranges;

/**
 * What a network takes, as far as it was asked for and is known.
 *
 * @param known costs, each ≥ 0; the parameters are always among them
 */
public record Costs(Map<Cost, Long> known) {

    /**
     * Copies the map.
     *
     * @param known costs, each ≥ 0
     */
    public Costs {
        Objects.requireNonNull(known, "known").forEach((cost, value) -> Ranges.requireAtLeast(cost.unit(), value, 0));
        Ranges.require(known.containsKey(Cost.PARAMETERS), "costs", known, "told with the parameters");
        known = Collections.unmodifiableMap(new EnumMap<>(known));
    }

    /**
     * Measures a network: its parameters, multiply-accumulates where they are known, its latency where it carries a table, and what is
     * asked for.
     *
     * @param network the network
     * @param wanted further costs
     * @return the costs
     * @throws IllegalStateException if a cost that is asked for cannot be told, with the reason
     */
    public static Costs of(NetworkGraph network, Set<Cost> wanted) {
        Map<Cost, Long> known = new EnumMap<>(Cost.class);
        for (Cost cost : Cost.values()) {
            boolean told = switch (cost) {
                case PARAMETERS -> true;
                case MACS -> network.macsKnown();
                case LATENCY -> network.origin().latencies().isPresent();
                case MEMORY, FILE_SIZE -> false;
            };
            if (told || wanted.contains(cost)) {
                known.put(cost, cost.of(network));
            }
        }
        return new Costs(known);
    }

    /**
     * Tells one cost.
     *
     * @param cost the cost
     * @return empty if it is unknown or was not asked for
     */
    public OptionalLong of(Cost cost) {
        Long value = known.get(cost);
        return value == null ? OptionalLong.empty() : OptionalLong.of(value);
    }

    /**
     * Counts the parameters.
     *
     * @return the count
     */
    public long parameters() {
        return known.get(Cost.PARAMETERS);
    }
}
