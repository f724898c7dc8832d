package org.growingnn.dl4j.cli.report;

import static j2html.TagCreator.div;
import static j2html.TagCreator.each;
import static j2html.TagCreator.h2;
import static j2html.TagCreator.p;
import static j2html.TagCreator.section;

import j2html.tags.DomContent;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.DoubleFunction;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

/** How metric and costs went over the generations, and the models that no other one beats. */
final class CourseSection {

    private final Facts facts;
    private final List<RunLog.Generation> generations;

    private CourseSection(Facts facts) {
        this.facts = facts;
        generations = facts.log().generations();
    }

    static DomContent course(Facts facts) {
        return new CourseSection(facts).course();
    }

    static DomContent front(Facts facts) {
        return new CourseSection(facts).front();
    }

    private DomContent course() {
        List<DomContent> figures = new ArrayList<>();
        String name = facts.log().metric().name();
        String direction = facts.direction().isEmpty() ? "" : ", " + facts.direction();
        add(
                figures,
                "metric",
                SummarySection.capital(name) + " on validation data" + direction,
                false,
                RunLog.Generation::validationMetric,
                Numbers::digits,
                Numbers::real);
        for (String cost : facts.costs()) {
            add(figures, cost);
        }
        return section(
                        h2("Generations"),
                        figures.isEmpty()
                                ? p("No generation is done yet.")
                                : div(each(figures, figure -> figure)).withClass("figures"),
                        Html.folded("course-data", "The numbers of these charts", data()))
                .withId("generations");
    }

    private void add(List<DomContent> figures, String cost) {
        boolean time = cost.equals(Facts.LATENCY);
        add(
                figures,
                // A name of somebody's own is no identifier.
                "cost-" + facts.costs().indexOf(cost),
                Facts.title(cost),
                true,
                some -> some.cost(cost).isPresent() ? some.cost(cost).getAsLong() : Double.NaN,
                value -> time ? Numbers.seconds(value / 1e9) : Numbers.brief(value),
                value -> SummarySection.written(cost, OptionalLong.of((long) value)));
    }

    private void add(
            List<DomContent> figures,
            String id,
            String title,
            boolean fromZero,
            ToDoubleFunction<RunLog.Generation> value,
            DoubleFunction<String> label,
            DoubleFunction<String> exact) {
        List<Plot.Series> series = List.of(
                series(Plot.Look.ACCEPTED, true, RunLog.Generation::accepted, value, exact),
                series(Plot.Look.REJECTED, false, some -> !some.accepted(), value, exact),
                series(Plot.Look.CHOSEN, false, facts::isChosen, value, exact));
        Plot plot = new Plot(
                "chart-" + id,
                title + " over the generations",
                told(value, exact),
                "Generation",
                Charts::whole,
                label,
                fromZero,
                series);
        if (!plot.series().isEmpty()) {
            figures.add(Html.figureOf(title, Legend.drawing(plot), Legend.of(plot, facts)));
        }
    }

    private Plot.Series series(
            Plot.Look look,
            boolean joined,
            Predicate<RunLog.Generation> which,
            ToDoubleFunction<RunLog.Generation> value,
            DoubleFunction<String> exact) {
        return new Plot.Series(
                look,
                joined,
                true,
                generations.stream()
                        .filter(which)
                        .map(some -> new Plot.Point(
                                some.number(),
                                value.applyAsDouble(some),
                                "Generation " + some.number() + ": " + exact.apply(value.applyAsDouble(some))
                                        + some.rejection()
                                                .map(reason -> ", taken back: " + reason)
                                                .orElse("")))
                        .toList());
    }

    private String told(ToDoubleFunction<RunLog.Generation> value, DoubleFunction<String> exact) {
        List<RunLog.Generation> known = generations.stream()
                .filter(some -> !Double.isNaN(value.applyAsDouble(some)))
                .toList();
        if (known.isEmpty()) {
            return "Nothing is known.";
        }
        Optional<RunLog.Generation> chosen = facts.chosen();
        RunLog.Generation first = known.get(0);
        return "From " + exact.apply(value.applyAsDouble(first)) + " in generation " + first.number()
                + chosen.map(some -> " to " + exact.apply(value.applyAsDouble(some)) + " in generation " + some.number()
                                + ", " + facts.chosenName())
                        .orElse("")
                + ". " + known.stream().filter(some -> !some.accepted()).count() + " of " + known.size()
                + " generations were taken back.";
    }

