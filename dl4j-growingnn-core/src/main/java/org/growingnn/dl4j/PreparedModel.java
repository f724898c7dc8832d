package org.growingnn.dl4j;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.growingnn.dl4j.PruningResult.Reached;
import org.growingnn.dl4j.adapter.ModelWriter;
import org.growingnn.dl4j.data.Lease;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.graph.NetworkInput;
import org.growingnn.dl4j.graph.Selection;
import org.growingnn.dl4j.graph.Vertex;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A model that has been read once, to be pruned to any number of targets, as {@link StructuralPruner#prepare} makes it. Calibration data is
 * passed when it is first needed, and that serves the first round of every target. Used by one
 * thread at a time.
 */
public final class PreparedModel {

    private static final Logger LOG = LoggerFactory.getLogger(StructuralPruner.class);

    private final StructuralPruner settings;
    private final NetworkGraph read;
    private @Nullable NetworkGraph calibrated;

    PreparedModel(StructuralPruner settings, NetworkGraph read) {
        this.settings = settings;
        this.read = read;
    }

    /**
     * Prunes the model to a target, which need not be the pruner's own. The result is the same as that of a pruner that was made for this
     * target.
     *
     * @param target how far to prune
     * @return the pruned model, whose weights are finite
     * @throws IllegalArgumentException as for {@link StructuralPruner#prune}, or if the target contradicts the pruner's settings
     * @throws IllegalStateException as for {@link StructuralPruner#prune}
     */
    @SuppressWarnings("try") // The lease is only held.
    public PruningResult prune(PruningTarget target) {
        settings.requireSuited(Objects.requireNonNull(target, "target"));
        try (Lease lease = Lease.of("a StructuralPruner", settings.data == null ? List.of() : List.of(settings.data))) {
            return pruned(target);
        }
    }

    private PruningResult pruned(PruningTarget target) {
        Optional<LatencyCheck> clock = settings.latencyCheck(target, read);
        NetworkGraph initial = clock.map(LatencyCheck::initial).orElse(read);
        NetworkGraph start = withSelections(initial);
        WidthRules rules = settings.widthRules(start, target);
        PruningRun run = new PruningRun(settings, target, initial, start, rules, clock, this::calibrated);
        if (target.check().isPresent()) {
            return new SmallestPassing(run, target.check().get()).find();
        }
        Map<String, Integer> widths = rules.widths();
        if (widths.isEmpty()) {
            // Costs that are unknown are reported here.
            List<Reached> given = Reached.of(target.goals(), initial, initial);
            if (given.stream().allMatch(Reached::met)) {
                Optional<LatencyReport> latency =
                        clock.map(check -> check.latency(initial, Math.min(1, settings.latencyChecks)));
                if (latency.map(LatencyReport::met).orElse(true)) {
                    LOG.warn(
                            "The model meets the target already ({}); it is left unchanged and is not trained.", given);
                    return new PruningResult(
                            ModelWriter.toComputationGraph(initial), initial, initial, Map.of(), 0, given, latency);
                }
            }
            rules.requireReachable(target.goals(), initial);
        } else if (widths.entrySet().stream()
                .allMatch(width -> start.spaceNamed(width.getKey()).size() == width.getValue())) {
            LOG.warn("The model has the widths {} already; it is left unchanged and is not trained.", widths);
            return new PruningResult(ModelWriter.toComputationGraph(initial), initial, initial, Map.of());
        }
        return run.prune();
    }

    /** Latencies, which may be measured for one target and not for another, do not change what calibration tells. */
    private NetworkGraph calibrated(NetworkGraph start) {
        if (calibrated == null) {
            calibrated = settings.calibrated(start, 1);
        }
        return start.with(calibrated.calibration());
    }

    /** Inserts selections of all positions that may be left out, whose spaces are then ranked like those of layers. */
    private NetworkGraph withSelections(NetworkGraph network) {
        NetworkGraph result = network;
        for (Vertex vertex : network.vertices()) {
            if (settings.positions
                    && !settings.excluded.contains(vertex.name())
                    && Selection.flatteningObstacle(result, vertex.name()).isEmpty()) {
                result = Selection.insertInFrontOf(result, vertex.name());
            }
        }
        for (NetworkInput input : network.inputs()) {
            if (settings.inputRatio > 0
                    && !settings.excluded.contains(input.name())
                    && Selection.obstacle(result, input.name()).isEmpty()) {
                result = Selection.insert(result, input.name());
            }
        }
        return result;
    }
}
