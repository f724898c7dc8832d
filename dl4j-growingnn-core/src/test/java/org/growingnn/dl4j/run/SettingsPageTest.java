package org.growingnn.dl4j.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Modifier;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.growingnn.dl4j.projection.Projections;
import org.growingnn.dl4j.value.Family;
import org.junit.jupiter.api.Test;
import org.nd4j.shade.jackson.databind.JsonNode;
import org.nd4j.shade.jackson.databind.ObjectMapper;

/** The page about settings says the same as the records. */
class SettingsPageTest {

    private static final Path PAGE = Path.of("..", "docs", "settings.md");

    private static final Map<String, Family<?>> FAMILIES = Map.of(
            "Metrics", SettingsJson.METRICS,
            "Stoppers", SettingsJson.STOPPERS,
            "Learning-rate schedules", SettingsJson.SCHEDULES,
            "Search strategies", SettingsJson.STRATEGIES,
            "Actions", SettingsJson.ACTIONS,
            "Schedulers", SettingsJson.SCHEDULERS,
            "Score terms", SettingsJson.TERMS,
            "Execution", SettingsJson.EXECUTIONS);

    private final String page = Files.readString(PAGE);

    SettingsPageTest() throws IOException {}

    private static JsonNode tree(RunSettings settings) throws IOException {
        return new ObjectMapper().readTree(settings.toJson());
    }

    /** Paths of all settings with their defaults; those inside of optional records and of lists have none. */
    private static Map<String, Optional<JsonNode>> settings() throws IOException {
        Map<String, Optional<JsonNode>> settings = new LinkedHashMap<>();
        collect(RunSettings.class, "", tree(RunSettings.DEFAULT), settings);
        return settings;
    }

    private static void collect(
            Class<?> type, String prefix, JsonNode defaults, Map<String, Optional<JsonNode>> settings) {
        for (RecordComponent component : type.getRecordComponents()) {
            String path = prefix + component.getName();
            JsonNode value = defaults.path(component.getName());
            if (component.getType().isRecord()) {
                if (component.getType().getPackageName().startsWith("org.growingnn")) {
                    collect(component.getType(), path + ".", value, settings);
                    continue;
                }
            }
            settings.put(path, value.isMissingNode() ? Optional.empty() : Optional.of(value));
            inner(component.getGenericType())
                    .ifPresent(record -> collect(
                            record,
                            path + (component.getType() == List.class ? "[]." : "."),
                            value.path("-"),
                            settings));
        }
    }

    private static Optional<Class<?>> inner(Type type) {
        return type instanceof ParameterizedType generic
                        && generic.getActualTypeArguments()[0] instanceof Class<?> argument
                        && argument.isRecord()
                ? Optional.of(argument)
                : Optional.empty();
    }

    /** Cells of the rows of a table whose first cell is code. */
    private static List<List<String>> rows(String text) {
        return text.lines()
                .filter(line -> line.startsWith("| `"))
                .map(line ->
                        Arrays.stream(line.split("\\|", -1)).map(String::strip).toList())
                .map(cells -> cells.subList(1, cells.size() - 1))
                .toList();
    }

    private String section(String title) {
        String rest = page.substring(page.indexOf(" " + title + "\n"));
        int end = rest.indexOf("\n#");
        return end < 0 ? rest : rest.substring(0, end);
    }

    @Test
    void every_setting_has_a_row_with_its_default_and_no_row_is_left_over() throws IOException {
        Map<String, Optional<JsonNode>> settings = settings();
        List<List<String>> rows = rows(section("All settings"));
        assertThat(rows.stream().map(cells -> cells.get(0).replace("`", "")).toList())
                .containsExactlyElementsOf(settings.keySet());
        for (List<String> cells : rows) {
            String path = cells.get(0).replace("`", "");
            boolean inner =
                    path.contains("[]") || path.startsWith("training.distillation.") || path.startsWith("latencies.");
            String standard = settings.get(path).map(JsonNode::toString).orElse(inner ? "" : "none");
            assertThat(cells.get(2)).as(path).isEqualTo(path.equals("workers") ? "processors" : standard);
            assertThat(cells.get(3)).as(path).isNotEmpty();
            assertThat(cells.get(4)).as(path).isNotEmpty();
        }
    }

