package org.growingnn.dl4j.benchmarks;

import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeMap;

/**
 * Torch-Pruning 1.6 on the same networks, data and recovery budget: the best mean drop of test accuracy, in points, over its
 * criteria (Taylor and L2, global and local), three seeds each. Its learning rate and schedule were chosen on the first seed's test
 * accuracy.
 */
final class Peer {

    private static final Map<String, Map<Double, Double>> DROPS = Map.of(
            "mlp",
            new TreeMap<>(Map.of(
                    0.5, -0.20, 0.75, -0.16, 0.85, -0.04, 0.9, 0.23, 0.925, 0.45, 0.95, 0.87, 0.97, 1.95, 0.98, 3.23)),
            "lenet",
            new TreeMap<>(Map.of(
                    0.5, -0.32, 0.75, -0.20, 0.85, -0.21, 0.9, -0.12, 0.95, -0.04, 0.97, 0.15, 0.98, 0.32, 0.985, 0.48,
                    0.99, 0.90)));

    private Peer() {}

    static OptionalDouble drop(String network, double reduction) {
        Double drop = DROPS.getOrDefault(network, Map.of()).get(reduction);
        return drop == null ? OptionalDouble.empty() : OptionalDouble.of(drop);
    }

    static double[] reductions(String network) {
        return DROPS.getOrDefault(network, DROPS.get("mlp")).keySet().stream()
                .mapToDouble(Double::doubleValue)
                .toArray();
    }
}
