package org.growingnn.dl4j.folder;

import java.time.Duration;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import org.growingnn.dl4j.action.Actions;
import org.growingnn.dl4j.action.StructuralAction;
import org.growingnn.dl4j.data.Position;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.run.Generation;
import org.growingnn.dl4j.run.ParetoArchive;
import org.growingnn.dl4j.run.Rejection;
import org.growingnn.dl4j.run.RunState;
import org.growingnn.dl4j.run.Snapshot;
import org.growingnn.dl4j.run.Stopper;
import org.growingnn.dl4j.run.TrainingRate;
import org.growingnn.dl4j.value.Family;
import org.growingnn.dl4j.value.RecordJson;

/**
 * A state of a run as it is written down.
 *
 * @param format number of the form; other numbers are not read
 * @param version version of the library that wrote it
 */
record Checkpoint(
        int format,
        String version,
        RunState.Phase phase,
        NetworkGraph initial,
        Snapshot current,
        Snapshot best,
        List<Generation> history,
        List<Integer> finalTrainings,
        List<Rejection> rejections,
        int paretoCapacity,
        List<ParetoArchive.Entry> pareto,
        Position position,
        TrainingRate rate,
        Stopper.Verdict verdict,
        Duration elapsed) {

    static final int FORMAT = 2;

    private static final Family<StructuralAction> ACTIONS =
            Family.named(StructuralAction.class, Actions::toJson, Actions::fromJson);

    static Checkpoint of(RunState state, String version) {
        return new Checkpoint(
                FORMAT,
                version,
                state.phase(),
                state.initial(),
                state.current(),
                state.best(),
                state.history(),
                state.finalTrainings(),
                state.rejections(),
                state.archive().capacity(),
                state.archive().entries(),
                state.position(),
                state.rate(),
                state.verdict(),
                state.elapsed());
    }

    RunState state() {
        ParetoArchive archive = new ParetoArchive(paretoCapacity);
        for (ParetoArchive.Entry entry : pareto) {
            archive = archive.with(entry);
        }
        return new RunState(
                phase,
                initial,
                current,
                best,
                history,
                finalTrainings,
                rejections,
                archive,
                position,
                rate,
                verdict,
                elapsed);
    }

    /** Lists the networks, each once. */
    Set<NetworkGraph> networks() {
        Set<NetworkGraph> networks = Collections.newSetFromMap(new IdentityHashMap<>());
        networks.add(initial);
        networks.add(current.network());
        networks.add(best.network());
        pareto.forEach(entry -> networks.add(entry.network()));
        return networks;
    }

    /** Networks are written to files of their own, and told by name. */
    static RecordJson form(NetworkFiles files) {
        return new RecordJson(Family.kept(NetworkGraph.class, files::name, files::network), ACTIONS);
    }
}
