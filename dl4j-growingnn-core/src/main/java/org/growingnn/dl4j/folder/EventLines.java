package org.growingnn.dl4j.folder;

import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.growingnn.dl4j.action.Actions;
import org.growingnn.dl4j.action.StructuralAction;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.metric.MetricChoice;
import org.growingnn.dl4j.run.Generation;
import org.growingnn.dl4j.run.Outcome;
import org.growingnn.dl4j.run.ParetoArchive;
import org.growingnn.dl4j.run.RunEvent;
import org.growingnn.dl4j.search.ActionStatistics;
import org.growingnn.dl4j.search.Evaluation;
import org.growingnn.dl4j.search.Failure;
import org.growingnn.dl4j.search.Grade;
import org.growingnn.dl4j.search.SearchResult;
import org.growingnn.dl4j.search.SearchTree;
import org.nd4j.shade.jackson.core.JsonProcessingException;
import org.nd4j.shade.jackson.databind.ObjectMapper;
import org.nd4j.shade.jackson.databind.node.ArrayNode;
import org.nd4j.shade.jackson.databind.node.ObjectNode;

/** Writes what happens in a run as lines of JSON. Numbers that are none are null. */
final class EventLines {

    /** Larger trees lose the children that were visited least. */
    private static final int MOST_CHILDREN = 40;

    private static final int DEEPEST = 12;

    private static final ObjectMapper MAPPER = new ObjectMapper();

    private EventLines() {}

    static ObjectNode started(
            String settings,
            MetricChoice metric,
            Map<String, String> versions,
            String modelSha256,
            NetworkGraph network) {
        ObjectNode line = line("run-started");
        try {
            line.set("settings", MAPPER.readTree(settings));
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("The settings are not JSON: " + settings, e);
        }
        line.putObject("metric").put("name", metric.metric().name()).put("reason", metric.reason());
        ObjectNode software = line.putObject("versions");
        versions.forEach(software::put);
        line.put("model", modelSha256);
        line.set("network", NetworkJson.of(network));
        return line;
    }

    static ObjectNode resumed(int generation) {
        return line("run-resumed").put("generation", generation);
    }

    /** Writes an event; empty for those that say what others have said. */
    static Optional<ObjectNode> of(RunEvent event) {
        if (event instanceof RunEvent.RunForecast forecast) {
            return Optional.of(line("forecast")
                    .put("generation", forecast.generation())
                    .put("searchSeconds", seconds(forecast.forecast().search()))
                    .put("trainingSeconds", seconds(forecast.forecast().training()))
                    .put("lastSeconds", seconds(forecast.forecast().last()))
                    .put("runSeconds", seconds(forecast.forecast().run())));
        } else if (event instanceof RunEvent.CandidateEvaluated candidate) {
            return Optional.of(candidate(candidate));
        } else if (event instanceof RunEvent.SearchEnded search) {
            return Optional.of(search(search.generation(), search.result()));
        } else if (event instanceof RunEvent.GenerationEnded ended) {
            return Optional.of(generation(ended));
        } else if (event instanceof RunEvent.RunEnded ended) {
            return Optional.of(ended(ended.outcome()));
        }
        return Optional.empty();
    }

    private static ObjectNode candidate(RunEvent.CandidateEvaluated event) {
        Evaluation evaluation = event.candidate().evaluation();
        ObjectNode line = line("candidate").put("generation", event.generation());
        ArrayNode actions = line.putArray("actions");
        event.candidate().candidate().path().forEach(action -> actions.add(action.toString()));
        line.put("parameters", event.candidate().candidate().parameters());
        if (evaluation instanceof Grade grade) {
            number(line, "score", grade.score());
            number(line, "standardError", grade.standardError());
        } else {
            line.putNull("score").putNull("standardError");
        }
        line.put("failure", evaluation instanceof Failure failure ? failure.reason() : null);
        line.put("seconds", seconds(event.candidate().time()));
        line.put("evaluations", event.progress().evaluations());
        line.put("searchSeconds", seconds(event.progress().elapsed()));
        line.put(
                "expectedSeconds",
                event.progress().expected().map(EventLines::seconds).orElse(null));
        return line;
    }

