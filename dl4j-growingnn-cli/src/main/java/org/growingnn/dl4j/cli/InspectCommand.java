package org.growingnn.dl4j.cli;

import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.Callable;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.growingnn.dl4j.graph.Layout;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.graph.NetworkInput;
import org.growingnn.dl4j.graph.UnitSpace;
import org.growingnn.dl4j.graph.Vertex;
import org.nd4j.shade.jackson.databind.node.ArrayNode;
import org.nd4j.shade.jackson.databind.node.ObjectNode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Tells what a model is made of, and what of it can become smaller. */
@Command(
        name = "inspect",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        description =
                "Tells what a model is made of, which widths can be changed, or why not, and how it would be judged.")
final class InspectCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private ModelOptions model = new ModelOptions();

    @Option(names = "--json", description = "print JSON")
    private boolean json;

    @Override
    public Integer call() {
        LoadedModel loaded = model.load();
        Console.of(spec).result(json ? Json.text(json(loaded)) : text(loaded));
        return ExitCode.DONE;
    }

    private static String text(LoadedModel loaded) {
        NetworkGraph network = loaded.network();
        StringBuilder text = new StringBuilder(
                loaded.path() + ": " + loaded.type() + ", " + loaded.kind().text() + ", "
                        + TextTable.number(loaded.bytes()) + " bytes, "
                        + (loaded.hasUpdater() ? "with" : "without") + " the optimiser's state, "
                        + loaded.normalizer()
                                .map(normalizer -> "normaliser " + normalizer.getType())
                                .orElse("no normaliser")
                        + "\n\n");
        TextTable vertices = new TextTable(
                List.of("vertex", "type", "in", "out", "parameters", "macs", "space"), Set.of("parameters", "macs"));
        for (NetworkInput input : network.inputs()) {
            vertices.row(
                    input.name(), "(input)", "", network.signal(input.name()).toString(), "", "", input.name());
        }
        for (String name : network.order()) {
            Vertex vertex = network.vertex(name);
            vertices.row(
                    name,
                    vertex.operation().type(),
                    String.join(
                            " + ",
                            vertex.inputs().stream()
                                    .map(source -> network.signal(source).toString())
                                    .toList()),
                    network.signal(name).toString(),
                    vertex.parameterCount() == 0 ? "" : TextTable.number(vertex.parameterCount()),
                    network.macs(name) == 0 ? "" : TextTable.number(macs(network, name)),
                    String.join(", ", leaving(network, name)));
        }
        text.append(vertices).append('\n');
        TextTable spaces = new TextTable(
                List.of("unit space", "units", "least", "computed by", "resizable"), Set.of("units", "least"));
        for (UnitSpace space : network.spaces()) {
            spaces.row(
                    space.name(),
                    space.size() == Layout.UNKNOWN ? "unknown" : TextTable.number(space.size()),
                    space.resizable() ? TextTable.number(space.minimum()) : "",
                    String.join(", ", space.producers()),
                    resizable(space));
        }
        text.append(spaces).append('\n');
        text.append(TextTable.number(network.parameterCount())).append(" parameters, ");
        text.append(
                network.macsKnown()
                        ? TextTable.number(network.macs()) + " multiply-accumulates for one example"
                        : "multiply-accumulates unknown, because the model does not tell the size of its inputs:"
                                + " --input-size HxW");
        text.append('\n');
        for (int i = 0; i < network.outputs().size(); i++) {
            String output = network.outputs().get(i);
            text.append("Output '")
                    .append(output)
                    .append("' is judged by ")
                    .append(FittingMetric.of(loaded, i).text())
                    .append(".\n");
        }
        return text.toString();
    }

    private static OptionalLong macs(NetworkGraph network, String vertex) {
        long macs = network.macs(vertex);
        return macs < 0 ? OptionalLong.empty() : OptionalLong.of(macs);
    }

    private static List<String> leaving(NetworkGraph network, String vertex) {
        return network.signal(vertex).units().blocks().stream()
                .map(block -> network.space(block).name())
                .distinct()
                .toList();
    }

    private static String resizable(UnitSpace space) {
        return space.frozen()
                .map(reason -> "no: " + reason)
                .orElse(space.selectionOnly() ? "by selection only" : "yes");
    }

    private static ObjectNode json(LoadedModel loaded) {
        NetworkGraph network = loaded.network();
        ObjectNode root = Json.object();
        root.put("model", loaded.path().toString());
        root.put("type", loaded.type());
        root.put("writtenBy", Names.hyphenated(loaded.kind()));
        root.put("fileBytes", loaded.bytes());
        root.put("optimiserState", loaded.hasUpdater());
        loaded.normalizer()
                .ifPresentOrElse(
                        normalizer -> root.put("normalizer", String.valueOf(normalizer.getType())),
                        () -> root.putNull("normalizer"));
        root.put("iterations", iterations(loaded.model()));
        root.put("epochs", epochs(loaded.model()));
        root.put("parameters", network.parameterCount());
        Json.put(root, "macs", network.macsKnown() ? OptionalLong.of(network.macs()) : OptionalLong.empty());
        ArrayNode inputs = root.putArray("inputs");
        for (NetworkInput input : network.inputs()) {
            ObjectNode node = inputs.addObject();
            node.put("name", input.name());
            node.put("kind", Names.hyphenated(input.kind()));
            node.put("format", Names.hyphenated(input.format()));
            Json.put(node, "size", known(input.size()));
            ArrayNode extents = node.putArray("extents");
            for (long extent : input.extents()) {
                if (extent < 0) {
                    extents.addNull();
                } else {
                    extents.add(extent);
                }
            }
        }
        ArrayNode outputs = root.putArray("outputs");
        for (int i = 0; i < network.outputs().size(); i++) {
            String output = network.outputs().get(i);
            FittingMetric metric = FittingMetric.of(loaded, i);
            ObjectNode node = outputs.addObject();
            node.put("name", output);
            Json.put(node, "units", known(network.signal(output).units().length()));
            node.put("compares", metric.compares());
            node.put("metric", metric.name());
        }
        ArrayNode vertices = root.putArray("vertices");
        for (String name : network.order()) {
            Vertex vertex = network.vertex(name);
            ObjectNode node = vertices.addObject();
            node.put("name", name);
            node.put("type", vertex.operation().type());
            vertex.inputs().forEach(node.putArray("inputs")::add);
            node.put("out", network.signal(name).toString());
            node.put("parameters", vertex.parameterCount());
            Json.put(node, "macs", macs(network, name));
            leaving(network, name).forEach(node.putArray("spaces")::add);
        }
        ArrayNode spaces = root.putArray("spaces");
        for (UnitSpace space : network.spaces()) {
            ObjectNode node = spaces.addObject();
            node.put("name", space.name());
            Json.put(node, "units", known(space.size()));
            node.put("least", space.minimum());
            space.producers().forEach(node.putArray("layers")::add);
            node.put("resizable", space.resizable());
            node.put("selectionOnly", space.selectionOnly());
            space.frozen().ifPresentOrElse(reason -> node.put("reason", reason), () -> node.putNull("reason"));
        }
        return root;
    }

    private static OptionalLong known(long size) {
        return size == Layout.UNKNOWN ? OptionalLong.empty() : OptionalLong.of(size);
    }

    private static int iterations(Model model) {
        return model instanceof MultiLayerNetwork chain
                ? chain.getIterationCount()
                : ((ComputationGraph) model).getIterationCount();
    }

    private static int epochs(Model model) {
        return model instanceof MultiLayerNetwork chain
                ? chain.getEpochCount()
                : ((ComputationGraph) model).getEpochCount();
    }
}
