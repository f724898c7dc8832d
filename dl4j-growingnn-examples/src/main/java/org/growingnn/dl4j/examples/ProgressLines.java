package org.growingnn.dl4j.examples;

import java.io.PrintStream;
import java.util.Locale;
import org.growingnn.dl4j.action.NoOp;
import org.growingnn.dl4j.run.Generation;
import org.growingnn.dl4j.run.Outcome;
import org.growingnn.dl4j.run.RunEvent;
import org.growingnn.dl4j.run.RunListener;
import org.growingnn.dl4j.search.SearchResult;

/** Prints a line for every search and every generation, and how the run ended if it did not get to its end. */
final class ProgressLines implements RunListener {

    private final PrintStream out;

    ProgressLines(PrintStream out) {
        this.out = out;
        out.printf(
                "%-10s %8s  %-42s %10s %9s %9s %9s %7s%n",
                "generation", "seconds", "action", "parameters", "reduction", "train", "held out", "score");
    }

    @Override
    public void onEvent(RunEvent event) {
        if (event instanceof RunEvent.SearchEnded ended) {
            print(ended.result());
        } else if (event instanceof RunEvent.GenerationEnded ended) {
            print(ended.generation());
        } else if (event instanceof RunEvent.RunEnded ended) {
            print(ended.outcome());
        }
    }

    private void print(SearchResult result) {
        out.printf(
                Locale.ROOT,
                "%10s            searched %d candidates in %.1f s%n",
                "",
                result.evaluations(),
                result.elapsed().toMillis() / 1000.0);
    }

    private void print(Generation generation) {
        out.printf(
                Locale.ROOT,
                "%10d %8.1f  %-42s %,10d %8.1f%% %8.2f%% %8.2f%% %7.4f%s%n",
                generation.number(),
                generation.elapsed().toMillis() / 1000.0,
                action(generation),
                generation.parameters(),
                100 * generation.reduction(),
                100 * generation.trainingMetric(),
                100 * generation.validationMetric(),
                generation.score(),
                generation.rejection().map(reason -> "  taken back: " + reason).orElse(""));
    }

    private void print(Outcome outcome) {
        if (outcome.status() == Outcome.Status.CANCELLED || outcome.status() == Outcome.Status.FAILED) {
            out.printf("%s: %s%n", outcome.status(), outcome.reason());
        }
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
