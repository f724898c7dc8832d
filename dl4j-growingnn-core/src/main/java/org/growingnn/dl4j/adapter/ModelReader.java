package org.growingnn.dl4j.adapter;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntPredicate;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.api.layers.RecurrentLayer;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.graph.SubsetVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.layers.wrapper.BaseWrapperLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.growingnn.dl4j.adapter.SelectionVertices.Found;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.graph.NetworkInput;
import org.growingnn.dl4j.graph.Parameter;
import org.growingnn.dl4j.graph.Selection;
import org.growingnn.dl4j.graph.Tensor;
import org.growingnn.dl4j.graph.UnitLineage;
import org.growingnn.dl4j.graph.Vertex;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads Deeplearning4j models. Everything is copied, but for dropout that drops nothing; the model is not modified and may be closed
 * afterwards.
 */
public final class ModelReader {

    private static final String CHAIN_INPUT = "input";

    private static final Logger LOG = LoggerFactory.getLogger(ModelReader.class);

    private ModelReader() {}

    /**
     * Reads a model with the adapters that {@link AdapterRegistry#load()} finds.
     *
     * @param model an initialised {@link ComputationGraph} or {@link MultiLayerNetwork}
     * @param inputTypes one per network input, or none; needed only to count multiply-accumulates, because models do not
     *     store the height, width or length of their inputs
     * @return the network
     * @throws IllegalArgumentException if the model is null, of another class, not initialised, or if the number of input
     *     types is wrong
     */
    public static NetworkGraph read(Model model, List<InputType> inputTypes) {
        return read(model, AdapterRegistry.load(), inputTypes);
    }

    /**
     * Reads a model with its parameters, optimiser state and counters.
     *
     * @param model an initialised {@link ComputationGraph} or {@link MultiLayerNetwork}
     * @param adapters the adapters to read it with, which the network keeps
     * @param inputTypes one per network input, or none; needed only to count multiply-accumulates, because models do not
     *     store the height, width or length of their inputs
     * @return the network
     * @throws IllegalArgumentException if the model is null, of another class, not initialised, or if the number of input
     *     types is wrong
     */
    public static NetworkGraph read(Model model, AdapterRegistry adapters, List<InputType> inputTypes) {
        Objects.requireNonNull(adapters, "adapters");
        NetworkGraph network = network(model, adapters, inputTypes);
        if (adapters.prunesFrozenLayers() && network.vertices().stream().noneMatch(Vertex::hasFrozenWeights)) {
            LOG.warn("pruneFrozenLayers(true) has no effect: the model has no frozen layer with weights.");
        }
        return network;
    }

    private static NetworkGraph network(Model model, AdapterRegistry adapters, List<InputType> inputTypes) {
        if (model instanceof ComputationGraph graph) {
            requireInitialised(graph.getVertices() != null && graph.params() != null);
            ComputationGraphConfiguration live = graph.getConfiguration();
            String json = live.toJson();
            ComputationGraphConfiguration configuration = ComputationGraphConfiguration.fromJson(json);
            if (IdleDropout.removeFromVertices(configuration.getVertices().values())) {
                json = configuration.toJson();
            }
            Dl4jOrigin origin = new Dl4jOrigin(
                    adapters, json, Optional.empty(), live.getIterationCount(), live.getEpochCount(), Optional.empty());
            Map<String, VertexOperation> operations = operations(configuration, adapters);
            return build(
                    configuration,
                    operations,
                    ParameterStore.of(graph, operations).read(graph.getUpdater(false)),
                    inputs(configuration, operations, inputTypes),
                    origin);
        }
        if (model instanceof MultiLayerNetwork network) {
            requireInitialised(network.getLayers() != null && network.params() != null);
            MultiLayerConfiguration live = network.getLayerWiseConfigurations();
            String json = live.toJson();
            MultiLayerConfiguration chain = MultiLayerConfiguration.fromJson(json);
            if (IdleDropout.removeFromLayers(chain.getConfs())) {
                json = chain.toJson();
            }
            ComputationGraphConfiguration configuration = toGraph(chain, index -> isRecurrent(network.getLayer(index)));
            Dl4jOrigin origin = new Dl4jOrigin(
                    adapters,
                    configuration.toJson(),
                    Optional.of(json),
                    live.getIterationCount(),
                    live.getEpochCount(),
                    Optional.empty());
            Map<String, VertexOperation> operations = operations(configuration, adapters);
            return build(
                    configuration,
                    operations,
                    ParameterStore.of(network, layers(operations, layerNames(live)))
                            .read(network.getUpdater(false)),
                    inputs(configuration, operations, inputTypes),
                    origin);
        }
        throw new IllegalArgumentException(
                model == null
                        ? "The model is null.\nMaybe the file that it was loaded from is missing?"
                        : "The model is a " + model.getClass().getName()
                                + ".\nMaybe convert it to a ComputationGraph or a MultiLayerNetwork?");
    }

