package org.growingnn.dl4j.cli.report;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;

/** What follows from a log: which model counts as the result, and what it is compared with. */
final class Facts {

    static final String PARAMETERS = "parameters";
    static final String MACS = "macs";
    static final String LATENCY = "latency";

    private final RunLog log;
    private final Optional<RunLog.Generation> initial;
    private final Optional<RunLog.Generation> chosen;
    private final int trend;

    Facts(RunLog log) {
        this.log = log;
        initial = log.generations().stream().findFirst();
        chosen = log.end().isPresent()
                ? log.end().get().generation().flatMap(log::generation)
                : log.generations().stream()
                        .filter(RunLog.Generation::accepted)
                        .filter(some -> !Double.isNaN(some.score()))
                        .max(Comparator.comparingDouble(RunLog.Generation::score)
                                .thenComparingInt(RunLog.Generation::number));
        trend = trend(log.generations());
    }

    RunLog log() {
        return log;
    }

    /** The model that the first search starts from. */
    Optional<RunLog.Generation> initial() {
        return initial;
    }

    /** The model that was returned; while the run is under way, the best one so far. */
    Optional<RunLog.Generation> chosen() {
        return chosen;
    }

    boolean isChosen(RunLog.Generation generation) {
        return chosen.isPresent() && chosen.get().number() == generation.number();
    }

    /** Whether it can no longer change. */
    boolean ended() {
        return log.end().isPresent();
    }

    String chosenName() {
        return ended() ? "the result" : "the best so far";
    }

    Optional<RunLog.Network> before() {
        return log.network().isPresent() ? log.network() : initial.flatMap(RunLog.Generation::network);
    }

    Optional<RunLog.Network> after() {
        Optional<RunLog.Network> returned = log.end().flatMap(RunLog.End::network);
        return returned.isPresent() ? returned : chosen.flatMap(RunLog.Generation::network);
    }

    /** Names of the costs that are known of any generation, those that every run is about first. */
    List<String> costs() {
        Set<String> costs = new LinkedHashSet<>(List.of(PARAMETERS, MACS, LATENCY));
        log.generations().forEach(some -> costs.addAll(some.costs().keySet()));
        return costs.stream()
                .filter(cost -> costBefore(cost).isPresent()
                        || log.generations().stream()
                                .anyMatch(some -> some.cost(cost).isPresent()))
                .toList();
    }

    /** A cost's name for people. */
    static String title(String cost) {
        return switch (cost) {
            case PARAMETERS -> "Parameters";
            case MACS -> "Multiply-accumulates";
            case LATENCY -> "Latency of a forward pass";
            default -> SummarySection.capital(cost.replaceAll("[-_]", " "));
        };
    }

    OptionalLong costBefore(String cost) {
        OptionalLong measured = initial.map(some -> some.cost(cost)).orElse(OptionalLong.empty());
        return measured.isPresent() ? measured : cost(before(), cost);
    }

    OptionalLong costAfter(String cost) {
        OptionalLong measured = chosen.map(some -> some.cost(cost)).orElse(OptionalLong.empty());
        return measured.isPresent() ? measured : cost(after(), cost);
    }

    private static OptionalLong cost(Optional<RunLog.Network> network, String cost) {
        if (network.isEmpty()) {
            return OptionalLong.empty();
        }
        return switch (cost) {
            case PARAMETERS -> OptionalLong.of(network.get().parameters());
            case MACS -> network.get().macs();
            default -> OptionalLong.empty();
        };
    }

    /** The log does not tell the direction of a metric, but goodness rises where the metric gets better. */
    private static int trend(List<RunLog.Generation> generations) {
        int agreement = 0;
        for (RunLog.Generation one : generations) {
            for (RunLog.Generation other : generations) {
                double metric = one.validationMetric() - other.validationMetric();
                double goodness = one.goodness() - other.goodness();
                // Comparisons with NaN are false.
                if (metric * goodness > 0) {
                    agreement++;
                } else if (metric * goodness < 0) {
                    agreement--;
                }
            }
        }
        return agreement;
    }

    /** Which values of the metric are better; empty text if that cannot be told. */
    String direction() {
        return trend == 0 ? "" : trend < 0 ? "lower is better" : "higher is better";
    }

    /** Models that no other one beats in goodness and parameters: those the run tells, or what they are so far. */
    List<RunLog.Point> front() {
        if (log.end().isPresent() && !log.end().get().pareto().isEmpty()) {
            return log.end().get().pareto().stream()
                    .sorted(Comparator.comparingLong(RunLog.Point::parameters))
                    .toList();
        }
        List<RunLog.Generation> smallestFirst = log.generations().stream()
                .filter(RunLog.Generation::accepted)
                .filter(some -> some.cost(PARAMETERS).isPresent() && !Double.isNaN(some.goodness()))
                .sorted(Comparator.comparingLong((RunLog.Generation some) ->
                                some.cost(PARAMETERS).getAsLong())
                        .thenComparing(Comparator.comparingDouble(RunLog.Generation::goodness)
                                .reversed()))
                .toList();
        List<RunLog.Point> front = new ArrayList<>();
        double best = Double.NEGATIVE_INFINITY;
        for (RunLog.Generation some : smallestFirst) {
            if (some.goodness() > best) {
                best = some.goodness();
                OptionalLong nanos = some.cost(LATENCY);
                front.add(new RunLog.Point(
                        some.number(),
                        some.validationMetric(),
                        some.goodness(),
                        some.cost(PARAMETERS).getAsLong(),
                        some.cost(MACS),
                        nanos.isPresent() ? nanos.getAsLong() / 1e9 : Double.NaN));
            }
        }
        return front;
    }

    /** Units of each space at the beginning. */
    Map<String, Long> widthsBefore() {
        Map<String, Long> first = log.generations().stream()
                .map(RunLog.Generation::widthsBefore)
                .filter(widths -> !widths.isEmpty())
                .findFirst()
                .orElse(Map.of());
        return first.isEmpty() ? widths(before()) : first;
    }

    /** Units of each space of the result. */
    Map<String, Long> widthsAfter() {
        Map<String, Long> last = chosen.map(RunLog.Generation::widthsAfter).orElse(Map.of());
        return last.isEmpty() ? widths(after()) : last;
    }

    private static Map<String, Long> widths(Optional<RunLog.Network> network) {
        Map<String, Long> widths = new LinkedHashMap<>();
        network.ifPresent(some -> some.vertices().forEach(vertex -> {
            if (vertex.space().isPresent() && vertex.units().isPresent()) {
                widths.putIfAbsent(vertex.space().get(), vertex.units().getAsLong());
            }
        }));
        return widths;
    }

    /** Why candidates could not be graded, and how many for each reason. */
    Map<String, Integer> failures() {
        Map<String, Integer> failures = new TreeMap<>();
        log.candidates()
                .values()
                .forEach(some -> some.forEach(
                        candidate -> candidate.failure().ifPresent(reason -> failures.merge(reason, 1, Integer::sum))));
        return failures;
    }

    /** The number of the generation under way. */
    int next() {
        return log.generations().isEmpty()
                ? 0
                : log.generations().get(log.generations().size() - 1).number() + 1;
    }
}
