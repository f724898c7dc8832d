package org.growingnn.dl4j.cli.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.nd4j.shade.jackson.databind.JsonNode;
import org.nd4j.shade.jackson.databind.ObjectMapper;
import org.nd4j.shade.jackson.databind.node.ArrayNode;
import org.nd4j.shade.jackson.databind.node.ObjectNode;

/** Writes run folders as a run does, of a convolutional network with residual joins that loses units and layers. */
final class SimulatedRun {

    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final Instant START = Instant.parse("2026-03-01T08:00:00Z");
    private static final int SIDE = 24;

    private final Random random;
    private final int seed;
    private final int blocks;
    private final int generations;
    private boolean lowerIsBetter;
    private int treeDepth = 3;
    private UnaryOperator<String> names = UnaryOperator.identity();

    private final List<String> lines = new ArrayList<>();
    private final Map<String, Integer> widths = new LinkedHashMap<>();
    private final List<Integer> left = new ArrayList<>();
    private double seconds;
    private long firstParameters;

    /** A network of 3 + 5 · blocks vertices. */
    SimulatedRun(int seed, int blocks, int generations) {
        this.seed = seed;
        this.blocks = blocks;
        this.generations = generations;
        random = new Random(seed);
    }

    /** An error instead of an accuracy. */
    SimulatedRun withError() {
        lowerIsBetter = true;
        return this;
    }

    SimulatedRun withNames(UnaryOperator<String> changed) {
        names = changed;
        return this;
    }

    SimulatedRun withTreeDepth(int depth) {
        treeDepth = depth;
        return this;
    }

    /** The lines of a whole run, which ended by itself. */
    List<String> finished() {
        int chosen = upTo(generations);
        end("finished", "all generations have run", chosen);
        return lines();
    }

    /** The lines of a run that ended early. */
    List<String> ended(int after, String status, String reason) {
        int chosen = upTo(after);
        end(status, reason, chosen);
        return lines();
    }

    /** The lines of a run that is searching in the generation behind the given one. */
    List<String> underWay(int after) {
        upTo(after);
        candidates(after + 1, 7);
        return lines();
    }

    /** The lines of a run that was killed in the generation behind the given one, and resumed. */
    List<String> resumed(int after) {
        List<String> killed = underWay(after);
        ObjectNode again = event("run-resumed");
        again.put("generation", after);
        add(again);
        SimulatedRun whole = new SimulatedRun(seed, blocks, generations);
        List<String> rest = whole.finished();
        int from = 0;
        for (int i = 0; i < rest.size(); i++) {
            if (rest.get(i).contains("\"event\":\"generation\",\"number\":" + after + ",")) {
                from = i + 1;
            }
        }
        List<String> all = new ArrayList<>(lines());
        all.addAll(rest.subList(from, rest.size()));
        return killed.isEmpty() ? rest : all;
    }

    List<String> lines() {
        return List.copyOf(lines);
    }

    static Path write(Path folder, List<String> lines) throws IOException {
        Files.createDirectories(folder);
        Files.writeString(folder.resolve("events.jsonl"), String.join("\n", lines) + "\n");
        return folder;
    }

    private int upTo(int last) {
        widths.put("stem", 32);
        for (int block = 0; block < blocks; block++) {
            left.add(block);
            widths.put("b" + block + "-a", 48);
            widths.put("b" + block + "-b", 32);
        }
        firstParameters = network().path("parameters").asLong();
        start();
        generation(0, null, null);
        int chosen = 0;
        for (int number = 1; number <= last; number++) {
            candidates(number, 12);
            boolean accepted = number % 4 != 3;
            Map<String, Integer> before = new LinkedHashMap<>(widths);
            List<Integer> blocksBefore = List.copyOf(left);
            String action = change(number);
            search(number, action);
            generation(
                    number, action, accepted ? null : "the metric (0.91) is below the floor (0.93) on validation data");
            if (accepted) {
                chosen = number;
            } else {
                widths.clear();
                widths.putAll(before);
                left.clear();
                left.addAll(blocksBefore);
            }
        }
        return chosen;
    }

    private String change(int number) {
        if (number % 9 == 5 && left.size() > 2) {
            int block = left.remove(random.nextInt(left.size()));
            widths.remove("b" + block + "-a");
            widths.remove("b" + block + "-b");
            return "remove " + names.apply("b" + block + "-conv2") + " and the branch around it";
        }
        List<String> spaces = new ArrayList<>(widths.keySet());
        String space = spaces.get(random.nextInt(spaces.size()));
        int before = widths.get(space);
        widths.put(space, Math.max(2, before - Math.max(1, before / 5)));
        return "remove " + (before - widths.get(space)) + " of " + before + " units of " + names.apply(space);
    }