    private static void requireInitialised(boolean initialised) {
        if (!initialised) {
            throw new IllegalArgumentException(
                    "The model is not initialised: it has no parameters.\nMaybe call init() or load a trained model?");
        }
    }

    /**
     * Reads the parameters, optimiser state and counters that training has changed.
     *
     * @param graph the network that the model was written from
     * @param model the model, written by {@link ModelWriter#toComputationGraph} and trained since
     * @return the same structure with the model's values
     */
    public static NetworkGraph update(NetworkGraph graph, ComputationGraph model) {
        Map<String, VertexOperation> operations = operationsOf(graph);
        Map<String, Map<String, Parameter>> parameters =
                ParameterStore.of(model, operations).read(model.getUpdater(false));
        Dl4jOrigin origin = Dl4jOrigin.of(graph.origin());
        return graph.withParameters(parameters)
                .with(new Dl4jOrigin(
                        origin.adapters(),
                        origin.graphJson(),
                        origin.multiLayerJson(),
                        model.getConfiguration().getIterationCount(),
                        model.getConfiguration().getEpochCount(),
                        origin.latencies()));
    }

    /**
     * Gives a network the types of its inputs, as if the model had been read with them, without reading it again.
     *
     * @param graph a network as it was read
     * @param inputTypes one per network input, or none to leave the network as it is
     * @return the network with the same arrays
     * @throws IllegalArgumentException if the number of input types is wrong; or if the types tell selections of features from
     *     other vertices, and the network is not as it was read any more
     */
    public static NetworkGraph withInputTypes(NetworkGraph graph, List<InputType> inputTypes) {
        if (inputTypes.isEmpty()) {
            return graph;
        }
        List<NetworkInput> inputs =
                inputs(graph.inputs().stream().map(NetworkInput::name).toList(), inputTypes);
        // Which vertices are selections depends on the inputs.
        boolean mayDiffer = graph.vertices().stream()
                .anyMatch(vertex -> vertex.operation() instanceof Selection
                        || vertex.operation() instanceof VertexOperation operation
                                && operation.configuration() instanceof SubsetVertex);
        if (!mayDiffer) {
            return graph.withInputs(inputs);
        }
        Dl4jOrigin origin = Dl4jOrigin.of(graph.origin());
        ComputationGraphConfiguration configuration = ComputationGraphConfiguration.fromJson(origin.graphJson());
        if (SelectionVertices.find(configuration, inputs)
                .equals(SelectionVertices.find(configuration, graph.inputs()))) {
            return graph.withInputs(inputs);
        }
        Map<String, VertexOperation> operations = operations(configuration, origin.adapters());
        Map<String, Map<String, Parameter>> parameters = new LinkedHashMap<>();
        graph.vertices().forEach(vertex -> parameters.put(vertex.name(), vertex.parameters()));
        if (!build(configuration, operations, parameters, graph.inputs(), origin)
                .structureHash()
                .equals(graph.structureHash())) {
            throw new IllegalArgumentException(
                    "The network was changed since it was read, but the input types " + inputTypes
                            + " tell which of its vertices are selections of features."
                            + "\nMaybe give the input types when reading the model?");
        }
        NetworkGraph typed = build(configuration, operations, parameters, inputs, origin);
        return typed.with(graph.calibration().map(known -> known.after(graph, typed, Map.of())));
    }

