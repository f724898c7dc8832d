package org.growingnn.dl4j.cli.report;

import static j2html.TagCreator.div;
import static j2html.TagCreator.each;
import static j2html.TagCreator.h2;
import static j2html.TagCreator.h3;
import static j2html.TagCreator.li;
import static j2html.TagCreator.p;
import static j2html.TagCreator.progress;
import static j2html.TagCreator.section;
import static j2html.TagCreator.span;
import static j2html.TagCreator.strong;
import static j2html.TagCreator.ul;

import j2html.tags.DomContent;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;

/** What was reached, and how the run ended. */
final class SummarySection {

    private final Facts facts;

    private SummarySection(Facts facts) {
        this.facts = facts;
    }

    static DomContent of(Facts facts) {
        return new SummarySection(facts).content();
    }

    /** The state of the run in one word and the reason behind it. */
    static DomContent status(RunLog log) {
        String status = log.end().map(RunLog.End::status).orElse(log.started().isEmpty() ? "not started" : "under way");
        String sign = switch (status) {
            case "finished", "stopped" -> "\u2713 ";
            case "failed" -> "\u2717 ";
            case "cancelled" -> "\u25a0 ";
            default -> "\u25b6 ";
        };
        return p(
                        span(Html.text(sign + status)).withClasses("status", css(status)),
                        Html.text(log.end()
                                .map(end -> " " + sentence(end.reason()) + " " + after(end))
                                .orElse("")))
                .withId("status");
    }

    private static String css(String status) {
        return switch (status) {
            case "finished", "stopped" -> "good";
            case "failed" -> "bad";
            default -> "neutral";
        };
    }

    private static String after(RunLog.End end) {
        return "After " + Numbers.seconds(end.elapsedSeconds()) + ".";
    }

    private static String sentence(String text) {
        String stripped = text.strip();
        if (stripped.matches("(?s)\\p{Ll}+[\\s,].*")) {
            // Not what begins with the name of a class.
            stripped = capital(stripped);
        }
        return stripped.isEmpty() || stripped.matches("(?s).*[.!?]") ? stripped : stripped + ".";
    }

    private DomContent content() {
        List<DomContent> cards = new ArrayList<>();
        for (String cost : facts.costs()) {
            cards.add(cost(Facts.title(cost), cost));
        }
        cards.add(metric());
        return section(
                        h2("Summary"),
                        facts.chosen().isPresent()
                                ? p(Html.text("Compared: the initial model and " + facts.chosenName() + ", the model of"
                                        + " generation " + facts.chosen().get().number() + "."))
                                : p(Html.text("No generation is done yet.")),
                        div(each(cards, card -> card)).withClass("cards"),
                        underWay(),
                        notes(),
                        ul(each(counts(), count -> li(Html.text(count)))))
                .withId("summary");
    }

    private DomContent cost(String name, String cost) {
        OptionalLong before = facts.costBefore(cost);
        OptionalLong after = facts.costAfter(cost);
        double left = before.isPresent() && after.isPresent() && before.getAsLong() > 0
                ? (double) after.getAsLong() / before.getAsLong()
                : Double.NaN;
        return card(
                name,
                written(cost, before),
                written(cost, after),
                before.isPresent() && after.isPresent() ? Numbers.change(before.getAsLong(), after.getAsLong()) : "",
                left);
    }

    static String written(String cost, OptionalLong value) {
        return cost.equals(Facts.LATENCY) && value.isPresent()
                ? Numbers.seconds(value.getAsLong() / 1e9)
                : Numbers.count(value);
    }

    private DomContent metric() {
        double before = facts.initial().map(RunLog.Generation::validationMetric).orElse(Double.NaN);
        double after = facts.chosen().map(RunLog.Generation::validationMetric).orElse(Double.NaN);
        String direction = facts.direction().isEmpty() ? "" : " (" + facts.direction() + ")";
        return card(
                capital(facts.log().metric().name()),
                Numbers.real(before),
                Numbers.real(after),
                Numbers.difference(before, after) + " on validation data" + direction,
                Double.NaN);
    }

    static String capital(String text) {
        return text.isEmpty() ? text : text.substring(0, 1).toUpperCase(Locale.ROOT) + text.substring(1);
    }

