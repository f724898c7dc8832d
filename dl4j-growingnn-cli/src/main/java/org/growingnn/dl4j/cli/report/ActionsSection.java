package org.growingnn.dl4j.cli.report;

import static j2html.TagCreator.h2;
import static j2html.TagCreator.section;

import j2html.tags.DomContent;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What each generation did, and what could not be graded. */
final class ActionsSection {

    private static final int MOST_FAILURES = 50;

    private ActionsSection() {}

    static DomContent of(Facts facts) {
        List<List<Html.Cell>> rows = new ArrayList<>();
        for (RunLog.Generation some : facts.log().generations()) {
            rows.add(row(some, facts));
        }
        return section(
                        h2("Actions"),
                        Html.tableOf(
                                "actions-table",
                                "What each generation did",
                                List.of(
                                        "Generation",
                                        "Action",
                                        "Result",
                                        "Parameters",
                                        "Less than at first",
                                        facts.log().metric().name(),
                                        "Score",
                                        "Candidates",
                                        "Epochs",
                                        "Run time"),
                                rows),
                        failures(facts))
                .withId("actions");
    }

    private static List<Html.Cell> row(RunLog.Generation some, Facts facts) {
        String nothing = some.number() == 0 ? "initial model" : "only training";
        String result = facts.isChosen(some) ? "\u2605 chosen" : "\u2713 accepted";
        return List.of(
                Html.Cell.text(String.valueOf(some.number())),
                Html.Cell.text(some.action().orElse(nothing)),
                Html.Cell.text(some.rejection()
                        .map(reason -> "\u2715 taken back: " + reason)
                        .orElse(result)),
                Html.Cell.number(Numbers.count(some.cost(Facts.PARAMETERS))),
                Html.Cell.number(Numbers.percent(some.reduction())),
                Html.Cell.number(Numbers.real(some.validationMetric())),
                Html.Cell.number(Numbers.real(some.score())),
                Html.Cell.number(Numbers.count(some.evaluations())),
                Html.Cell.number(Numbers.count(some.epochs())),
                Html.Cell.number(Numbers.seconds(some.elapsedSeconds())));
    }

    private static DomContent failures(Facts facts) {
        Map<String, Integer> failures = facts.failures();
        if (failures.isEmpty()) {
            return Html.text("");
        }
        List<List<Html.Cell>> rows = failures.entrySet().stream()
                .sorted(Map.Entry.<String, Integer>comparingByValue().reversed())
                .limit(MOST_FAILURES)
                .map(failure ->
                        List.of(Html.Cell.text(failure.getKey()), Html.Cell.number(Numbers.count(failure.getValue()))))
                .toList();
        String title = "Why candidates could not be graded";
        return Html.folded(
                "failures", title, Html.tableOf("failures-table", title, List.of("Reason", "Candidates"), rows));
    }
}