    @Test
    void every_builder_method_is_on_the_page_and_the_other_way_round() {
        Set<String> methods = Arrays.stream(SettingsBuilder.class.getDeclaredMethods())
                .filter(method -> Modifier.isPublic(method.getModifiers()))
                .map(java.lang.reflect.Method::getName)
                .collect(Collectors.toSet());
        Set<String> named = rows(section("All settings")).stream()
                .map(cells -> cells.get(1).replace("`", ""))
                .collect(Collectors.toSet());
        assertThat(Stream.concat(named.stream(), Stream.of("paper", "growth", "settings"))
                        .toList())
                .containsExactlyInAnyOrderElementsOf(methods);
    }

    @Test
    void every_named_part_has_a_row_with_its_parameters_and_their_defaults() throws IOException {
        for (Map.Entry<String, Family<?>> entry : FAMILIES.entrySet()) {
            List<List<String>> rows = rows(section(entry.getKey()));
            Map<String, ? extends Family.Member<?>> members = entry.getValue().members();
            assertThat(rows.stream().map(cells -> cells.get(0).replace("`", "")).toList())
                    .containsExactlyElementsOf(members.keySet());
            for (List<String> cells : rows) {
                Family.Member<?> member = members.get(cells.get(0).replace("`", ""));
                List<String> parameters = new ArrayList<>();
                for (RecordComponent component : member.type().getRecordComponents()) {
                    parameters.add(component.getName());
                }
                assertThat(code(cells.get(1))).as("%s", cells).isEqualTo(parameters);
                assertThat(defaults(member))
                        .allSatisfy((name, value) -> assertThat(cells.get(1)).contains("`" + name + "` = " + value));
            }
        }
    }

    private static List<String> code(String cell) {
        return Pattern.compile("`([^`]*)`")
                .matcher(cell)
                .results()
                .map(result -> result.group(1))
                .toList();
    }

    private static Map<String, String> defaults(Family.Member<?> member) throws IOException {
        if (member.defaults().isEmpty()) {
            return Map.of();
        }
        Object part = member.defaults().get();
        JsonNode search = null;
        if (part instanceof org.growingnn.dl4j.search.SearchStrategy strategy) {
            search = tree(RunSettings.DEFAULT.with("search.strategy", strategy)).at("/search/strategy");
        } else if (part instanceof org.growingnn.dl4j.action.ActionGenerator actions) {
            search = tree(RunSettings.DEFAULT.with("search.actions", actions)).at("/search/actions");
        } else if (part instanceof org.growingnn.dl4j.score.ScoreTerm term) {
            search = tree(RunSettings.DEFAULT.with("search.score", org.growingnn.dl4j.score.Score.of(term, 1)))
                    .at("/search/score/terms/0/term");
        }
        if (part instanceof org.growingnn.dl4j.search.Execution execution) {
            search = tree(RunSettings.DEFAULT.with("execution", execution)).at("/execution");
        }
        if (part instanceof org.growingnn.dl4j.metric.Metric metric) {
            search = tree(RunSettings.DEFAULT.with("metric", metric)).at("/metric");
        }
        assertThat(search).as("a family with defaults").isNotNull();
        Map<String, String> defaults = new LinkedHashMap<>();
        search.fields()
                .forEachRemaining(
                        field -> defaults.put(field.getKey(), field.getValue().toString()));
        defaults.remove("type");
        return defaults;
    }

    @Test
    void every_projection_of_the_page_exists() {
        String text = section("Projections");
        List<String> names = code(text.replace("\n", " "));
        int criteria = names.indexOf("importance-");
        for (String name : names.subList(0, criteria)) {
            assertThat(Projections.named(name).name()).isEqualTo(name);
        }
        for (String criterion : names.subList(criteria + 1, names.size() - 2)) {
            assertThat(Projections.named("importance-" + criterion + "+refit+gradient"))
                    .isNotNull();
        }
        assertThat(names).endsWith("+refit", "+gradient").hasSizeGreaterThan(14);
    }

    @Test
    void every_example_in_the_documentation_can_be_read() throws IOException {
        List<String> examples = new ArrayList<>();
        List<Path> pages;
        try (Stream<Path> files = Files.list(PAGE.getParent())) {
            pages = Stream.concat(
                            files.filter(file -> file.toString().endsWith(".md")),
                            Stream.of(Path.of("..", "README.md")))
                    .toList();
        }
        for (Path file : pages) {
            Pattern.compile("```json\n(.*?)```", Pattern.DOTALL)
                    .matcher(Files.readString(file).replace("\r\n", "\n"))
                    .results()
                    .map((MatchResult result) -> result.group(1))
                    .forEach(examples::add);
        }
        assertThat(examples).isNotEmpty();
        for (String example : examples) {
            RunSettings settings = RunSettings.fromJson(example);
            assertThat(settings).isNotEqualTo(RunSettings.DEFAULT);
        }
    }
}
