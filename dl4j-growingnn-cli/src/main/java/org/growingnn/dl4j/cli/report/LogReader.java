package org.growingnn.dl4j.cli.report;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.nd4j.shade.jackson.core.JsonProcessingException;
import org.nd4j.shade.jackson.databind.JsonNode;
import org.nd4j.shade.jackson.databind.ObjectMapper;

/**
 * Reads a run's log line by line. It takes what it understands: unknown events and fields are left alone, missing ones are unknown, and
 * lines that are no JSON are counted.
 */
final class LogReader {

    /** Name of the log in a run's folder. */
    static final String FILE = "events.jsonl";

    private static final String SETTINGS = "settings.json";
    private static final String LINE_START = "{\"time\"";
    /** Deeper trees are cut, so that no log can exhaust the stack. */
    private static final int DEEPEST = 200;

    private static final ObjectMapper MAPPER = new ObjectMapper();

    private Optional<Instant> started = Optional.empty();
    private Optional<Instant> last = Optional.empty();
    private RunLog.Metric metric = new RunLog.Metric("metric", "");
    private String settings = "";
    private Map<String, String> versions = Map.of();
    private String model = "";
    private Optional<RunLog.Network> network = Optional.empty();
    private final TreeMap<Integer, RunLog.Generation> generations = new TreeMap<>();
    private final TreeMap<Integer, RunLog.Search> searches = new TreeMap<>();
    private final TreeMap<Integer, List<RunLog.Candidate>> candidates = new TreeMap<>();
    private Optional<RunLog.Forecast> forecast = Optional.empty();
    private final List<Integer> resumed = new ArrayList<>();
    private Optional<RunLog.End> end = Optional.empty();
    private final List<String> notes = new ArrayList<>();

    private LogReader() {}

    static RunLog read(Path folder) throws IOException {
        Path file = folder.resolve(FILE);
        if (!Files.isRegularFile(file)) {
            throw new NoSuchFileException(
                    file.toString(),
                    null,
                    "The folder (" + folder
                            + ") holds no log of a run.\nMaybe give the folder that the run writes to?");
        }
        LogReader reader = new LogReader();
        reader.lines(file);
        if (reader.settings.isEmpty()) {
            reader.settings(folder.resolve(SETTINGS));
        }
        return reader.log(folder.toAbsolutePath().normalize().getFileName());
    }

    private RunLog log(Path name) {
        return new RunLog(
                name == null ? "run" : name.toString(),
                started,
                last,
                metric,
                settings,
                versions,
                model,
                network,
                List.copyOf(generations.values()),
                searches,
                candidates,
                forecast,
                resumed,
                end,
                notes);
    }

