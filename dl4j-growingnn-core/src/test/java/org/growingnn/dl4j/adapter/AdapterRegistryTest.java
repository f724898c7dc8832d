package org.growingnn.dl4j.adapter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.ScaleVertex;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.growingnn.dl4j.Dl4jGraphs;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.graph.NetworkInput;
import org.growingnn.dl4j.graph.Signal.Kind;
import org.growingnn.dl4j.graph.Vertex;
import org.growingnn.dl4j.projection.GlobalRanking;
import org.growingnn.dl4j.projection.Resizer;
import org.growingnn.dl4j.testing.RandomNetworks;
import org.growingnn.dl4j.training.Calibrator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** Where adapters come from, and that a layer of the user's own is one file. */
class AdapterRegistryTest {

    private static final int INPUTS = 5;
    private static final int UNITS = 8;
    private static final int OWN = 6;

    private static final AdapterRegistry WITH_OWN = AdapterRegistry.standard().with(new OwnDense.Adapter());

    @TempDir
    private Path folder;

    // --- what an adapter declares

    @Test
    void a_layer_of_the_users_own_is_calibrated_and_refitted_as_its_adapter_says() {
        ComputationGraph own = model(new OwnDense(UNITS, OWN));
        ComputationGraph twin = model(dense());
        for (String layer : List.of("hidden", "out")) {
            for (String key : List.of("W", "b")) {
                twin.getParam(layer + "_" + key).assign(own.getParam(layer + "_" + key));
            }
        }
        twin.getParam("layer_W").assign(own.getParam("layer_weights"));
        twin.getParam("layer_b").assign(own.getParam("layer_bias").reshape(1, OWN));

        NetworkGraph found = halved(Dl4jGraphs.read(own, WITH_OWN));
        NetworkGraph expected = halved(Dl4jGraphs.read(twin));

        assertThat(found.calibration().orElseThrow().moments().get("layer").keys())
                .containsExactly("weights");
        assertThat(values(found, "weights")).containsExactly(values(expected, "W"), within(1e-9));
        assertThat(values(found, "bias")).containsExactly(values(expected, "b"), within(1e-9));
        // Projection alone gives other weights.
        assertThat(values(found, "weights")).isNotEqualTo(values(projected(Dl4jGraphs.read(own, WITH_OWN)), "weights"));
        assertThat(Dl4jGraphs.toComputationGraph(found).numParams()).isEqualTo(found.parameterCount());
    }

    @Test
    void a_layer_of_the_users_own_tells_what_the_network_takes() {
        ComputationGraph model = initialise(builder()
                .addVertex("scaled", new ScaleVertex(2), "in")
                .addLayer("layer", new OwnDense(INPUTS, OWN), "scaled")
                .addLayer("out", output(OWN), "layer"));

        assertThat(Dl4jGraphs.read(model, WITH_OWN).inputs())
                .singleElement()
                .returns(Kind.FEED_FORWARD, NetworkInput::kind)
                .returns((long) INPUTS, NetworkInput::size);
        assertThat(Dl4jGraphs.read(model, AdapterRegistry.standard()).inputs())
                .singleElement()
                .returns(Kind.UNKNOWN, NetworkInput::kind);
    }

    @Test
    void actions_on_layers_know_of_a_layer_of_the_users_own_what_its_adapter_says() {
        ComputationGraph model = model(new OwnDense(UNITS, OWN));
        NetworkGraph known = Dl4jGraphs.read(model, WITH_OWN);
        NetworkGraph unknown = Dl4jGraphs.read(model, AdapterRegistry.standard());

        assertThat(known.origin().layers().isNonNegative(known, "layer")).isTrue();
        assertThat(known.origin().layers().isAffine(known.vertex("layer"))).isFalse();
        assertThat(unknown.origin().layers().isNonNegative(unknown, "layer")).isFalse();
    }

    @Test
    void wrappers_find_the_adapter_of_what_they_wrap_in_the_registry_that_they_were_taken_from() {
        ComputationGraph model = model(new FrozenLayer(new OwnDense(UNITS, OWN)));

        assertThat(Dl4jGraphs.read(model, WITH_OWN).space("layer").frozen())
                .hasValueSatisfying(reason -> assertThat(reason).contains("is frozen in the model"));
        assertThat(Dl4jGraphs.read(model, WITH_OWN).space("hidden").resizable()).isTrue();
        assertThat(Dl4jGraphs.read(model, AdapterRegistry.standard())
                        .space("hidden")
                        .frozen())
                .hasValueSatisfying(reason -> assertThat(reason).contains("no adapter for OwnDense"));
    }

    // --- where they come from

