package org.growingnn.dl4j.adapter;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Array;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.constraint.MaxNormConstraint;
import org.deeplearning4j.nn.conf.dropout.Dropout;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.recurrent.Bidirectional;
import org.deeplearning4j.nn.conf.layers.recurrent.LastTimeStep;
import org.deeplearning4j.nn.conf.weightnoise.DropConnect;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.growingnn.dl4j.action.Actions;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.projection.Projections;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;
import org.nd4j.linalg.schedule.ScheduleType;
import org.nd4j.linalg.schedule.StepSchedule;

/** Training one candidate changes learning rates, and may change dropout and constraints: no other model may hold the same objects. */
class CandidateConfigurationTest {

    private final ComputationGraph model = model();
    private final NetworkGraph network = ModelReader.read(model, List.of());

    @Test
    void candidatesOfOneNetworkShareNothingThatCanChange() {
        ComputationGraph narrowConvolution = candidate("conv");
        ComputationGraph narrowDense = candidate("dense");
        ComputationGraph same = ModelWriter.toComputationGraph(network);

        assertThat(shared(narrowConvolution, narrowDense)).isEmpty();
        assertThat(shared(narrowConvolution, same)).isEmpty();
        assertThat(shared(narrowDense, same)).isEmpty();
        assertThat(shared(same, model)).isEmpty();
    }

    @Test
    void candidatesOfACandidateShareNothingWithIt() {
        NetworkGraph once =
                Actions.removeNeurons(network.space("conv"), 0.5).apply(network, Projections.pseudoInverse());
        NetworkGraph twice = Actions.removeNeurons(once.space("conv"), 0.5).apply(once, Projections.pseudoInverse());

        assertThat(shared(ModelWriter.toComputationGraph(once), ModelWriter.toComputationGraph(twice)))
                .isEmpty();
    }

    @Test
    void theWalkFindsWhatDeeplearningsOwnCloneShares() {
        assertThat(shared(model, model.clone()))
                .extracting(Object::getClass)
                .contains((Class) Adam.class, MaxNormConstraint.class);
    }

    private ComputationGraph candidate(String space) {
        return ModelWriter.toComputationGraph(
                Actions.removeNeurons(network.space(space), 0.5).apply(network, Projections.pseudoInverse()));
    }

    private static ComputationGraph model() {
        ComputationGraph model = new ComputationGraph(new NeuralNetConfiguration.Builder()
                .seed(1)
                .updater(new Adam(new StepSchedule(ScheduleType.ITERATION, 1e-3, 0.9, 10)))
                .biasUpdater(new Adam(1e-4))
                .activation(Activation.RELU)
                .dropOut(new Dropout(0.8))
                .weightNoise(new DropConnect(0.9))
                .constrainWeights(new MaxNormConstraint(2, 1))
                .l2(1e-4)
                .graphBuilder()
                .addInputs("image", "series")
                .setInputTypes(InputType.convolutional(8, 8, 1), InputType.recurrent(3, 5))
                .addLayer(
                        "conv",
                        new ConvolutionLayer.Builder(3, 3)
                                .nOut(4)
                                .dilation(1, 1)
                                .build(),
                        "image")
                .addLayer("dense", new DenseLayer.Builder().nOut(8).build(), "conv")
                .addLayer(
                        "lstm",
                        new LastTimeStep(new Bidirectional(new LSTM.Builder()
                                .nOut(4)
                                .activation(Activation.TANH)
                                .build())),
                        "series")
                .addVertex("merge", new MergeVertex(), "dense", "lstm")
                .addLayer(
                        "out",
                        new OutputLayer.Builder(LossFunction.MCXENT)
                                .nOut(3)
                                .activation(Activation.SOFTMAX)
                                .build(),
                        "merge")
                .setOutputs("out")
                .build());
        model.init();
        return model;
    }

    /** Lists the objects that both configurations, and those that the live layers hold, reach. */
    private static Set<Object> shared(ComputationGraph first, ComputationGraph second) {
        Set<Object> both = reached(first);
        both.retainAll(reached(second));
        return both;
    }

    private static Set<Object> reached(ComputationGraph model) {
        Set<Object> reached = Collections.newSetFromMap(new IdentityHashMap<>());
        Deque<Object> waiting = new ArrayDeque<>();
        ComputationGraphConfiguration configuration = model.getConfiguration();
        waiting.add(configuration);
        for (var layer : model.getLayers()) {
            waiting.add(layer.conf());
        }
        while (!waiting.isEmpty()) {
            Object object = waiting.remove();
            if (constant(object) || !reached.add(object)) {
                continue;
            }
            if (object instanceof Map<?, ?> map) {
                map.forEach((key, value) -> add(waiting, value));
            } else if (object instanceof Collection<?> collection) {
                collection.forEach(element -> add(waiting, element));
            } else if (object.getClass().isArray()) {
                for (int i = 0; i < Array.getLength(object); i++) {
                    add(waiting, Array.get(object, i));
                }
            } else if (!(object instanceof INDArray)) {
                for (Class<?> type = object.getClass(); type != Object.class; type = type.getSuperclass()) {
                    for (Field field : type.getDeclaredFields()) {
                        if (!Modifier.isStatic(field.getModifiers())) {
                            add(waiting, value(field, object));
                        }
                    }
                }
            }
        }
        return reached;
    }

    private static void add(Deque<Object> waiting, Object object) {
        if (object != null) {
            waiting.add(object);
        }
    }

    private static Object value(Field field, Object owner) {
        field.setAccessible(true);
        try {
            return field.get(owner);
        } catch (IllegalAccessException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Strings, numbers, names of kinds, and collections that nobody can change; their elements are strings. */
    private static boolean constant(Object object) {
        String type = object.getClass().getName();
        return object instanceof Enum<?>
                || type.startsWith("java.lang.")
                || type.startsWith("java.util.ImmutableCollections")
                || object.getClass().isArray() && Array.getLength(object) == 0;
    }
}