    private void lines(Path file) throws IOException {
        int number = 0;
        List<Integer> unreadable = new ArrayList<>();
        // Not Files.newBufferedReader: a character that is torn in its middle is no reason to fail.
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(Files.newInputStream(file), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                number++;
                if (!line.isBlank() && !read(line)) {
                    unreadable.add(number);
                }
            }
        }
        boolean torn = unreadable.remove(Integer.valueOf(number));
        if (torn) {
            notes.add(
                    "The last line of the log is torn: it was being written, or the run was killed. It was left out.");
        }
        if (!unreadable.isEmpty()) {
            notes.add(unreadable.size() + " of " + number
                    + " lines of the log could not be read and were left out, the first" + " of them line "
                    + unreadable.get(0) + ".");
        }
    }

    /** Reads a line, or what follows a torn one that nobody ended. */
    private boolean read(String line) {
        if (event(line)) {
            return true;
        }
        int second = line.lastIndexOf(LINE_START);
        if (second > 0) {
            event(line.substring(second));
        }
        return false;
    }

    private boolean event(String line) {
        JsonNode json;
        try {
            json = MAPPER.readTree(line);
        } catch (JsonProcessingException broken) {
            return false;
        }
        if (!json.isObject()) {
            return false;
        }
        try {
            Instant time = Instant.parse(json.path("time").asText());
            last = Optional.of(time);
        } catch (DateTimeException unknown) {
            // Times are told, but nothing depends on them.
        }
        switch (json.path("event").asText()) {
            case "run-started" -> started(json);
            case "run-resumed" -> resumed(json);
            case "forecast" -> forecast(json);
            case "candidate" ->
                candidates
                        .computeIfAbsent(number(json), any -> new ArrayList<>())
                        .add(candidate(json));
            case "search" -> searches.put(number(json), search(json));
            case "generation" -> {
                RunLog.Generation generation = generation(json);
                generations.put(generation.number(), generation);
            }
            case "ended" -> end = Optional.of(end(json));
            default -> {
                // Written by a later version.
            }
        }
        return true;
    }

    private void started(JsonNode json) {
        if (started.isPresent()) {
            notes.add("The log holds more than one run. The last one is shown.");
            forget(-1);
            resumed.clear();
            forecast = Optional.empty();
        }
        started = last;
        metric = new RunLog.Metric(
                json.path("metric").path("name").asText("metric"),
                text(json.path("metric").path("reason")));
        settings =
                json.path("settings").isObject() ? json.path("settings").toPrettyString() : text(json.path("settings"));
        versions = texts(json.path("versions"));
        model = text(json.path("model"));
        network = network(json.path("network"));
    }

    private void resumed(JsonNode json) {
        int done = number(json);
        resumed.add(done);
        forget(done);
    }

    /** Drops what was under way when the run was killed: it follows once more. */
    private void forget(int done) {
        generations.tailMap(done, false).clear();
        searches.tailMap(done, false).clear();
        candidates.tailMap(done, false).clear();
        end = Optional.empty();
    }

    private void forecast(JsonNode json) {
        forecast = Optional.of(new RunLog.Forecast(
                number(json),
                real(json.path("searchSeconds")),
                real(json.path("trainingSeconds")),
                real(json.path("lastSeconds")),
                real(json.path("runSeconds"))));
    }

    private static RunLog.Candidate candidate(JsonNode json) {
        return new RunLog.Candidate(
                list(json.path("actions")),
                json.path("parameters").asLong(),
                real(json.path("score")),
                optional(json.path("failure")),
                json.path("evaluations").asLong(),
                real(json.path("searchSeconds")),
                real(json.path("expectedSeconds")));
    }

    private static RunLog.Search search(JsonNode json) {
        return new RunLog.Search(
                text(json.path("chosen")),
                real(json.path("score")),
                json.path("evaluations").asLong(),
                real(json.path("seconds")),
                json.path("complete").asBoolean(),
                json.path("failures").asLong(),
                json.path("tree").isObject() ? Optional.of(node(json.path("tree"), 0)) : Optional.empty());
    }

    private static RunLog.Node node(JsonNode json, int depth) {
        List<RunLog.Node> children = new ArrayList<>();
        long omitted = json.path("omitted").asLong();
        if (depth < DEEPEST) {
            json.path("children").forEach(child -> children.add(node(child, depth + 1)));
        } else {
            omitted += json.path("children").size();
        }
        return new RunLog.Node(
                text(json.path("action")),
                json.path("visits").asLong(),
                real(json.path("mean")),
                real(json.path("best")),
                children,
                omitted);
    }

    private static RunLog.Generation generation(JsonNode json) {
        boolean accepted = json.path("accepted").asBoolean(true);
        Optional<String> rejection = optional(json.path("rejection"));
        return new RunLog.Generation(
                json.path("number").asInt(),
                optional(json.path("action")),
                accepted ? Optional.empty() : Optional.of(rejection.orElse("no reason given")),
                real(json.path("trainingMetric")),
                real(json.path("validationMetric")),
                real(json.path("validationError")),
                real(json.path("goodness")),
                real(json.path("loss")),
                counts(json.path("costs")),
                real(json.path("reduction")),
                real(json.path("score")),
                json.path("epochs").asLong(),
                json.path("evaluations").asLong(),
                real(json.path("elapsedSeconds")),
                counts(json.path("widthsBefore")),
                counts(json.path("widthsAfter")),
                network(json.path("network")));
    }

    private static RunLog.End end(JsonNode json) {
        List<RunLog.Point> pareto = new ArrayList<>();
        json.path("pareto")
                .forEach(point -> pareto.add(new RunLog.Point(
                        number(point),
                        real(point.path("metric")),
                        real(point.path("goodness")),
                        point.path("parameters").asLong(),
                        count(point.path("macs")),
                        real(point.path("latencySeconds")))));
        return new RunLog.End(
                json.path("status").asText("ended"),
                text(json.path("reason")),
                real(json.path("elapsedSeconds")),
                json.path("generation").isNumber() ? Optional.of(number(json)) : Optional.empty(),
                network(json.path("network")),
                pareto);
    }

    private static Optional<RunLog.Network> network(JsonNode json) {
        if (!json.isObject()) {
            return Optional.empty();
        }
        List<RunLog.Input> inputs = new ArrayList<>();
        json.path("inputs")
                .forEach(input -> inputs.add(new RunLog.Input(text(input.path("name")), text(input.path("shape")))));
        List<RunLog.Vertex> vertices = new ArrayList<>();
        json.path("vertices").forEach(vertex -> vertices.add(vertex(vertex)));
        return Optional.of(new RunLog.Network(
                json.path("parameters").asLong(),
                count(json.path("macs")),
                inputs,
                list(json.path("outputs")),
                vertices));
    }

    private static RunLog.Vertex vertex(JsonNode json) {
        return new RunLog.Vertex(
                text(json.path("name")),
                text(json.path("type")),
                list(json.path("inputs")),
                text(json.path("shape")),
                json.path("parameters").asLong(),
                count(json.path("macs")),
                optional(json.path("space")),
                count(json.path("units")),
                json.path("resizable").asBoolean(),
                optional(json.path("reason")));
    }

    private void settings(Path file) throws IOException {
        if (!Files.isRegularFile(file)) {
            return;
        }
        try {
            settings = MAPPER.readTree(Files.readString(file)).toPrettyString();
        } catch (JsonProcessingException broken) {
            notes.add("The settings (" + SETTINGS + ") could not be read: " + broken.getOriginalMessage());
        }
    }

    private static int number(JsonNode json) {
        return json.path("generation").asInt();
    }

    private static double real(JsonNode json) {
        return json.isNumber() ? json.asDouble() : Double.NaN;
    }

    private static OptionalLong count(JsonNode json) {
        return json.isNumber() ? OptionalLong.of(json.asLong()) : OptionalLong.empty();
    }

    private static String text(JsonNode json) {
        return json.isNull() ? "" : json.asText();
    }

    private static Optional<String> optional(JsonNode json) {
        return json.isTextual() ? Optional.of(json.asText()) : Optional.empty();
    }

    private static List<String> list(JsonNode json) {
        List<String> texts = new ArrayList<>();
        json.forEach(item -> texts.add(item.asText()));
        return texts;
    }

    private static Map<String, String> texts(JsonNode json) {
        Map<String, String> texts = new LinkedHashMap<>();
        json.fields().forEachRemaining(field -> texts.put(field.getKey(), text(field.getValue())));
        return texts;
    }

    private static Map<String, Long> counts(JsonNode json) {
        Map<String, Long> counts = new LinkedHashMap<>();
        json.fields().forEachRemaining(field -> {
            if (field.getValue().isNumber()) {
                counts.put(field.getKey(), field.getValue().asLong());
            }
        });
        return counts;
    }
}
