package org.growingnn.dl4j;

import java.time.Duration;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Function;
import java.util.function.LongFunction;
import org.growingnn.dl4j.LatencyReport.Measured;
import org.growingnn.dl4j.data.TrainingData;
import org.growingnn.dl4j.graph.Cost;
import org.growingnn.dl4j.graph.CostGoal;
import org.growingnn.dl4j.graph.LatencyTable;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.training.LatencyMeter;
import org.growingnn.dl4j.training.PassBatch;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.dataset.api.MultiDataSet;

/**
 * Tells what became of the latency, and sees to it that a target of pruning is met by the clock and not only by the table.
 *
 * @param meter measures
 * @param initial the network as it was given, which carries the table
 * @param goal what the latency may become at most if it was so long before; empty if it has no goal
 * @param most how many new networks may be measured; none if the table is to be trusted
 * @param batch what they are run on, if they are measured
 */
record LatencyCheck(
        LatencyMeter meter,
        NetworkGraph initial,
        LongFunction<OptionalDouble> goal,
        int most,
        Optional<MultiDataSet> batch) {

    /** Units to keep, and what became of the latency, if that is a target and this was the last word. */
    record Selected(Map<String, int[]> kept, Optional<LatencyReport> latency) {}

    /**
     * Measures the layers of a network, unless somebody gave the table.
     *
     * @return empty if the latency is no target
     * @throws IllegalArgumentException if the network has a layer that the given table has not
     */
    static Optional<LatencyCheck> of(
            List<CostGoal> goals,
            NetworkGraph network,
            @Nullable TrainingData data,
            Optional<LatencyTable> given,
            LatencyMeter meter,
            int most) {
        List<CostGoal> wanted =
                goals.stream().filter(goal -> goal.cost() == Cost.LATENCY).toList();
        if (wanted.isEmpty()) {
            return Optional.empty();
        }
        Optional<MultiDataSet> batch = given.isPresent() && most == 0
                ? Optional.empty()
                : Optional.of(PassBatch.of(
                        network,
                        Optional.ofNullable(data),
                        given.map(LatencyTable::examples).orElse(1)));
        LatencyTable table = given.orElseGet(() -> meter.table(network, batch.orElseThrow()));
        table.requireLayers(network);
        NetworkGraph initial = network.with(network.origin().withLatencies(table));
        LongFunction<OptionalDouble> goal = before ->
                wanted.stream().mapToDouble(limited -> limited.limit(before)).min();
        return Optional.of(new LatencyCheck(meter, initial, goal, most, batch));
    }

    /**
     * Selects units, and selects fewer as long as the network that they make takes too long: the goal by the table falls by the factor
     * by which the measured one was missed.
     *
     * @param costs what each cost may be at most
     * @param ranking selects units for costs
     * @param made makes the network of a selection
     */
    Selected select(
            Map<Cost, Double> costs,
            Function<Map<Cost, Double>, Map<String, int[]>> ranking,
            Function<Map<String, int[]>, NetworkGraph> made) {
        Map<Cost, Double> aims = new EnumMap<>(costs);
        Map<String, int[]> kept = ranking.apply(aims);
        NetworkGraph network = made.apply(kept);
        LatencyReport latency = latency(network, Math.min(1, most));
        for (int check = 2; check <= most && !latency.met(); check++) {
            Measured found = latency.measured().orElseThrow();
            aims.put(
                    Cost.LATENCY,
                    (double) latency.predicted().toNanos()
                            * found.goal().orElseThrow().toNanos()
                            / found.after().toNanos());
            Map<String, int[]> fewer = ranking.apply(aims);
            NetworkGraph narrower = made.apply(fewer);
            if (narrower.structureHash().equals(network.structureHash())) {
                break;
            }
            kept = fewer;
            network = narrower;
            latency = latency(network, check);
        }
        return new Selected(kept, Optional.of(latency));
    }

    /**
     * Tells what became of the latency.
     *
     * @param changed a network that was made from the initial one
     * @param checks number of the measurement; 0 for none
     */
    LatencyReport latency(NetworkGraph changed, int checks) {
        LatencyTable table = Cost.latencies(initial);
        Map<String, Duration> layers = new LinkedHashMap<>();
        changed.order().stream()
                .sorted(Comparator.comparingLong((String name) -> -table.of(changed, name)))
                .forEach(name -> layers.put(name, Duration.ofNanos(table.of(changed, name))));
        return new LatencyReport(
                table,
                Duration.ofNanos(table.of(changed)),
                goal(table.of(initial)),
                layers,
                checks,
                checks == 0 ? Optional.empty() : Optional.of(measured(changed)));
    }

    private Measured measured(NetworkGraph changed) {
        long[] medians = meter.medians(List.of(initial, changed), batch.orElseThrow());
        return new Measured(
                Duration.ofNanos(medians[0]), Duration.ofNanos(medians[1]), goal(medians[0]), meter.passes());
    }

    private Optional<Duration> goal(long before) {
        OptionalDouble limit = goal.apply(before);
        return limit.isPresent()
                ? Optional.of(Duration.ofNanos((long) Math.floor(limit.getAsDouble())))
                : Optional.empty();
    }
}
