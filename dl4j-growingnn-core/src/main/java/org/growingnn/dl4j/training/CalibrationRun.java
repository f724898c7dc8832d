package org.growingnn.dl4j.training;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.api.layers.RecurrentLayer;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.impl.LayerVertex;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.growingnn.dl4j.adapter.ModelReader;
import org.growingnn.dl4j.adapter.Weighing;
import org.growingnn.dl4j.graph.Axis;
import org.growingnn.dl4j.graph.Block;
import org.growingnn.dl4j.graph.Calibration;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.graph.NetworkInput;
import org.growingnn.dl4j.graph.Role;
import org.growingnn.dl4j.graph.Signal;
import org.growingnn.dl4j.graph.Signal.Kind;
import org.growingnn.dl4j.graph.Tensor;
import org.growingnn.dl4j.graph.UnitSpace;
import org.growingnn.dl4j.graph.Vertex;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;

/** What one pass over calibration data collects. Sums of gradients are as large as the model, so closing frees them at once. */
final class CalibrationRun implements AutoCloseable {

    private final NetworkGraph network;
    private final ComputationGraph model;
    private final Map<String, Weighing> weighings = new LinkedHashMap<>();
    private final Map<String, SecondMoments> features = new LinkedHashMap<>();
    private final Map<String, SecondMoments> units = new LinkedHashMap<>();
    private final INDArray gradients;
    private final Optional<INDArray> squares;
    private long examples;

    /**
     * Chooses what to collect.
     *
     * @param model the network as a model of its own
     * @param maximumFeatures layers with more features, and spaces with more units, get no moments
     * @param wantsSquares whether to collect squares of gradients
     */
    CalibrationRun(NetworkGraph network, ComputationGraph model, int maximumFeatures, boolean wantsSquares) {
        this.network = network;
        this.model = model;
        for (String name : network.order()) {
            Optional<Weighing> weighing = Weighing.of(network.vertex(name));
            if (weighing.isPresent() && model.getVertex(name) instanceof LayerVertex) {
                long count = weighing.get().terms().stream()
                        .mapToLong(term -> features(name, term.key()))
                        .sum();
                if (count <= maximumFeatures) {
                    weighings.put(name, weighing.get());
                    features.put(name, new SecondMoments(Math.toIntExact(count)));
                }
            }
        }
        Set<String> seen = seen();
        for (String name : names()) {
            Signal signal = network.signal(name);
            long count = signal.units().length();
            if (seen.contains(name) && signal.kind() != Kind.UNKNOWN && count > 0 && count <= maximumFeatures) {
                units.put(name, new SecondMoments(Math.toIntExact(count)));
            }
        }
        // Last, as it is lost if anything throws behind it.
        this.gradients = Nd4j.zeros(model.params().dataType(), model.params().shape());
        this.squares = wantsSquares ? Optional.of(gradients.dup()) : Optional.empty();
    }

    /** Counts the positions of a parameter's axes that do not index the units that the layer computes. */
    private long features(String vertex, String key) {
        Tensor value = network.vertex(vertex).parameters().get(key).value();
        List<Axis> axes = network.axes(vertex).get(key);
        long product = 1;
        for (int axis = 0; axis < axes.size(); axis++) {
            product *= axes.get(axis).role() == Role.PRODUCES ? 1 : value.size(axis);
        }
        return product;
    }

    private List<String> names() {
        List<String> names = new ArrayList<>();
        network.inputs().stream().map(NetworkInput::name).forEach(names::add);
        names.addAll(network.order());
        return names;
    }

    /** Chooses where units are looked at: where a space is last seen, and in front of what normalises them. */
    private Set<String> seen() {
        Set<String> wanted = new HashSet<>();
        for (Vertex vertex : network.vertices()) {
            if (network.axes(vertex.name()).values().stream()
                    .flatMap(List::stream)
                    .anyMatch(axis -> axis.statistic().measuresSpread())) {
                wanted.addAll(vertex.inputs());
            }
        }
        Map<UnitSpace, String> last = new HashMap<>();
        for (String name : names()) {
            List<Block> blocks = network.signal(name).units().blocks();
            if (blocks.size() == 1 && blocks.get(0).inner() == 1) {
                last.put(network.space(blocks.get(0)), name);
            }
        }
        wanted.addAll(last.values());
        return wanted;
    }

    /**
     * Passes a batch.
     *
     * @param number its number, for messages
     */
    void add(MultiDataSet batch, int number) {
        Masks masks = Masks.set(model, batch);
        if (!features.isEmpty() || !units.isEmpty()) {
            Map<String, INDArray> activations = activations(batch, number);
            addFeatures(activations, batch, masks, number);
            addUnits(activations, masks, number);
        }
        clearStates();
        model.setInputs(batch.getFeatures());
        model.setLabels(batch.getLabels());
        try {
            model.computeGradientAndScore();
        } catch (RuntimeException e) {
            throw failure(e, batch, number, true);
        }
        INDArray gradient = model.getGradientsViewArray().reshape(gradients.shape());
        gradients.addi(gradient);
        squares.ifPresent(sums -> sums.addi(gradient.mul(gradient)));
        examples += batch.getFeatures(0).size(0);
        model.clearLayerMaskArrays();
    }