    /**
     * Reads a vector that is laid out like the model's parameters.
     *
     * @param graph the network that the model was written from, or that was read from it
     * @param model the model
     * @param vector for example the sum of its gradients, as long as its parameters
     * @return by vertex and parameter key, in the shapes of the parameters
     */
    public static Map<String, Map<String, Tensor>> vector(NetworkGraph graph, Model model, INDArray vector) {
        Map<String, VertexOperation> operations = operationsOf(graph);
        ParameterStore store = model instanceof MultiLayerNetwork chain
                ? ParameterStore.of(chain, operations)
                : ParameterStore.of((ComputationGraph) model, operations);
        return store.read(vector);
    }

    /** Lists the vertices that may have parameters: all but selections. */
    static Map<String, VertexOperation> operationsOf(NetworkGraph graph) {
        Map<String, VertexOperation> operations = new LinkedHashMap<>();
        for (Vertex vertex : graph.vertices()) {
            if (vertex.operation() instanceof VertexOperation operation) {
                operations.put(vertex.name(), operation);
            }
        }
        return operations;
    }

    private static Map<String, VertexOperation> operations(
            ComputationGraphConfiguration configuration, AdapterRegistry adapters) {
        Map<String, VertexOperation> operations = new LinkedHashMap<>();
        configuration
                .getVertices()
                .forEach((name, vertex) -> operations.put(name, VertexOperation.original(adapters, vertex)));
        return operations;
    }

    private static List<NetworkInput> inputs(
            ComputationGraphConfiguration configuration,
            Map<String, VertexOperation> operations,
            List<InputType> types) {
        return types.isEmpty()
                ? configuration.getNetworkInputs().stream()
                        .map(new InputInference(operations, configuration.getVertexInputs())::infer)
                        .toList()
                : inputs(configuration.getNetworkInputs(), types);
    }

    private static List<NetworkInput> inputs(List<String> names, List<InputType> types) {
        if (types.size() != names.size()) {
            throw new IllegalArgumentException("The model has " + names.size() + " inputs " + names + ", but "
                    + types.size() + " input types were given.");
        }
        List<NetworkInput> inputs = new ArrayList<>();
        for (int i = 0; i < names.size(); i++) {
            inputs.add(InputTypes.toInput(names.get(i), types.get(i)));
        }
        return inputs;
    }

    private static NetworkGraph build(
            ComputationGraphConfiguration configuration,
            Map<String, VertexOperation> operations,
            Map<String, Map<String, Parameter>> parameters,
            List<NetworkInput> inputs,
            Dl4jOrigin origin) {
        List<Vertex> vertices = new ArrayList<>();
        Map<String, Found> selections = SelectionVertices.find(configuration, inputs);
        Set<String> parts = new HashSet<>();
        selections.values().forEach(selection -> parts.addAll(selection.parts()));
        operations.forEach((name, operation) -> {
            Found selection = selections.get(name);
            if (selection != null) {
                vertices.add(new Vertex(name, List.of(selection.input()), selection.selection(), Map.of()));
            } else if (!parts.contains(name)) {
                vertices.add(new Vertex(
                        name,
                        configuration.getVertexInputs().get(name),
                        operation,
                        parameters.getOrDefault(name, Map.of())));
            }
        });
        NetworkGraph network = new NetworkGraph(inputs, vertices, configuration.getNetworkOutputs(), origin);
        return network.with(UnitLineage.of(network));
    }

    /** Tells whether DL4J asks a layer for its activations by its state, be it by way of a wrapper. */
    private static boolean isRecurrent(Layer layer) {
        return layer instanceof RecurrentLayer
                || layer instanceof BaseWrapperLayer wrapper && wrapper.getUnderlying() instanceof RecurrentLayer;
    }

