package org.growingnn.dl4j.adapter;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.api.Updater;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.preprocessor.ComposableInputPreProcessor;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.graph.Parameter;
import org.growingnn.dl4j.graph.Selection;
import org.growingnn.dl4j.graph.Vertex;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Writes networks as plain Deeplearning4j models. */
public final class ModelWriter {

    private ModelWriter() {}

    /**
     * Builds an initialised computation graph with the network's parameters, optimiser state and counters. Listeners are
     * left to the caller.
     *
     * @param network a network read from a Deeplearning4j model
     * @return a new model that shares nothing with the network
     */
    public static ComputationGraph toComputationGraph(NetworkGraph network) {
        NetworkGraph graph = Selection.withoutIdentities(network);
        Dl4jOrigin origin = Dl4jOrigin.of(graph.origin());
        // DL4J's clone() shares inner configurations and loses settings; its JSON keeps everything.
        ComputationGraphConfiguration configuration = ComputationGraphConfiguration.fromJson(origin.graphJson());
        Map<String, GraphVertex> vertices = new LinkedHashMap<>();
        Map<String, List<String>> inputs = new LinkedHashMap<>();
        Set<String> names = new HashSet<>(graph.order());
        graph.inputs().forEach(input -> names.add(input.name()));
        for (Vertex vertex : graph.vertices()) {
            if (vertex.operation() instanceof Selection) {
                SelectionVertices.write(vertex, names, vertices, inputs);
            } else {
                vertices.put(
                        vertex.name(),
                        copy(graph, vertex, () -> configuration.getVertices().get(vertex.name())));
                inputs.put(vertex.name(), vertex.inputs());
            }
        }
        if (!vertices.keySet().equals(configuration.getVertices().keySet())
                || !inputs.equals(configuration.getVertexInputs())) {
            // Otherwise the stored order is kept: parameters are laid out by it.
            configuration.setTopologicalOrder(null);
            configuration.setTopologicalOrderStr(null);
        }
        configuration.setVertices(vertices);
        configuration.setVertexInputs(inputs);
        configuration.setNetworkOutputs(graph.outputs());
        configuration.setIterationCount(origin.iterations());
        configuration.setEpochCount(origin.epochs());
        ComputationGraph model = new ComputationGraph(configuration);
        model.init(emptyParameters(graph, configuration.getDataType()), false);
        fill(ParameterStore.of(model, ModelReader.operationsOf(graph)), parameters(graph), model::getUpdater);
        return model;
    }

    /**
     * Builds an initialised multi-layer network, for a network that was read from one.
     *
     * @param network a network read from a {@link MultiLayerNetwork} that is still a chain
     * @return a new model that shares nothing with the network
     * @throws IllegalArgumentException if the network was not a chain, or is none any more
     */
    public static MultiLayerNetwork toMultiLayerNetwork(NetworkGraph network) {
        NetworkGraph graph = Selection.withoutIdentities(network);
        if (!isChain(graph)) {
            throw new IllegalArgumentException("The network was not read from a MultiLayerNetwork, or is no"
                    + " chain of layers any more.\nMaybe write a ComputationGraph instead?");
        }
        Dl4jOrigin origin = Dl4jOrigin.of(graph.origin());
        MultiLayerConfiguration configuration =
                MultiLayerConfiguration.fromJson(origin.multiLayerJson().orElseThrow());
        List<String> names = ModelReader.layerNames(configuration);
        Map<Integer, InputPreProcessor> originalPreprocessors = configuration.getInputPreProcessors();
        List<NeuralNetConfiguration> layers = new ArrayList<>();
        Map<Integer, InputPreProcessor> preprocessors = new HashMap<>();
        List<InputPreProcessor> waiting = new ArrayList<>();
        Map<String, VertexOperation> operations = new LinkedHashMap<>();
        for (String name : graph.order()) {
            Vertex vertex = graph.vertex(name);
            VertexOperation operation = (VertexOperation) vertex.operation();
            boolean held = ModelReader.onlyHoldsPreprocessor(vertex, names);
            LayerVertex layer = (LayerVertex) copy(graph, vertex, () -> {
                int index = names.indexOf(name);
                return held
                        ? operation.copy()
                        : new LayerVertex(
                                configuration.getConf(index),
                                operation.preprocessor().isPresent() ? originalPreprocessors.get(index) : null);
            });
            if (layer.getPreProcessor() != null) {
                waiting.add(layer.getPreProcessor());
            }
            if (!held) {
                if (!waiting.isEmpty()) {
                    preprocessors.put(layers.size(), oneBehindTheOther(waiting));
                }
                waiting.clear();
                layers.add(layer.getLayerConf());
                operations.put(name, operation);
            }
        }
        configuration.setConfs(layers);
        configuration.setInputPreProcessors(preprocessors);
        configuration.setIterationCount(origin.iterations());
        configuration.setEpochCount(origin.epochs());
        MultiLayerNetwork model = new MultiLayerNetwork(configuration);
        model.init(emptyParameters(graph, configuration.getDataType()), false);
        fill(ParameterStore.of(model, operations), parameters(graph), model::getUpdater);
        return model;
    }