    /** Truncated back-propagation starts from what it left behind the last batch. */
    private void clearStates() {
        for (Layer layer : model.getLayers()) {
            if (FeatureRows.unwrapped(layer) instanceof RecurrentLayer recurrent) {
                recurrent.rnnClearPreviousState();
            }
        }
    }

    /** Activation layers are applied to the array of the layer in front of them, so that values are those behind them. */
    private Map<String, INDArray> activations(MultiDataSet batch, int number) {
        // Otherwise DL4J would shape series by the number of labels that it saw last.
        model.setLabels((INDArray[]) null);
        Map<String, INDArray> activations;
        try {
            activations = new HashMap<>(model.feedForward(batch.getFeatures(), false));
        } catch (RuntimeException e) {
            throw failure(e, batch, number, false);
        }
        List<String> inputs = model.getConfiguration().getNetworkInputs();
        for (int i = 0; i < inputs.size(); i++) {
            activations.put(inputs.get(i), batch.getFeatures(i));
        }
        // The pass has cleared them.
        model.setLayerMaskArrays(batch.getFeaturesMaskArrays(), batch.getLabelsMaskArrays());
        return activations;
    }

    private void addFeatures(Map<String, INDArray> activations, MultiDataSet batch, Masks masks, int number) {
        int examples = Math.toIntExact(batch.getFeatures(0).size(0));
        features.forEach((name, moments) -> {
            LayerVertex vertex = (LayerVertex) model.getVertex(name);
            INDArray input = activations.get(
                    model.getConfiguration().getVertexInputs().get(name).get(0));
            InputPreProcessor preprocessor = vertex.getLayerPreProcessor();
            if (preprocessor != null) {
                input = preprocessor.preProcess(input.dup(), examples, LayerWorkspaceMgr.noWorkspaces());
            }
            FeatureRows.of(weighings.get(name), vertex.getLayer(), input, masks.entering(name), masks.leaving(name))
                    .ifPresent(rows -> requireFinite(moments.add(rows), "what layer '" + name + "' takes", number));
        });
    }

    private void addUnits(Map<String, INDArray> activations, Masks masks, int number) {
        units.forEach((name, moments) -> {
            // A selection of everything is not written.
            String written = activations.containsKey(name)
                    ? name
                    : network.vertex(name).inputs().get(0);
            INDArray values = activations.get(written);
            // An input that a preprocessor turns into maps arrives as it is.
            if (values.rank() == 2 + network.signal(name).extents().length) {
                FeatureRows.ofUnits(values, network.signal(name).format(), masks.leaving(written))
                        .ifPresent(rows -> requireFinite(moments.add(rows), "the units of '" + name + "'", number));
            }
        });
    }

    private static void requireFinite(boolean finite, String what, int number) {
        if (!finite) {
            throw new IllegalArgumentException(
                    "The second moments of " + what + " overflow in batch " + number
                            + " of the calibration data.\nMaybe the data is not normalised, or the model diverged in training?");
        }
    }

    private IllegalArgumentException failure(RuntimeException cause, MultiDataSet batch, int number, boolean training) {
        model.setLayerMaskArrays(batch.getFeaturesMaskArrays(), batch.getLabelsMaskArrays());
        String where = ForwardDiagnosis.failing(model, batch.getFeatures(), training)
                .map(name -> "run '" + name + "' ("
                        + (network.order().contains(name)
                                ? network.vertex(name).operation().type()
                                : "input")
                        + ")")
                .orElse("compute the network's gradients");
        return new IllegalArgumentException(
                "Deeplearning4j cannot " + where + " on batch " + number + " of the calibration data: "
                        + cause.getMessage()
                        + "\nMaybe the batch has not the shape that the network takes, or Deeplearning4j cannot run such"
                        + " a layer at all?",
                cause);
    }

    /**
     * Gives what all batches have told.
     *
     * @throws IllegalArgumentException if there are gradients that are not finite
     */
    Calibration result() {
        Map<String, Map<String, Tensor>> gradient = byName(gradients, "gradients");
        Map<String, Map<String, Tensor>> squared = squares.map(sums -> byName(sums.div(examples), "squared gradients"))
                .orElse(Map.of());
        Map<String, Calibration.Moments> moments = new LinkedHashMap<>();
        features.forEach((name, sums) -> moments.put(name, sums.moments(weighings.get(name))));
        Map<String, Calibration.Activations> activations = new LinkedHashMap<>();
        units.forEach((name, sums) -> activations.put(name, sums.activations()));
        return new Calibration(gradient, squared, moments, activations);
    }

    private Map<String, Map<String, Tensor>> byName(INDArray vector, String what) {
        Map<String, Map<String, Tensor>> values = ModelReader.vector(network, model, vector);
        values.forEach((name, byKey) -> byKey.forEach((key, tensor) -> {
            for (int i = 0; i < tensor.length(); i++) {
                if (!Double.isFinite(tensor.get(i))) {
                    throw new IllegalArgumentException("The " + what + " of '" + key + "' of the layer '" + name
                            + "' overflow on the calibration data.\n"
                            + "Maybe the data is not normalised, or the model diverged in training?");
                }
            }
        }));
        return values;
    }

    @Override
    public void close() {
        gradients.close();
        squares.ifPresent(INDArray::close);
    }
}