    private void start() {
        ObjectNode json = event("run-started");
        json.putObject("settings")
                .put("generations", generations)
                .put("seed", seed)
                .putObject("search")
                .put("type", "monte-carlo-tree-search")
                .put("maxEvaluations", 200);
        json.putObject("metric")
                .put("name", lowerIsBetter ? "mean absolute error" : "accuracy")
                .put("reason", "the output is a softmax over 10 classes that are about equally frequent");
        json.putObject("versions")
                .put("dl4j-growingnn", "0.1.0")
                .put("java", "17.0.15")
                .put("os", "Linux amd64");
        json.put("model", "3f786850e387550fdab836ed7e6dc881de23001b3f786850e387550fdab836ed");
        json.set("network", network());
        add(json);
        ObjectNode forecast = event("forecast");
        forecast.put("generation", 1)
                .put("searchSeconds", 20.5)
                .put("trainingSeconds", 9.1)
                .put("lastSeconds", 33)
                .put("runSeconds", 30.0 * generations);
        add(forecast);
    }

    private void candidates(int generation, int count) {
        for (int i = 1; i <= count; i++) {
            ObjectNode json = event("candidate");
            json.put("generation", generation);
            json.putArray("actions").add("remove " + i + " units of " + names.apply("stem"));
            json.put("parameters", firstParameters - 100L * i);
            boolean failed = i % 6 == 0;
            if (failed) {
                json.putNull("score").put("failure", "the loss is NaN after " + i + " steps");
            } else {
                json.put("score", 0.7 + 0.2 * random.nextDouble()).putNull("failure");
            }
            json.put("standardError", 0.01)
                    .put("seconds", 0.5)
                    .put("evaluations", i)
                    .put("searchSeconds", 0.5 * i)
                    .put("expectedSeconds", 0.5 * count + 3);
            add(json);
        }
    }

    private void search(int generation, String chosen) {
        ObjectNode json = event("search");
        json.put("generation", generation)
                .put("chosen", chosen)
                .put("score", score() + 0.01 * random.nextGaussian())
                .put("evaluations", 12)
                .put("seconds", 6.25)
                .put("complete", generation % 2 == 0)
                .put("failures", 2);
        json.putArray("roots");
        ObjectNode root = node("do nothing", 120, 0);
        ArrayNode children = (ArrayNode) root.path("children");
        ((ObjectNode) children.path(children.size() / 2)).put("action", chosen).put("visits", 41);
        json.set("tree", root);
        add(json);
    }

    private ObjectNode node(String action, int visits, int depth) {
        double best = 0.7 + 0.25 * random.nextDouble();
        ObjectNode node = MAPPER.createObjectNode();
        node.put("action", action).put("visits", visits);
        if (visits > 0) {
            node.put("mean", best - 0.1 * random.nextDouble()).put("best", best);
        } else {
            node.putNull("mean").putNull("best");
        }
        ArrayNode children = node.putArray("children");
        for (int i = 0; depth < treeDepth && i < 4; i++) {
            children.add(node(
                    "remove " + (i + 1) * 2 + " of 48 units of " + names.apply("b" + (i + depth) + "-a"),
                    visits / (4 + i),
                    depth + 1));
        }
        node.put("omitted", depth == 1 ? 3 : 0);
        return node;
    }

    private double quality() {
        double share = (double) network().path("parameters").asLong() / firstParameters;
        return 0.9935 - 0.02 * (1 - share) * (1 - share) + 0.002 * random.nextGaussian();
    }

    private double score() {
        double share = (double) network().path("parameters").asLong() / firstParameters;
        return 0.99 + 0.5 * (1 - share);
    }

    private void generation(int number, String action, String rejection) {
        seconds += 15.5;
        double quality = quality() - (rejection == null ? 0 : 0.06);
        ObjectNode json = event("generation");
        json.put("number", number).put("action", action);
        json.put("accepted", rejection == null).put("rejection", rejection);
        json.put("trainingMetric", lowerIsBetter ? 12.5 * (1 - quality) : Math.min(1, quality + 0.004));
        json.put("validationMetric", lowerIsBetter ? 13.5 * (1 - quality) : quality);
        json.put("validationError", 0.0021).put("goodness", quality).put("loss", 3 * (1 - quality));
        JsonNode network = network();
        long parameters = network.path("parameters").asLong();
        json.putObject("costs")
                .put("parameters", parameters)
                .put("macs", network.path("macs").asLong())
                .put("latency", 150_000 + parameters * 11L);
        json.put("reduction", 1 - (double) parameters / firstParameters)
                .put("score", score() - (rejection == null ? 0 : 0.05) + 0.002 * random.nextGaussian())
                .put("epochs", 1)
                .put("evaluations", number == 0 ? 0 : 12)
                .put("elapsedSeconds", seconds);
        json.set("widthsBefore", widths());
        json.set("widthsAfter", widths());
        if (rejection == null) {
            json.set("network", network);
        }
        add(json);
    }