    private static InputPreProcessor oneBehindTheOther(List<InputPreProcessor> preprocessors) {
        return preprocessors.size() == 1
                ? preprocessors.get(0)
                : new ComposableInputPreProcessor(preprocessors.toArray(new InputPreProcessor[0]));
    }

    /** Making an updater allocates its state, so it is made only when there is state to write. */
    private static void fill(
            ParameterStore store, Map<String, Map<String, Parameter>> parameters, Supplier<? extends Updater> updater) {
        store.writeValues(parameters);
        if (hasState(parameters)) {
            store.writeState(parameters, updater.get());
        }
    }

    /**
     * Tells whether the network can be written as a {@link MultiLayerNetwork}.
     *
     * @param network a network read from a Deeplearning4j model
     * @return true if it was read from one and is a chain of layers
     */
    public static boolean isChain(NetworkGraph network) {
        NetworkGraph graph = Selection.withoutIdentities(network);
        Dl4jOrigin origin = Dl4jOrigin.of(graph.origin());
        if (origin.multiLayerJson().isEmpty()) {
            return false;
        }
        String previous = graph.inputs().get(0).name();
        for (String name : graph.order()) {
            Vertex vertex = graph.vertex(name);
            if (!vertex.inputs().equals(List.of(previous))
                    || !(vertex.operation() instanceof VertexOperation operation)
                    || !(operation.configuration() instanceof LayerVertex)) {
                return false;
            }
            previous = name;
        }
        return graph.outputs().equals(List.of(previous));
    }

    /** Gives a vertex's configuration with its widths, as an object that nothing else holds. */
    private static GraphVertex copy(NetworkGraph graph, Vertex vertex, Supplier<GraphVertex> original) {
        VertexOperation operation = (VertexOperation) vertex.operation();
        return operation.withWidths(operation.isOriginal() ? original.get() : operation.copy(), widths(graph, vertex));
    }

    private static Widths widths(NetworkGraph graph, Vertex vertex) {
        return new Widths(vertex.inputs().stream().map(graph::signal).toList(), vertex.parameters());
    }

    /**
     * Initialising with given parameters spares the random initialisation and leaves the random generator alone. A vector of
     * rank one is what the model then holds itself, so that it can be closed. All of it is written afterwards.
     */
    private static INDArray emptyParameters(NetworkGraph graph, DataType type) {
        return Nd4j.createUninitialized(type, graph.parameterCount());
    }

    private static Map<String, Map<String, Parameter>> parameters(NetworkGraph graph) {
        Map<String, Map<String, Parameter>> result = new LinkedHashMap<>();
        graph.vertices().forEach(vertex -> result.put(vertex.name(), vertex.parameters()));
        return result;
    }

    private static boolean hasState(Map<String, Map<String, Parameter>> parameters) {
        return parameters.values().stream()
                .flatMap(table -> table.values().stream())
                .anyMatch(parameter -> !parameter.state().isEmpty());
    }

    /**
     * Frees the large native arrays of a model that nobody uses any more, without waiting for the garbage collector.
     *
     * @param model the model; unusable afterwards
     */
    public static void release(ComputationGraph model) {
        release(model, model.getGradientsViewArray(), model.getUpdater(false));
    }

    /**
     * Gives the native memory of a model back at once, as {@link #release(ComputationGraph)}.
     *
     * @param model the model; unusable afterwards
     */
    public static void release(MultiLayerNetwork model) {
        release(model, model.getGradientsViewArray(), model.getUpdater(false));
    }

    private static void release(Model model, INDArray gradients, @Nullable Updater updater) {
        close(model.params());
        close(gradients);
        if (updater != null) {
            close(updater.getStateViewArray());
        }
    }

    private static void close(INDArray array) {
        if (array != null && array.closeable()) {
            array.close();
        }
    }
}