    private static ObjectNode search(int generation, SearchResult result) {
        ObjectNode line = line("search")
                .put("generation", generation)
                .put("chosen", result.action().toString());
        number(line, "score", result.score());
        line.put("evaluations", result.evaluations())
                .put("seconds", seconds(result.elapsed()))
                .put("complete", result.complete())
                .put("failures", result.failures().size());
        ArrayNode roots = line.putArray("roots");
        for (ActionStatistics some : result.statistics()) {
            ObjectNode root =
                    roots.addObject().put("action", some.action().toString()).put("visits", some.visits());
            number(root, "mean", some.meanScore());
        }
        line.set("tree", tree(result.tree(), 0));
        return line;
    }

    private static ObjectNode tree(SearchTree tree, int depth) {
        ObjectNode node = MAPPER.createObjectNode()
                .put("action", tree.action().toString())
                .put("visits", tree.visits());
        number(node, "mean", tree.mean());
        number(node, "best", tree.best());
        List<SearchTree> drawn = depth == DEEPEST
                ? List.of()
                : tree.children().stream()
                        .sorted(Comparator.comparingInt(SearchTree::visits).reversed())
                        .limit(MOST_CHILDREN)
                        .toList();
        ArrayNode children = node.putArray("children");
        drawn.forEach(child -> children.add(tree(child, depth + 1)));
        return node.put("omitted", tree.children().size() - drawn.size());
    }

    private static ObjectNode generation(RunEvent.GenerationEnded event) {
        Generation generation = event.generation();
        ObjectNode line = line("generation").put("number", generation.number());
        line.put("action", generation.action().map(StructuralAction::toString).orElse(null));
        line.set("actionJson", generation.action().map(EventLines::action).orElse(null));
        line.put("accepted", generation.accepted())
                .put("rejection", generation.rejection().orElse(null));
        number(line, "trainingMetric", generation.trainingMetric());
        number(line, "validationMetric", generation.validationMetric());
        number(line, "validationError", generation.validation().standardError());
        number(line, "goodness", generation.goodness());
        number(line, "loss", generation.loss());
        ObjectNode costs = line.putObject("costs");
        generation.costs().known().forEach((cost, value) -> costs.put(lower(cost), value));
        number(line, "reduction", generation.reduction());
        number(line, "score", generation.score());
        line.put("epochs", generation.epochs())
                .put("evaluations", generation.evaluations())
                .put("elapsedSeconds", seconds(generation.elapsed()));
        event.widthsBefore().forEach(line.putObject("widthsBefore")::put);
        event.widthsAfter().forEach(line.putObject("widthsAfter")::put);
        if (generation.accepted()) {
            line.set("network", NetworkJson.of(event.network()));
        }
        return line;
    }

    private static ObjectNode ended(Outcome outcome) {
        ObjectNode line = line("ended")
                .put("status", lower(outcome.status()))
                .put("reason", outcome.reason())
                .put("elapsedSeconds", seconds(outcome.state().elapsed()))
                .put("generation", outcome.state().result().generation().number());
        line.set("network", NetworkJson.of(outcome.state().result().network()));
        ArrayNode pareto = line.putArray("pareto");
        for (ParetoArchive.Entry entry : outcome.state().archive().entries()) {
            ObjectNode model = pareto.addObject().put("generation", entry.generation());
            number(model, "metric", entry.metric().value());
            number(model, "goodness", entry.goodness());
            model.put("parameters", entry.parameters());
            model.put("macs", entry.macs().isPresent() ? entry.macs().getAsLong() : null);
            model.put("latencySeconds", seconds(entry.latency()));
        }
        return line;
    }

    /** Actions of the program's own have no JSON form. */
    private static ObjectNode action(StructuralAction action) {
        if (!Actions.hasJson(action)) {
            return null;
        }
        try {
            return (ObjectNode) MAPPER.readTree(Actions.toJson(action));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("Actions are written as JSON.", e);
        }
    }

    private static String lower(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private static ObjectNode line(String event) {
        return MAPPER.createObjectNode().put("time", Instant.now().toString()).put("event", event);
    }

    private static void number(ObjectNode node, String name, double value) {
        if (Double.isFinite(value)) {
            node.put(name, value);
        } else {
            node.putNull(name);
        }
    }

    private static double seconds(Duration duration) {
        return duration.toNanos() / 1e9;
    }
}
