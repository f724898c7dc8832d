package org.growingnn.dl4j.examples;

import java.io.PrintStream;
import java.util.Locale;
import org.growingnn.dl4j.action.NoOp;
import org.growingnn.dl4j.run.Generation;
import org.growingnn.dl4j.run.OptimizationListener;
import org.growingnn.dl4j.search.SearchResult;

/** Prints a line for every search and every generation. */
final class ProgressLines implements OptimizationListener {

    private final PrintStream out;

    ProgressLines(PrintStream out) {
        this.out = out;
        out.printf(
                "%-10s %8s  %-42s %10s %9s %9s %9s %7s%n",
                "generation", "seconds", "action", "parameters", "reduction", "train", "held out", "score");
    }

    @Override
    public void onSearch(int generation, SearchResult result) {
        out.printf(
                Locale.ROOT,
                "%10s            searched %d candidates in %.1f s%n",
                "",
                result.evaluations(),
                result.elapsed().toMillis() / 1000.0);
    }

    @Override
    public void onGeneration(Generation generation) {
        out.printf(
                Locale.ROOT,
                "%10d %8.1f  %-42s %,10d %8.1f%% %8.2f%% %8.2f%% %7.4f%s%n",
                generation.number(),
                generation.elapsed().toMillis() / 1000.0,
                action(generation),
                generation.parameters(),
                100 * generation.reduction(),
                100 * generation.trainAccuracy(),
                100 * generation.validationAccuracy(),
                generation.score(),
                generation.accepted() ? "" : "  taken back");
    }

    private static String action(Generation generation) {
        if (generation.number() == 0) {
            return "(as it was)";
        }
        return generation
                .action()
                .map(action -> action instanceof NoOp ? "(train only)" : action.toString())
                .orElse("(train only)");
    }
}