    private DomContent data() {
        List<String> columns = new ArrayList<>(
                List.of("Generation", "Result", facts.log().metric().name()));
        List<String> costs = facts.costs();
        costs.forEach(cost -> columns.add(Facts.title(cost)));
        columns.addAll(List.of("on training data", "loss", "score"));
        List<List<Html.Cell>> rows = new ArrayList<>();
        for (RunLog.Generation some : generations) {
            List<Html.Cell> row = new ArrayList<>();
            row.add(Html.Cell.text(String.valueOf(some.number())));
            row.add(Html.Cell.text(result(some)));
            row.add(Html.Cell.number(error(some)));
            costs.forEach(cost -> row.add(Html.Cell.number(SummarySection.written(cost, some.cost(cost)))));
            row.add(Html.Cell.number(Numbers.real(some.trainingMetric())));
            row.add(Html.Cell.number(Numbers.real(some.loss())));
            row.add(Html.Cell.number(Numbers.real(some.score())));
            rows.add(row);
        }
        return Html.tableOf("course-table", "Metric and costs of each generation", columns, rows);
    }

    private String result(RunLog.Generation some) {
        return facts.isChosen(some) ? "chosen" : some.accepted() ? "accepted" : "taken back";
    }

    private static String error(RunLog.Generation some) {
        return Numbers.real(some.validationMetric())
                + (some.validationError() > 0 ? " \u00b1\u00a0" + Numbers.digits(round(some.validationError())) : "");
    }

    private static double round(double error) {
        return Math.round(error * 1e5) / 1e5;
    }

    private DomContent front() {
        List<RunLog.Point> front = facts.front();
        String name = facts.log().metric().name();
        String direction = facts.direction().isEmpty() ? "" : " (" + facts.direction() + ")";
        List<Plot.Point> others = generations.stream()
                .filter(some -> some.cost(Facts.PARAMETERS).isPresent())
                .filter(some -> front.stream().noneMatch(point -> point.generation() == some.number()))
                .filter(RunLog.Generation::accepted)
                .map(some -> point(some.number(), some.cost(Facts.PARAMETERS).getAsLong(), some.validationMetric()))
                .toList();
        List<Plot.Point> best = front.stream()
                .map(point -> point(point.generation(), point.parameters(), point.metric()))
                .toList();
        List<Plot.Point> chosen = facts.chosen()
                .filter(some -> some.cost(Facts.PARAMETERS).isPresent())
                .map(some ->
                        List.of(point(some.number(), some.cost(Facts.PARAMETERS).getAsLong(), some.validationMetric())))
                .orElse(List.of());
        Plot plot = new Plot(
                "chart-front",
                SummarySection.capital(name) + " against parameters",
                front.size() + " models are beaten by no other one in metric and size: "
                        + best.stream().map(Plot.Point::title).collect(Collectors.joining("; ")) + ".",
                "Parameters",
                Numbers::brief,
                Numbers::digits,
                false,
                List.of(
                        new Plot.Series(Plot.Look.ACCEPTED, false, true, others),
                        new Plot.Series(Plot.Look.FRONT, true, true, best),
                        new Plot.Series(Plot.Look.CHOSEN, false, true, chosen)));
        return section(
                        h2("Pareto front"),
                        front.isEmpty()
                                ? p("No model is accepted yet.")
                                : div(
                                                Html.figureOf(
                                                        SummarySection.capital(name) + direction
                                                                + " against parameters",
                                                        Legend.drawing(plot),
                                                        Legend.of(plot, facts)),
                                                frontTable(front))
                                        .withClass("figures"))
                .withId("front");
    }

    private static Plot.Point point(int generation, long parameters, double metric) {
        return new Plot.Point(
                parameters,
                metric,
                "Generation " + generation + ": " + Numbers.real(metric) + " with " + Numbers.count(parameters)
                        + " parameters");
    }

    private DomContent frontTable(List<RunLog.Point> front) {
        boolean macs = front.stream().anyMatch(point -> point.macs().isPresent());
        boolean latency = front.stream().anyMatch(point -> !Double.isNaN(point.latencySeconds()));
        List<String> columns =
                new ArrayList<>(List.of("Generation", facts.log().metric().name(), "parameters"));
        if (macs) {
            columns.add("multiply-accumulates");
        }
        if (latency) {
            columns.add("latency");
        }
        List<List<Html.Cell>> rows = new ArrayList<>();
        for (RunLog.Point point : front) {
            boolean chosen = facts.chosen()
                    .filter(some -> some.number() == point.generation())
                    .isPresent();
            List<Html.Cell> row = new ArrayList<>();
            row.add(Html.Cell.text(point.generation() + (chosen ? " (chosen)" : "")));
            row.add(Html.Cell.number(Numbers.real(point.metric())));
            row.add(Html.Cell.number(Numbers.count(point.parameters())));
            if (macs) {
                row.add(Html.Cell.number(Numbers.count(point.macs())));
            }
            if (latency) {
                row.add(Html.Cell.number(Numbers.seconds(point.latencySeconds())));
            }
            rows.add(row);
        }
        return Html.tableOf("front-table", "Models that no other one beats", columns, rows);
    }
}
