package org.growingnn.dl4j.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Stream;
import org.growingnn.dl4j.StructureOptimizer;
import org.growingnn.dl4j.action.ActionGenerator;
import org.growingnn.dl4j.action.Actions;
import org.growingnn.dl4j.action.LayerActions;
import org.growingnn.dl4j.action.NeuronActions;
import org.growingnn.dl4j.projection.Criteria;
import org.growingnn.dl4j.projection.Projections;
import org.growingnn.dl4j.score.Measurement;
import org.growingnn.dl4j.score.Score;
import org.growingnn.dl4j.score.ScoreTerm;
import org.growingnn.dl4j.search.Budget;
import org.growingnn.dl4j.search.GreedySearch;
import org.growingnn.dl4j.search.RandomSearch;
import org.growingnn.dl4j.training.Distillation;
import org.growingnn.dl4j.value.Family;
import org.growingnn.dl4j.value.RecordJson;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SettingsJsonTest {

    private static StructureOptimizer.Builder builder() {
        return StructureOptimizer.builder();
    }

    private static void assertRefused(String json, String... parts) {
        assertThatThrownBy(() -> RunSettings.fromJson(json))
                .as(json)
                .isInstanceOf(IllegalArgumentException.class)
                .satisfies(error -> assertThat(error.getMessage()).contains(parts));
    }

    @Test
    void an_execution_of_a_module_that_is_not_there_is_refused_with_where_it_is() {
        assertThatThrownBy(
                        () -> RunSettings.fromJson("{\"execution\": {\"type\": \"spark\", \"master\": \"local[2]\"}}"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("execution.type")
                .hasMessageContaining("dl4j-growingnn-spark")
                .hasMessageContaining("docs/spark.md");
    }

    @Test
    void nothing_said_means_the_defaults() {
        assertThat(RunSettings.fromJson("{}")).isEqualTo(RunSettings.DEFAULT);
        assertThat(RunSettings.fromJson("{\"training\": {}, \"search\": {\"strategy\": {\"type\": \"greedy\"}}}"))
                .isEqualTo(RunSettings.DEFAULT);
        assertThat(RunSettings.fromJson(RunSettings.DEFAULT.toJson())).isEqualTo(RunSettings.DEFAULT);
    }

    @Test
    void settings_are_read_by_name() {
        RunSettings settings = RunSettings.fromJson("""
                {
                  "seed": 7,
                  "generations": 3,
                  "stopper": {"type": "or", "stoppers": [
                    {"type": "and", "stoppers": [
                      {"type": "accuracy", "accuracy": 0.9}, {"type": "reduction", "reduction": 0.5}]},
                    {"type": "time", "limit": "PT1H30M"}]},
                  "data": {"holdOutShare": 0.2, "trainMetricSamples": 500, "calibrationExamples": 10,
                    "calibrationMemory": 268435456, "gradeOnHeldOut": true},
                  "training": {"batchesPerEpoch": 20, "schedule": "constant", "learningRate": 1,
                    "distillation": {"temperature": 2, "weight": 0.7}},
                  "search": {
                    "strategy": "random",
                    "actions": {"type": "and", "generators": [
                      {"type": "neurons", "removals": [0.25], "additions": [], "excluded": ["b", "a"]},
                      {"type": "layers", "kinds": ["remove-layer"], "maximumDepth": 9}]},
                    "projection": "clusters+refit",
                    "scheduler": {"type": "overfit-check", "window": 4},
                    "score": {"terms": [
                      {"term": "accuracy", "weight": 1}, {"term": {"type": "parameters", "beta": 0.01}, "weight": 4}]}
                  },
                  "acceptance": {"maxDrop": 0.1}
                }
                """);
        ActionGenerator actions = Actions.neurons()
                .remove(0.25)
                .add()
                .exclude("a", "b")
                .and(Actions.layers().only(LayerActions.Kind.REMOVE_LAYER).maximumDepth(9));
        assertThat(settings)
                .isEqualTo(builder()
                        .seed(7)
                        .generations(3)
                        .stopWhen(Stoppers.accuracyAndReduction(0.9, 0.5).or(Stoppers.time(Duration.ofMinutes(90))))
                        .holdOut(0.2)
                        .trainMetricSamples(500)
                        .calibrationExamples(10)
                        .calibrationMemory(256L << 20)
                        .gradeOnHeldOut(true)
                        .batchesPerEpoch(20)
                        .learningRateSchedule(new org.growingnn.dl4j.training.LearningRateSchedule.Constant())
                        .learningRate(1)
                        .distillation(2, 0.7)
                        .search(new RandomSearch())
                        .actions(actions)
                        .projection(Projections.refitted(Projections.clusters()))
                        .simulateWhen(SimulationScheduler.overfitCheck(4))
                        .score(Score.accuracy(1).parameters(4, 0.01))
                        .maxDrop(0.1)
                        .settings());
        assertThat(settings.search().actions().toString()).contains("[0.25]", "a", "b");
    }

    @Test
    void what_is_written_is_stable_and_readable() {
        String json = builder()
                .workers(2)
                .stopWhen(Stoppers.time(Duration.ofMinutes(90)))
                .settings()
                .toJson();
        assertThat(json)
                .startsWith("{\n  \"seed\" : 42,\n")
                .contains("\"limit\" : \"PT1H30M\"")
                .contains("\"type\" : \"greedy\",\n      \"budget\" : { },\n      \"tieMargin\" : 1.0")
                .contains("\"projection\" : \"importance-taylor+refit\"")
                .contains("\"scheduler\" : \"always\"")
                .doesNotContain("learningRate", "distillation", "maxDrop", "null");
        assertThat(RunSettings.fromJson(json).toJson()).isEqualTo(json);
    }

    @Test
    void an_optional_value_that_is_there_by_default_can_be_taken_away() {
        RunSettings timed = RunSettings.fromJson("{\"search\": {\"strategy\": {\"type\": \"monte-carlo-tree\","
                + " \"budget\": {\"maxEvaluations\": null, \"timeLimit\": \"PT30S\"}}}}");
        assertThat(timed.toJson()).contains("\"maxEvaluations\" : null");
        assertThat(RunSettings.fromJson(timed.toJson())).isEqualTo(timed);
        assertThat(RunSettings.fromJson("{\"training\": {\"learningRate\": null}}"))
                .isEqualTo(RunSettings.DEFAULT);
    }

    @Test
    void unknown_names_are_reported_with_their_place_and_what_there_is() {
        assertRefused(
                "{\n  \"search\": {\"strategy\": {\n    \"type\": \"greedy\", \"tieMargni\": 2}}}",
                "search.strategy.tieMargni (2) at line 3, column 36",
                "tieMargin");
        assertRefused("{\"generation\": 3}", "generation (3) at line 1, column 16", "generations");
        assertRefused("{\"stopper\": \"nver\"}", "stopper (\"nver\") at line 1, column 13", "no-improvement");
        assertRefused("{\"stopper\": {\"type\": \"nver\"}}", "stopper.type (\"nver\")", "never");
        assertRefused("{\"search\": {\"projection\": \"papre\"}}", "search.projection (\"papre\")", "paper", "+refit");
        assertRefused(
                "{\"search\": {\"actions\": {\"type\": \"layers\", \"kinds\": [\"add\"]}}}",
                "search.actions.kinds[0] (\"add\")",
                "add-residual");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"generations\": \"3\"} | generations (\"3\") at line 1, column 17 | whole number",
                "{\"generations\": 3.5} | generations (3.5) | whole number",
                "{\"generations\": 3000000000} | generations (3000000000) | 2147483647",
                "{\"seed\": 1e3} | seed (1e3) | whole number",
                "{\"seed\": 99999999999999999999} | seed (99999999999999999999) | whole number",
                "{\"generations\": null} | generations (null) | whole number",
                "{\"deterministic\": 1} | deterministic (1) | true or false",
                "{\"data\": 5} | data (5) | holdOutShare",
                "{\"data\": {\"holdOutShare\": \"a\"}} | data.holdOutShare (\"a\") | a number",
                "{\"acceptance\": {\"accuracyFloor\": 1e999}} | acceptance.accuracyFloor (1e999) | double precision",
                "{\"stopper\": 5} | stopper (5) | a name in quotes",
                "{\"stopper\": {}} | stopper (an object) | \"type\"",
                "{\"stopper\": {\"type\": 3}} | stopper (an object) | a name in quotes",
                "{\"stopper\": {\"type\": \"time\", \"limit\": \"1h\"}} | stopper.limit (\"1h\") | ISO-8601",
                "{\"stopper\": {\"type\": \"time\", \"limit\": 60}} | stopper.limit (60) | ISO-8601",
                "{\"search\": {\"projection\": 1}} | search.projection (1) | a name in quotes",
                "{\"search\": {\"score\": {\"terms\": 1}}} | search.score.terms (1) | a list",
                "[] | The whole (a list) at line 1, column 1 | an object",
                "{\"search\": {\"actions\": {\"type\": \"inputs\", \"excluded\": [3]}}} | search.actions.excluded[0] (3) | text",
                "{\"search\": {\"actions\": {\"type\": \"inputs\", \"excluded\": [\"a\", \"a\"]}}} | excluded[1] (\"a\") | twice",
            })
    void values_of_the_wrong_type_are_reported_with_their_place_and_the_right_one(
            String json, String place, String wanted) {
        assertRefused(json, place, wanted);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"seed\": 1, \"generations\": 0} | generations (0) at line 1, column 28 | at least 1",
                "{\"search\": {\"strategy\": {\"type\": \"greedy\", \"tieMargin\": -1.0}}} | search.strategy.tieMargin (-1.0) | negative",
                "{\"search\": {\"strategy\": {\"type\": \"greedy\", \"budget\": {\"maxEvaluations\": 0}, \"tieMargin\": 1}}} | search.strategy.budget.maxEvaluations (0) | at least 1",
                "{\"search\": {\"simulation\": {\"samples\": 10, \"gradingShare\": 1}}} | search.simulation.gradingShare (1) | [0, 1)",
                "{\"training\": {\"learningRate\": 1e-300}} | training.learningRate (1e-300) | 1.0E-8",
                "{\"training\": {\"distillation\": {\"temperature\": 0, \"weight\": 1}}} | training.distillation.temperature (0) | at least 1",
                "{\"training\": {\"schedule\": {\"type\": \"progressive\", \"steepness\": 1}}} | training.schedule.steepness (1) | less than 1",
                "{\"stopper\": {\"type\": \"or\", \"stoppers\": [\"never\", {\"type\": \"reduction\", \"reduction\": 85}]}} | stopper.stoppers[1].reduction (85) | 0.85",
                "{\"stopper\": {\"type\": \"and\", \"stoppers\": []}} | stopper.stoppers (a list) | at least one",
                "{\"search\": {\"score\": {\"terms\": [{\"term\": \"accuracy\", \"weight\": 0}]}}} | search.score (an object) | greater than 0",
                "{\"search\": {\"score\": {\"terms\": [{\"term\": \"loss\", \"weight\": -2}]}}} | search.score.terms[0].weight (-2) | at least 0",
            })
    void values_out_of_range_are_reported_with_their_place_and_the_range(String json, String place, String range) {
        assertRefused(json, place, range);
    }

    @Test
    void what_has_no_default_must_be_there() {
        assertRefused("{\"stopper\": {\"type\": \"time\"}}", "stopper.limit is missing", "line 1, column 13");
        assertRefused("{\"stopper\": \"accuracy\"}", "stopper.accuracy is missing");
        assertRefused("{\"search\": {\"score\": {\"terms\": [{\"term\": \"loss\"}]}}}", "terms[0].weight is missing");
    }

    @Test
    void what_is_no_json_is_reported_with_the_place() {
        assertRefused("", "empty");
        assertRefused("{\"seed\": 1,\n \"seed\": 2}", "Duplicate", "'seed'", "line 2");
        assertRefused("{\"seed\": }", "Not JSON", "line 1, column 11");
        assertRefused("{} {}", "goes on", "line 1, column 4");
        assertRefused("{\"seed\": NaN}", "Not JSON", "line 1");
        assertRefused("[".repeat(5000), "nested more than 100");
    }

    @Test
    void code_of_the_programs_own_has_no_json_form_but_can_be_described() {
        ScoreTerm term = new ScoreTerm() {
            @Override
            public String name() {
                return "accuracy";
            }

            @Override
            public double grade(Measurement measurement) {
                return 1;
            }
        };
        Map<String, RunSettings> settings = Map.of(
                "stopper",
                builder().stopWhen(history -> Stopper.Verdict.CONTINUE).settings(),
                "stopper.stoppers[1]",
                builder()
                        .stopWhen(Stoppers.never().or(history -> Stopper.Verdict.CONTINUE))
                        .settings(),
                "training.schedule",
                builder().learningRateSchedule(progress -> 1).settings(),
                "search.scheduler",
                builder().simulateWhen(history -> true).settings(),
                "search.actions",
                builder().actions(graph -> Stream.empty()).settings(),
                "search.projection",
                builder().projection(Projections.selection(Criteria.random(3))).settings(),
                "search.score.terms[0].term",
                builder().score(Score.of(term, 1)).settings());
        settings.forEach((path, custom) -> {
            assertThatThrownBy(custom::toJson)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("setting " + path + " (")
                    .hasMessageContaining("no JSON form");
            assertThat(RecordJson.flatten(custom.describe())).containsEntry(path + ".type", "custom");
            assertRefused(custom.describe(), "setting " + path);
        });
        assertThat(RunSettings.DEFAULT.describe()).isEqualTo(RunSettings.DEFAULT.toJson());
    }

    @Test
    void only_records_can_have_a_name_and_names_are_unique() {
        Family<Stopper> family = Family.of(Stopper.class).with("never", Stoppers.Never.class);
        assertThatThrownBy(() -> family.with("never", Stoppers.Time.class)).hasMessageContaining("never");
        assertThatThrownBy(() -> family.withDefaults("mine", history -> Stopper.Verdict.CONTINUE))
                .hasMessageContaining("record");
    }

    @Test
    void a_copy_with_another_value_says_what_is_wrong_with_the_path_or_the_class() {
        assertThat(RunSettings.DEFAULT
                        .with("training.initialEpochs", 3)
                        .training()
                        .initialEpochs())
                .isEqualTo(3);
        assertThatThrownBy(() -> RunSettings.DEFAULT.with("training.epochs", 3))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'epochs'")
                .hasMessageContaining("initialEpochs");
        assertThatThrownBy(() -> RunSettings.DEFAULT.with("generations", "3"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("java.lang.Integer");
        assertThatThrownBy(() -> RunSettings.DEFAULT.with("generations", 0)).hasMessageContaining("generations (0)");
    }

    @Test
    void records_made_by_hand_are_the_same_as_by_factories() {
        assertThat(new NeuronActions(List.of(0.5), List.of(), 2, Set.of("a"), OptionalLong.empty()))
                .isEqualTo(Actions.neurons().remove(0.5).add().minimum(2).exclude("a"));
        assertThat(new GreedySearch(new Budget(Optional.empty(), OptionalInt.of(5)), 1))
                .isEqualTo(GreedySearch.create().maxEvaluations(5));
        assertThat(builder().distillation(3, 0.5).settings().training().distillation())
                .contains(new Distillation(3, 0.5));
    }

    @Test
    void yaml_says_the_same_as_json_and_tells_the_line_of_what_is_wrong() {
        String yaml = """
                generations: 7      # few
                stopper: {type: reduction, reduction: 0.5}
                search:
                  strategy: random
                training:
                  learningRate: 1.0e-3
                """;
        assertThat(RunSettings.fromYaml(yaml)).isEqualTo(RunSettings.fromJson("""
                        {"generations": 7, "stopper": {"type": "reduction", "reduction": 0.5},
                         "search": {"strategy": "random"}, "training": {"learningRate": 0.001}}"""));
        assertThatThrownBy(() -> RunSettings.fromYaml("generations: 7\nsearch:\n  stategy: random\n"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll("search.stategy", "line 3", "strategy");
        assertThatThrownBy(() -> RunSettings.fromYaml("generations: 7\ngenerations: 8\n"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("generations");
        assertThatThrownBy(() -> RunSettings.fromYaml("generations: [\n"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll("Not YAML", "line");
    }

    @Test
    void settings_that_are_left_out_of_a_change_stay_as_they_are() {
        RunSettings changed = RunSettings.fromJson("{\"generations\": 7, \"training\": {\"initialEpochs\": 2}}")
                .withJson("{\"training\": {\"recoveryEpochs\": 3}}");
        assertThat(changed.generations()).isEqualTo(7);
        assertThat(changed.training().initialEpochs()).isEqualTo(2);
        assertThat(changed.training().recoveryEpochs()).isEqualTo(3);
    }
}
