package org.growingnn.dl4j;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.growingnn.dl4j.action.NoOp;
import org.growingnn.dl4j.action.StructuralAction;
import org.growingnn.dl4j.search.ActionStatistics;
import org.growingnn.dl4j.search.Candidate;
import org.growingnn.dl4j.search.SearchResult;
import org.growingnn.dl4j.search.SearchStrategy;
import org.growingnn.dl4j.search.SearchTask;

/** Chooses one given action after the other, then no-op, to drive runs into known situations; keeps what it was asked. */
final class ScriptedSearch implements SearchStrategy {

    private final List<StructuralAction> rest;
    private final List<SearchTask> tasks = new ArrayList<>();

    ScriptedSearch(StructuralAction... actions) {
        rest = new ArrayList<>(List.of(actions));
    }

    /** What it was asked, in order. */
    List<SearchTask> tasks() {
        return tasks;
    }

    @Override
    public SearchResult search(SearchTask task) {
        tasks.add(task);
        StructuralAction action = rest.isEmpty() ? new NoOp() : rest.remove(0);
        return new SearchResult(
                Candidate.root(task.root()).then(action, task.projection()),
                1,
                List.of(new ActionStatistics(action, 1, 1)),
                1,
                Duration.ZERO,
                true);
    }

    @Override
    public boolean isDeterministic() {
        return true;
    }
}
