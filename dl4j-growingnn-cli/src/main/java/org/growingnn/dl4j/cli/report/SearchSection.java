package org.growingnn.dl4j.cli.report;

import static j2html.TagCreator.details;
import static j2html.TagCreator.div;
import static j2html.TagCreator.each;
import static j2html.TagCreator.h2;
import static j2html.TagCreator.label;
import static j2html.TagCreator.option;
import static j2html.TagCreator.p;
import static j2html.TagCreator.section;
import static j2html.TagCreator.select;
import static j2html.TagCreator.summary;

import j2html.tags.DomContent;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;

/** What searches visited, and how well their grades foretold what training gave. */
final class SearchSection {

    /** Nodes in all trees of a page together, so that it opens at once. */
    private static final int ALL_NODES = 3000;

    private static final int MOST_NODES = 60;
    private static final int FEWEST_NODES = 8;

    private SearchSection() {}

    static DomContent trees(Facts facts) {
        Map<Integer, RunLog.Search> searches = facts.log().searches();
        List<Integer> numbers = searches.keySet().stream()
                .filter(number -> searches.get(number).tree().isPresent())
                .toList();
        if (numbers.isEmpty()) {
            return section(h2("Search trees"), p("No search is done yet.")).withId("trees");
        }
        int most = Math.max(FEWEST_NODES, Math.min(MOST_NODES, ALL_NODES / numbers.size()));
        int last = numbers.get(numbers.size() - 1);
        return section(
                        h2("Search trees"),
                        p(
                                "What was tried in each search. A star marks the chosen action, and below it the way to the best"
                                        + " grade that was found through it. Bars tell the share of visits."),
                        p(
                                        label("Generation ").attr("for", "tree-choice"),
                                        select(each(numbers, number -> {
                                                    var choice = option(Html.text(number + ": "
                                                                    + searches.get(number)
                                                                            .chosen()))
                                                            .withValue(String.valueOf(number));
                                                    return number == last
                                                            ? choice.attr("selected", "selected")
                                                            : choice;
                                                }))
                                                .withId("tree-choice"))
                                // Shown by the script, which also hides all trees but the chosen one.
                                .withClass("scripted"),
                        div(each(numbers, number -> tree(number, searches.get(number), most, number == last)))
                                .withId("tree-list")
                                .withClass("scroll")
                                .attr("role", "region")
                                .attr("aria-label", "Search trees")
                                .withTabindex(0))
                .withId("trees");
    }

    private static DomContent tree(int number, RunLog.Search search, int most, boolean open) {
        var tree = details(
                        summary(Html.text("Generation " + number + ": " + search.chosen())),
                        p(Html.text(told(search))),
                        TreeDrawing.of(search.tree().orElseThrow(), search.chosen(), most))
                .withId("tree-" + number)
                .withData("tree", String.valueOf(number));
        return open ? tree.attr("open", "open") : tree;
    }

    private static String told(RunLog.Search search) {
        return Numbers.count(search.evaluations()) + " candidates graded in " + Numbers.seconds(search.seconds())
                + (search.failures() == 0 ? "" : ", " + Numbers.count(search.failures()) + " could not be graded")
                + (search.complete() ? "." : ". The search ended before everything was tried.") + " Score of the chosen"
                + " one: " + Numbers.real(search.score()) + ".";
    }

    static DomContent grades(Facts facts) {
        Map<Integer, RunLog.Search> searches = facts.log().searches();
        List<RunLog.Generation> both = facts.log().generations().stream()
                .filter(some -> searches.containsKey(some.number()))
                .filter(some -> Double.isFinite(some.score())
                        && Double.isFinite(searches.get(some.number()).score()))
                .toList();
        String title = "Score in the search and after training";
        if (both.isEmpty()) {
            return section(h2("Grades"), p("No generation has both a grade and a score yet."))
                    .withId("grades");
        }
        double[] grades = both.stream()
                .mapToDouble(some -> searches.get(some.number()).score())
                .toArray();
        double[] scores = both.stream().mapToDouble(RunLog.Generation::score).toArray();
        List<Plot.Point> accepted = new ArrayList<>();
        List<Plot.Point> rejected = new ArrayList<>();
        List<List<Html.Cell>> rows = new ArrayList<>();
        double least = Double.POSITIVE_INFINITY;
        double most = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < grades.length; i++) {
            RunLog.Generation some = both.get(i);
            least = Math.min(least, Math.max(grades[i], scores[i]));
            most = Math.max(most, Math.min(grades[i], scores[i]));
            (some.accepted() ? accepted : rejected)
                    .add(new Plot.Point(
                            grades[i],
                            scores[i],
                            "Generation " + some.number() + ": " + Numbers.real(grades[i]) + " in the search, "
                                    + Numbers.real(scores[i]) + " after training"));
            rows.add(List.of(
                    Html.Cell.text(String.valueOf(some.number())),
                    Html.Cell.number(Numbers.real(grades[i])),
                    Html.Cell.number(Numbers.real(scores[i])),
                    Html.Cell.number(Numbers.difference(grades[i], scores[i])),
                    Html.Cell.text(some.accepted() ? "accepted" : "taken back")));
        }
        String told = told(Ranks.correlation(grades, scores), both.size());
        Plot plot = new Plot(
                "chart-grades",
                title,
                told,
                "Score in the search",
                Numbers::digits,
                Numbers::digits,
                false,
                List.of(
                        new Plot.Series(Plot.Look.EQUAL, true, false, diagonal(least, most)),
                        new Plot.Series(Plot.Look.ACCEPTED, false, true, accepted),
                        new Plot.Series(Plot.Look.REJECTED, false, true, rejected)));
        return section(
                        h2("Grades"),
                        p(Html.text(told)),
                        div(
                                        Html.figureOf(
                                                "Score after training against score in the search",
                                                Legend.drawing(plot),
                                                Legend.of(plot, facts)),
                                        Html.tableOf(
                                                "grades-table",
                                                title,
                                                List.of(
                                                        "Generation",
                                                        "In the search",
                                                        "After training",
                                                        "Difference",
                                                        "Result"),
                                                rows))
                                .withClass("figures"))
                .withId("grades");
    }

    /** Where both scores are equal, as far as both are there. */
    private static List<Plot.Point> diagonal(double least, double most) {
        return least < most ? List.of(new Plot.Point(least, least, ""), new Plot.Point(most, most, "")) : List.of();
    }

    private static String told(OptionalDouble correlation, int points) {
        if (correlation.isEmpty()) {
            return points < Ranks.FEWEST
                    ? "With fewer than " + Ranks.FEWEST + " generations, a correlation would say nothing."
                    : "There is no rank correlation, because all values of one kind are equal.";
        }
        double value = correlation.getAsDouble();
        String judged = value >= 0.7
                ? "grades foretell well which generation is better"
                : value >= 0.3 ? "grades foretell a little" : "grades hardly foretell which generation is better";
        return String.format(
                        Locale.ROOT,
                        "Spearman's rank correlation over %d generations is %.2f: %s.",
                        points,
                        value,
                        judged)
                .replace(" -", " \u2212");
    }
}