    /**
     * Expresses a chain as a graph. {@link MultiLayerNetwork#toComputationGraph()} would lose the counters, the kind of
     * back-propagation, the seed and the layers' names.
     *
     * <p>Where a graph goes through a series piece by piece, in truncated back-propagation and single steps, it gives recurrent
     * layers what arrives before their preprocessor, while a chain gives what leaves it. So their preprocessors get layers of their own
     * that do nothing. Preprocessors alone, as vertices, would return gradients of single steps in the wrong workspace.
     */
    private static ComputationGraphConfiguration toGraph(MultiLayerConfiguration chain, IntPredicate isRecurrent) {
        ComputationGraphConfiguration graph = new ComputationGraphConfiguration();
        Map<String, GraphVertex> vertices = new LinkedHashMap<>();
        Map<String, List<String>> vertexInputs = new LinkedHashMap<>();
        List<String> names = layerNames(chain);
        String previous = names.contains(CHAIN_INPUT) ? CHAIN_INPUT + "-0" : CHAIN_INPUT;
        graph.setNetworkInputs(List.of(previous));
        for (int i = 0; i < names.size(); i++) {
            NeuralNetConfiguration layer = chain.getConf(i);
            layer.getLayer().setLayerName(names.get(i));
            InputPreProcessor preprocessor = chain.getInputPreProcess(i);
            if (preprocessor != null && isRecurrent.test(i)) {
                String name = preprocessorName(names, i);
                NeuralNetConfiguration idle = layer.clone();
                idle.setLayer(new ActivationLayer.Builder()
                        .activation(Activation.IDENTITY)
                        .name(name)
                        .build());
                idle.clearVariables();
                vertices.put(name, new LayerVertex(idle, preprocessor));
                vertexInputs.put(name, List.of(previous));
                previous = name;
                preprocessor = null;
            }
            vertices.put(names.get(i), new LayerVertex(layer, preprocessor));
            vertexInputs.put(names.get(i), List.of(previous));
            previous = names.get(i);
        }
        graph.setNetworkOutputs(List.of(previous));
        graph.setVertices(vertices);
        graph.setVertexInputs(vertexInputs);
        graph.setDefaultConfiguration(chain.getConf(0));
        graph.setTrainingWorkspaceMode(chain.getTrainingWorkspaceMode());
        graph.setInferenceWorkspaceMode(chain.getInferenceWorkspaceMode());
        graph.setCacheMode(chain.getCacheMode());
        graph.setDataType(chain.getDataType());
        graph.setValidateOutputLayerConfig(chain.isValidateOutputLayerConfig());
        graph.setBackpropType(chain.getBackpropType());
        graph.setTbpttFwdLength(chain.getTbpttFwdLength());
        graph.setTbpttBackLength(chain.getTbpttBackLength());
        graph.setIterationCount(chain.getIterationCount());
        graph.setEpochCount(chain.getEpochCount());
        return graph;
    }

    private static Map<String, VertexOperation> layers(Map<String, VertexOperation> operations, List<String> names) {
        Map<String, VertexOperation> layers = new LinkedHashMap<>(operations);
        layers.keySet().retainAll(names);
        return layers;
    }

    /** Tells whether a vertex is such a layer, which the chain that was read does not have. */
    static boolean onlyHoldsPreprocessor(Vertex vertex, List<String> names) {
        return vertex.operation() instanceof VertexOperation operation
                && operation.isOriginal()
                && !names.contains(vertex.name());
    }

    /** Names the layer that does nothing but to hold the preprocessor of a recurrent layer of a chain. */
    static String preprocessorName(List<String> names, int layer) {
        String name = names.get(layer) + "-input";
        while (names.contains(name)) {
            name += "'";
        }
        return name;
    }

    /** Uses the layers' own names where they are unique, and {@code layer0}, {@code layer1}, … where they have none. */
    static List<String> layerNames(MultiLayerConfiguration chain) {
        List<String> names = new ArrayList<>();
        Set<String> used = new HashSet<>();
        for (int i = 0; i < chain.getConfs().size(); i++) {
            String own = chain.getConf(i).getLayer().getLayerName();
            String name = own == null || used.contains(own) ? "layer" + i : own;
            while (!used.add(name)) {
                name += "'";
            }
            names.add(name);
        }
        return names;
    }
}