    private static DomContent card(String name, String before, String after, String change, double left) {
        return div(
                        h3(Html.text(name)),
                        p(
                                        span(Html.text(before)).withClass("before"),
                                        span(Html.text(Numbers.ARROW.strip())).attr("aria-hidden", "true"),
                                        span("to").withClass("unseen"),
                                        strong(Html.text(after)))
                                .withClass("numbers"),
                        Double.isNaN(left) ? Html.text("") : bar(left),
                        p(Html.text(change.strip())).withClass("change"))
                .withClass("card");
    }

    /** What is left, as a bar. The number stands beside it, so that nobody needs to hear it twice. */
    static DomContent bar(double share) {
        double width = Math.max(0, Math.min(1, share));
        return div(div().withStyle(String.format(Locale.ROOT, "width:%.1f%%", 100 * width)))
                .withClasses("bar", share > 1 ? "over" : "")
                .attr("aria-hidden", "true");
    }

    private DomContent underWay() {
        RunLog log = facts.log();
        if (facts.ended() || log.started().isEmpty()) {
            return Html.text("");
        }
        int generation = facts.next();
        List<RunLog.Candidate> candidates = log.candidates().getOrDefault(generation, List.of());
        List<DomContent> lines = new ArrayList<>();
        String last = log.last()
                .map(time -> " The last sign of life is from " + Numbers.time(time) + ".")
                .orElse("");
        if (candidates.isEmpty() || log.searches().containsKey(generation)) {
            lines.add(p(Html.text("Generation " + generation + " is under way." + last)));
        } else {
            RunLog.Candidate latest = candidates.get(candidates.size() - 1);
            String expected = Double.isNaN(latest.expectedSeconds())
                    ? ""
                    : " of about " + Numbers.seconds(latest.expectedSeconds());
            lines.add(p(Html.text("Generation " + generation + " is being searched: "
                    + Numbers.count(latest.evaluations()) + " candidates graded in "
                    + Numbers.seconds(latest.searchSeconds()) + expected + "." + last)));
            if (latest.expectedSeconds() > 0) {
                double done = Math.min(1, latest.searchSeconds() / latest.expectedSeconds());
                lines.add(progress()
                        .attr("max", "1")
                        .attr("value", String.format(Locale.ROOT, "%.3f", done))
                        .attr("aria-label", "This search"));
            }
        }
        log.forecast()
                .filter(forecast -> !Double.isNaN(forecast.runSeconds()))
                .ifPresent(forecast -> lines.add(p(Html.text("The whole run was expected to take about "
                        + Numbers.seconds(forecast.runSeconds()) + ", of which "
                        + Numbers.seconds(elapsed()) + " were over behind the last generation."))));
        return div(each(lines, line -> line)).withId("progress").withClass("note");
    }

    private double elapsed() {
        List<RunLog.Generation> done = facts.log().generations();
        return done.isEmpty() ? 0 : done.get(done.size() - 1).elapsedSeconds();
    }

    private DomContent notes() {
        List<String> notes = new ArrayList<>(facts.log().notes());
        for (int generation : facts.log().resumed()) {
            notes.add("The run was resumed behind generation " + generation + ".");
        }
        return notes.isEmpty()
                ? Html.text("")
                : ul(each(notes, note -> li(Html.text(note)))).withClass("note");
    }

    private List<String> counts() {
        List<RunLog.Generation> done = facts.log().generations().stream()
                .filter(some -> some.number() > 0)
                .toList();
        long accepted = done.stream().filter(RunLog.Generation::accepted).count();
        long evaluations =
                done.stream().mapToLong(RunLog.Generation::evaluations).sum();
        int failed =
                facts.failures().values().stream().mapToInt(Integer::intValue).sum();
        List<String> counts = new ArrayList<>();
        counts.add(Numbers.count(done.size()) + " generations: " + Numbers.count(accepted) + " accepted, "
                + Numbers.count(done.size() - accepted) + " taken back");
        counts.add(Numbers.count(evaluations) + " candidates graded"
                + (failed == 0 ? "" : ", " + Numbers.count(failed) + " could not be graded"));
        facts.log().started().ifPresent(time -> counts.add("Started " + Numbers.time(time)));
        return counts;
    }
}