    private void end(String status, String reason, int chosen) {
        ObjectNode json = event("ended");
        json.put("status", status)
                .put("reason", reason)
                .put("elapsedSeconds", seconds + 20)
                .put("generation", chosen);
        json.set("network", network());
        ArrayNode pareto = json.putArray("pareto");
        Map<Long, JsonNode> front = new TreeMap<>();
        double best = 0;
        for (String line : lines) {
            JsonNode event = parsed(line);
            if (event.path("event").asText().equals("generation")
                    && event.path("accepted").asBoolean()) {
                front.put(event.path("costs").path("parameters").asLong(), event);
            }
        }
        for (JsonNode event : front.values()) {
            if (event.path("goodness").asDouble() > best) {
                best = event.path("goodness").asDouble();
                pareto.addObject()
                        .put("generation", event.path("number").asInt())
                        .put("metric", event.path("validationMetric").asDouble())
                        .put("goodness", best)
                        .put(
                                "parameters",
                                event.path("costs").path("parameters").asLong())
                        .put("macs", event.path("costs").path("macs").asLong())
                        .put(
                                "latencySeconds",
                                event.path("costs").path("latency").asLong() / 1e9);
            }
        }
        add(json);
    }

    private ObjectNode widths() {
        ObjectNode json = MAPPER.createObjectNode();
        widths.forEach((space, width) -> json.put(names.apply(space), width));
        return json;
    }

    private ObjectNode network() {
        ObjectNode json = MAPPER.createObjectNode();
        ArrayNode vertices = MAPPER.createArrayNode();
        long[] sums = new long[2];
        String last = layer(vertices, sums, "stem", "ConvolutionLayer", "stem", 1, 9, "input");
        int channels = widths.get("stem");
        for (int block : left) {
            String a = "b" + block + "-a";
            String b = "b" + block + "-b";
            String name = "b" + block;
            layer(vertices, sums, name + "-conv1", "ConvolutionLayer", a, channels, 9, last);
            layer(vertices, sums, name + "-bn", "BatchNormalization", a, 0, 4, name + "-conv1");
            layer(vertices, sums, name + "-conv2", "ConvolutionLayer", b, widths.get(a), 9, name + "-bn");
            layer(vertices, sums, name + "-skip", "ConvolutionLayer", b, channels, 1, last);
            last = layer(vertices, sums, name + "-add", "ElementWiseVertex", b, 0, 0, name + "-conv2", name + "-skip");
            channels = widths.get(b);
        }
        layer(vertices, sums, "pool", "GlobalPoolingLayer", null, 0, 0, last);
        layer(vertices, sums, "out", "OutputLayer", null, channels, 10, "pool");
        json.put("parameters", sums[0]).put("macs", sums[1]);
        json.putArray("inputs").addObject().put("name", names.apply("input")).put("shape", "1x28x28");
        json.putArray("outputs").add(names.apply("out"));
        json.set("vertices", vertices);
        return json;
    }

    private String layer(
            ArrayNode vertices,
            long[] sums,
            String name,
            String type,
            String space,
            int channels,
            int kernel,
            String... inputs) {
        int units = space == null ? 10 : widths.get(space);
        long parameters = (long) kernel * (channels == 0 ? 1 : channels) * units;
        ObjectNode json = vertices.addObject();
        json.put("name", names.apply(name)).put("type", type);
        ArrayNode from = json.putArray("inputs");
        for (String input : inputs) {
            from.add(names.apply(input));
        }
        json.put("shape", space == null ? "" + units : units + "x" + SIDE + "x" + SIDE);
        json.put("parameters", parameters);
        json.put("macs", channels == 0 ? 0 : parameters * SIDE * SIDE);
        json.put("space", space == null ? null : names.apply(space)).put("units", units);
        json.put("resizable", space != null).put("reason", space == null ? "it is an output" : null);
        sums[0] += parameters;
        sums[1] += json.path("macs").asLong();
        return name;
    }

    private ObjectNode event(String name) {
        seconds += 0.1;
        return MAPPER.createObjectNode()
                .put("time", START.plusMillis((long) (seconds * 1000)).toString())
                .put("event", name);
    }

    private void add(ObjectNode json) {
        lines.add(json.toString());
    }

    private static JsonNode parsed(String line) {
        try {
            return MAPPER.readTree(line);
        } catch (IOException impossible) {
            throw new IllegalStateException(line, impossible);
        }
    }
}