    @Test
    void the_adapter_that_is_given_last_has_its_way() {
        ConfigurationAdapter<OwnDense> first = new OwnDense.Adapter();
        ConfigurationAdapter<OwnDense> last = new OwnDense.Adapter();

        assertThat(AdapterRegistry.standard().with(first, last).of(new OwnDense()))
                .isSameAs(last);
        assertThat(AdapterRegistry.standard().with(last).with(first).of(new OwnDense()))
                .isSameAs(first);
        assertThat(AdapterRegistry.standard().find(OwnDense.class)).isEmpty();
    }

    @Test
    void service_files_of_a_class_loader_add_to_the_librarys_adapters() throws IOException {
        try (URLClassLoader plugin = plugin()) {
            AdapterRegistry loaded = AdapterRegistry.load(plugin);

            assertThat(loaded.find(OwnDense.class)).isPresent();
            assertThat(loaded.find(DenseLayer.class)).isPresent();
        }
        assertThat(AdapterRegistry.load().find(OwnDense.class)).isEmpty();
        assertThatNullPointerException()
                .isThrownBy(() -> AdapterRegistry.load(null))
                .withMessage("loader");
    }

    @Test
    void models_are_read_with_the_adapters_that_a_child_loader_of_the_thread_finds() throws IOException {
        ComputationGraph model = model(new OwnDense(UNITS, OWN));
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        NetworkGraph graph;
        try (URLClassLoader plugin = plugin()) {
            thread.setContextClassLoader(plugin);
            graph = Dl4jGraphs.read(model);
        } finally {
            thread.setContextClassLoader(before);
        }

        // The network keeps them.
        NetworkGraph smaller = Resizer.resize(
                graph,
                graph.space("layer"),
                GlobalRanking.maps(graph, Map.of("layer", new int[] {0, 2})).get("layer"));
        assertThat(smaller.space("layer").size()).isEqualTo(2);
        assertThat(Dl4jGraphs.toComputationGraph(smaller).numParams()).isEqualTo(smaller.parameterCount());
        assertThat(Dl4jGraphs.read(model).space("layer").resizable()).isFalse();
    }

    /** A class loader that finds a service file besides what its parent has. */
    private URLClassLoader plugin() throws IOException {
        Path services = Files.createDirectories(folder.resolve("META-INF/services"));
        Files.writeString(services.resolve(AdapterProvider.class.getName()), OwnDense.Provider.class.getName());
        return new URLClassLoader(new URL[] {folder.toUri().toURL()}, getClass().getClassLoader());
    }

    // --- networks

    private static NetworkGraph halved(NetworkGraph graph) {
        Nd4j.getRandom().setSeed(3);
        INDArray features = Nd4j.randn(DataType.DOUBLE, 40, INPUTS);
        INDArray labels = Nd4j.zeros(DataType.DOUBLE, 40, 3);
        for (int i = 0; i < 40; i++) {
            labels.putScalar(i, i % 3, 1);
        }
        NetworkGraph calibrated = new Calibrator().calibrate(graph, List.of(new MultiDataSet(features, labels)));
        return Resizer.resize(
                calibrated, GlobalRanking.maps(calibrated, Map.of("hidden", new int[] {0, 2, 5, 7})), true);
    }

    private static NetworkGraph projected(NetworkGraph graph) {
        return Resizer.resize(graph, GlobalRanking.maps(graph, Map.of("hidden", new int[] {0, 2, 5, 7})), false);
    }

    private static double[] values(NetworkGraph graph, String key) {
        Vertex layer = graph.vertex("layer");
        return layer.parameters().get(key).value().toDoubles();
    }

    private static ComputationGraph model(Layer layer) {
        return initialise(builder()
                .addLayer(
                        "hidden",
                        new DenseLayer.Builder()
                                .nIn(INPUTS)
                                .nOut(UNITS)
                                .activation(Activation.RELU)
                                .build(),
                        "in")
                .addLayer("layer", layer, "hidden")
                .addLayer("out", output(OWN), "layer"));
    }

    private static GraphBuilder builder() {
        return new NeuralNetConfiguration.Builder()
                .dataType(DataType.DOUBLE)
                .graphBuilder()
                .addInputs("in")
                .setOutputs("out");
    }

    private static Layer dense() {
        return new DenseLayer.Builder()
                .nIn(UNITS)
                .nOut(OWN)
                .activation(Activation.RELU)
                .build();
    }

    private static Layer output(int inputs) {
        return new OutputLayer.Builder(LossFunction.MCXENT)
                .nIn(inputs)
                .nOut(3)
                .activation(Activation.SOFTMAX)
                .build();
    }

    private static ComputationGraph initialise(GraphBuilder builder) {
        ComputationGraph model = new ComputationGraph(builder.build());
        model.init();
        RandomNetworks.randomize(model, new Random(4));
        return model;
    }
}
