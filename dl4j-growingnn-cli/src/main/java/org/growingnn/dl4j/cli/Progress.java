package org.growingnn.dl4j.cli;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.growingnn.dl4j.action.NoOp;
import org.growingnn.dl4j.run.Generation;
import org.growingnn.dl4j.run.RunEvent;
import org.growingnn.dl4j.run.RunListener;

/** Tells how a run goes: by a bar on a terminal, by a line for each generation elsewhere. */
abstract class Progress implements RunListener, AutoCloseable {

    static Progress of(Console console, int generations) {
        if (console.quiet()) {
            return new Silent();
        }
        // Java has a console only if nothing is redirected.
        return System.console() != null && !"dumb".equals(System.getenv("TERM"))
                ? new Bar(generations)
                : new Lines(console.messages());
    }

    @Override
    public void close() {}

    private static String text(Generation generation) {
        return String.format(
                Locale.ROOT,
                "%,d parameters (%.1f %% less), metric %.4f",
                generation.parameters(),
                100 * generation.reduction(),
                generation.validationMetric());
    }

    private static final class Silent extends Progress {

        @Override
        public void onEvent(RunEvent event) {
            // Nobody wants to know.
        }
    }

    /** One line for each generation, as logs have them. */
    private static final class Lines extends Progress {

        private final PrintWriter out;

        Lines(PrintWriter out) {
            this.out = out;
        }

        @Override
        public void onEvent(RunEvent event) {
            if (event instanceof RunEvent.RunForecast forecast) {
                out.println(forecast.forecast().describe());
            } else if (event instanceof RunEvent.GenerationEnded ended) {
                Generation generation = ended.generation();
                out.printf(
                        Locale.ROOT,
                        "generation %d, %.1f s: %s, %s%s%n",
                        generation.number(),
                        generation.elapsed().toMillis() / 1000.0,
                        generation
                                .action()
                                .filter(action -> !(action instanceof NoOp))
                                .map(Object::toString)
                                .orElse(generation.number() == 0 ? "as given" : "training only"),
                        text(generation),
                        generation
                                .rejection()
                                .map(reason -> ", taken back: " + reason)
                                .orElse(""));
            }
            out.flush();
        }
    }

    /** Generations as a bar; behind it the candidate under way, the model that the run goes on from, and the time that is left. */
    private static final class Bar extends Progress {

        private final ProgressBar bar;
        private String kept = "";
        private Optional<Duration> left = Optional.empty();
        private long since = System.nanoTime();

        Bar(int generations) {
            bar = new ProgressBarBuilder()
                    .setTaskName("generations")
                    .setInitialMax(generations)
                    .setStyle(ProgressBarStyle.ASCII)
                    .setConsumer(new ConsoleProgressBarConsumer(System.err))
                    .hideEta()
                    .build();
        }

        @Override
        public void onEvent(RunEvent event) {
            if (event instanceof RunEvent.RunForecast forecast) {
                left = Optional.of(forecast.forecast().run());
                since = System.nanoTime();
            } else if (event instanceof RunEvent.CandidateEvaluated candidate) {
                show("candidate " + candidate.progress().evaluations() + ", ");
            } else if (event instanceof RunEvent.GenerationEnded ended) {
                if (ended.generation().accepted()) {
                    kept = text(ended.generation());
                }
                bar.stepTo(ended.generation().number());
                show("");
            }
        }

        private void show(String doing) {
            bar.setExtraMessage(" " + doing + kept + left.map(this::remaining).orElse(""));
        }

        private String remaining(Duration foretold) {
            long seconds = foretold.minusNanos(System.nanoTime() - since).toSeconds();
            return seconds <= 0 ? "" : String.format(Locale.ROOT, ", about %d:%02d left", seconds / 60, seconds % 60);
        }

        @Override
        public void close() {
            bar.close();
        }
    }
}
