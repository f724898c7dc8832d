package org.growingnn.dl4j.search;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.jspecify.annotations.Nullable;

/**
 * Runs rollouts side by side in waves: first the leaves, then all that one more action leads to, and so on. Each wave is a flat list of
 * independent evaluations. Candidates of equal content are evaluated once, and results are used in the order of the rollouts, so that
 * nothing depends on which evaluation ends first.
 */
final class RolloutBatch {

    private final SearchTask task;
    private final Ledger ledger;
    private final TranspositionTable table;
    private final Function<Candidate, List<Candidate>> further;
    private final Consumer<Rollout> ended;
    private final Consumer<Evaluated> evaluated;

    /**
     * Prepares batches.
     *
     * @param further lists what may follow a candidate
     * @param ended told once about each rollout, when nothing follows any more
     * @param evaluated told about every evaluation, after what it ended
     */
    RolloutBatch(
            SearchTask task,
            Ledger ledger,
            TranspositionTable table,
            Function<Candidate, List<Candidate>> further,
            Consumer<Rollout> ended,
            Consumer<Evaluated> evaluated) {
        this.task = task;
        this.ledger = ledger;
        this.table = table;
        this.further = further;
        this.ended = ended;
        this.evaluated = evaluated;
    }

    void run(List<Rollout> rollouts) {
        List<Rollout> going = rollouts;
        while (!going.isEmpty()) {
            wave(going);
            List<Rollout> next = new ArrayList<>();
            for (Rollout rollout : going) {
                if (rollout.open()) {
                    rollout.step(further.apply(rollout.continued()));
                    if (rollout.open()) {
                        next.add(rollout);
                    } else {
                        ended.accept(rollout);
                    }
                }
            }
            going = next;
        }
    }

    private void wave(List<Rollout> rollouts) {
        task.executor().prepare(rollouts.stream().map(Rollout::current).toList(), ledger.cancellation());
        Map<Object, List<Rollout>> groups = new LinkedHashMap<>();
        Map<Candidate, Object> keys = new LinkedHashMap<>();
        for (Rollout rollout : rollouts) {
            if (ledger.cancellation().requested()) {
                end(rollout);
                continue;
            }
            Object key = table.key(rollout.current());
            TranspositionTable.Known known = table.get(key);
            if (known != null) {
                take(rollout, known, null);
            } else if (groups.containsKey(key)) {
                groups.get(key).add(rollout);
            } else if (keys.size() < ledger.evaluationsLeft()) {
                groups.put(key, new ArrayList<>(List.of(rollout)));
                keys.put(rollout.current(), key);
            } else {
                end(rollout);
            }
        }
        task.executor()
                .evaluate(
                        task.evaluator(),
                        List.copyOf(keys.keySet()),
                        task.evaluationSeed(),
                        ledger.cancellation(),
                        result -> {
                            Object key = keys.get(result.candidate());
                            ledger.enter(result);
                            TranspositionTable.Known found = table.put(key, result.evaluation());
                            NetworkGraph trained = result.evaluation() instanceof Grade grade ? grade.trained() : null;
                            groups.remove(key).forEach(rollout -> take(rollout, found, trained));
                            result.candidate().forget();
                            evaluated.accept(result);
                        });
        // What is left was cancelled.
        groups.values().forEach(group -> group.forEach(this::end));
    }

    private void take(Rollout rollout, TranspositionTable.Known known, @Nullable NetworkGraph trained) {
        if (known.failure() != null) {
            // Whatever path the network was tried by, the reason is known of this one, too.
            ledger.failed(rollout.current(), known.failure());
            if (rollout.grades().isEmpty()) {
                rollout.leaf().fail();
            }
            end(rollout);
            return;
        }
        rollout.accept(known.value(), trained);
        if (!rollout.open()) {
            ended.accept(rollout);
        }
    }

    private void end(Rollout rollout) {
        rollout.end();
        ended.accept(rollout);
    }
}
