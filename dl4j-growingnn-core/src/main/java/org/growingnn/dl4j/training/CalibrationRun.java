package org.growingnn.dl4j.training;

import java.util.ArrayList;
import java.util.Arrays;
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
import org.growingnn.dl4j.training.Calibrator.Choices;
import org.growingnn.dl4j.training.SecondMoments.Products;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataBuffer;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What one pass over calibration data collects. Sums of gradients are as large as the model, so closing frees them at once. */
final class CalibrationRun implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Calibrator.class);

    private final NetworkGraph network;
    private final ComputationGraph model;
    private final Map<String, Weighing> weighings = new LinkedHashMap<>();
    private final Map<String, SecondMoments> features = new LinkedHashMap<>();
    /** By name, the layer in {@link #features} whose weights are applied to the same; itself if there is no other before it. */
    private final Map<String, String> sameFeatures = new LinkedHashMap<>();

    private final Map<String, SecondMoments> units = new LinkedHashMap<>();
    private final Choices choices;
    private final Optional<INDArray> gradients;
    private final Optional<INDArray> squares;
    private final BatchParts parts;
    private long passed;

    /**
     * Chooses what to collect.
     *
     * @param model the network as a model of its own
     * @param told what need not be told again: layers that lack moments, and that batches cannot be parted
     */
    CalibrationRun(NetworkGraph network, ComputationGraph model, Choices choices, Set<String> told) {
        this.network = network;
        this.model = model;
        this.choices = choices;
        this.parts = new BatchParts(network, choices, model.params().dataType(), told);
        int maximumFeatures = choices.maximumFeatures();
        Map<String, Long> tooWide = new LinkedHashMap<>();
        Map<Taken, String> first = new HashMap<>();
        for (String name : network.order()) {
            Optional<Weighing> weighing = Weighing.of(network.vertex(name));
            if (choices.features() && weighing.isPresent() && model.getVertex(name) instanceof LayerVertex) {
                long count = weighing.get().terms().stream()
                        .mapToLong(term -> features(name, term.key()))
                        .sum();
                if (count <= maximumFeatures) {
                    weighings.put(name, weighing.get());
                    String same = taken(name, weighing.get())
                            .map(taken -> first.computeIfAbsent(taken, key -> name))
                            .orElse(name);
                    sameFeatures.put(name, same);
                    if (same.equals(name)) {
                        features.put(name, new SecondMoments(Math.toIntExact(count)));
                    }
                } else if (maximumFeatures > 0 && consumesResizable(name) && told.add(name + " " + count)) {
                    tooWide.put(name, count);
                }
            }
        }
        tell(tooWide);
        Set<String> seen = seen();
        for (String name : names()) {
            Signal signal = network.signal(name);
            long count = signal.units().length();
            if (seen.contains(name) && signal.kind() != Kind.UNKNOWN && count > 0 && count <= maximumFeatures) {
                units.put(name, new SecondMoments(Math.toIntExact(count)));
            }
        }
        // Last, as it is lost if anything throws behind it.
        this.gradients = choices.gradients()
                ? Optional.of(
                        Nd4j.zeros(model.params().dataType(), model.params().shape()))
                : Optional.empty();
        this.squares = choices.squares() ? gradients.map(INDArray::dup) : Optional.empty();
    }

    /**
     * What weights are applied to, as far as that does not depend on a layer's own values.
     *
     * @param type by which Deeplearning4j passes masks on
     */
    private record Taken(String source, List<Weighing.Features> features, Class<?> type) {}

    /** Tells what a layer's weights are applied to; not if others cannot share it, nor for outputs, whose labels may have masks. */
    private Optional<Taken> taken(String name, Weighing weighing) {
        LayerVertex vertex = (LayerVertex) model.getVertex(name);
        List<Weighing.Features> taken =
                weighing.terms().stream().map(Weighing.Term::features).toList();
        return vertex.getLayerPreProcessor() != null
                        || network.outputs().contains(name)
                        || taken.stream().anyMatch(Weighing.OwnOutput.class::isInstance)
                ? Optional.empty()
                : Optional.of(new Taken(source(name), taken, vertex.getLayer().getClass()));
    }

    private String source(String layer) {
        return model.getConfiguration().getVertexInputs().get(layer).get(0);
    }

    private void tell(Map<String, Long> tooWide) {
        if (!tooWide.isEmpty()) {
            long most =
                    tooWide.values().stream().mapToLong(Long::longValue).max().orElseThrow();
            LOG.warn(
                    "Layers with more than {} input features are not refitted: {} (layer=features). Moments of {} features take"
                            + " {} MB; Calibrator.withMaximumFeatures or StructuralPruner's calibrationFeatures raises the"
                            + " bound.",
                    choices.maximumFeatures(),
                    tooWide,
                    most,
                    8 * (most + 1) * (most + 1) / 1_000_000);
        }
    }

    private boolean consumesResizable(String vertex) {
        return network.axes(vertex).values().stream()
                .flatMap(List::stream)
                .filter(axis -> axis.role() == Role.CONSUMES)
                .flatMap(axis -> axis.layout().blocks().stream())
                .anyMatch(block -> network.space(block).resizable());
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
     * Passes a batch, in parts if it is large.
     *
     * @param number its number, for messages
     */
    void add(MultiDataSet batch, int number) {
        int examples = Math.toIntExact(batch.getFeatures(0).size(0));
        int atOnce = parts.examplesAtOnce(batch, number);
        for (int from = 0; from < examples; from += atOnce) {
            int to = Math.min(examples, from + atOnce);
            MultiDataSet part = to - from == examples ? batch : CalibrationData.part(batch, from, to);
            parts.before(part);
            add(part, number, Math.max(0, FeatureRows.IMAGES_PER_BATCH - from));
            passed += to - from;
            if (part != batch) {
                close(part.getFeatures());
                close(part.getLabels());
            }
        }
    }

    private static void close(INDArray @Nullable [] arrays) {
        for (INDArray array : arrays == null ? new INDArray[0] : arrays) {
            if (array != null && array.closeable()) {
                array.close();
            }
        }
    }

    private void add(MultiDataSet batch, int number, int images) {
        Masks masks = Masks.set(model, batch);
        boolean labelled = CalibrationData.isLabelled(batch);
        INDArray[] labels = labelled ? batch.getLabels() : null;
        INDArray[] labelMasks = labelled ? batch.getLabelsMaskArrays() : null;
        boolean draws = gradients.isPresent() && !labelled;
        if (!features.isEmpty() || !units.isEmpty() || draws) {
            Map<String, INDArray> activations = activations(batch, number);
            FeatureRows rows = new FeatureRows(images, choices.positions(), choices.seed(), passed);
            Map<String, Products> ofUnits = addFeatures(rows, activations, batch, masks, number);
            addUnits(rows, activations, masks, ofUnits, number);
            if (draws) {
                labels = drawn(activations);
                labelMasks = network.outputs().stream()
                        .map(name -> masks.entering(name).orElse(null))
                        .toArray(INDArray[]::new);
            }
            release(activations, batch.getFeatures());
        }
        clearStates();
        if (gradients.isPresent()) {
            addGradients(batch, labels, labelMasks, number);
        }
        model.clearLayerMaskArrays();
    }

    private void addGradients(
            MultiDataSet batch, INDArray @Nullable [] labels, INDArray @Nullable [] labelMasks, int number) {
        model.setInputs(batch.getFeatures());
        model.setLabels(labels);
        if (labelMasks != null) {
            model.setLayerMaskArrays(batch.getFeaturesMaskArrays(), labelMasks);
        }
        try {
            model.computeGradientAndScore();
        } catch (RuntimeException e) {
            throw failure(e, batch, number, true);
        }
        gradients.ifPresent(sum -> {
            INDArray gradient = model.getGradientsViewArray().reshape(sum.shape());
            sum.addi(gradient);
            squares.ifPresent(sums -> sums.addi(gradient.mul(gradient)));
        });
    }

    private INDArray[] drawn(Map<String, INDArray> activations) {
        return network.outputs().stream()
                .map(name -> SampledLabels.of(
                        name,
                        model.getLayer(name),
                        activations.get(name),
                        network.signal(name).format(),
                        choices.seed(),
                        passed))
                .toArray(INDArray[]::new);
    }

    /** Frees activations without waiting for the garbage collector, but none that are the caller's features. */
    private static void release(Map<String, INDArray> activations, INDArray[] kept) {
        for (INDArray array : activations.values()) {
            free(array, kept);
        }
    }

    /** Convolutions give views, which cannot be closed, of arrays that nobody else holds. */
    private static void free(INDArray array, INDArray... kept) {
        if (array.isEmpty()) {
            return;
        }
        DataBuffer buffer = array.data();
        while (buffer.underlyingDataBuffer() != null && buffer.underlyingDataBuffer() != buffer) {
            buffer = buffer.underlyingDataBuffer();
        }
        // What several arrays share is closed with the first of them.
        if (buffer.closeable() && Arrays.stream(kept).noneMatch(own -> shareMemory(own, array))) {
            buffer.close();
        }
    }

    private static boolean shareMemory(INDArray one, INDArray other) {
        DataBuffer first = one.data();
        DataBuffer second = other.data();
        return first == second
                || first.address() < second.address() + second.length() * second.getElementSize()
                        && second.address() < first.address() + first.length() * first.getElementSize();
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

    /** Gives the products that are also those of the units that leave a vertex, by its name, so that they are computed once. */
    private Map<String, Products> addFeatures(
            FeatureRows arranged, Map<String, INDArray> activations, MultiDataSet batch, Masks masks, int number) {
        Map<String, Products> ofUnits = new HashMap<>();
        int examples = Math.toIntExact(batch.getFeatures(0).size(0));
        features.forEach((name, moments) -> {
            LayerVertex vertex = (LayerVertex) model.getVertex(name);
            String source = source(name);
            INDArray input = activations.get(source);
            InputPreProcessor preprocessor = vertex.getLayerPreProcessor();
            INDArray taken = preprocessor == null
                    ? input
                    : preprocessor.preProcess(input.dup(), examples, LayerWorkspaceMgr.noWorkspaces());
            Weighing weighing = weighings.get(name);
            arranged.of(weighing, vertex.getLayer(), taken, masks.entering(name), masks.leaving(name))
                    .ifPresent(rows -> {
                        Products products = Products.of(rows);
                        requireFinite(moments.add(products), "what layer '" + name + "' takes", number);
                        free(rows, taken);
                        if (units.containsKey(source)
                                && preprocessor == null
                                && FeatureRows.areUnits(
                                        weighing, input, network.signal(source).format())
                                && masks.entering(name).equals(masks.leaving(source))
                                && masks.leaving(name).equals(masks.leaving(source))) {
                            ofUnits.put(source, products);
                        }
                    });
            free(taken, input);
        });
        return ofUnits;
    }

    private void addUnits(
            FeatureRows arranged,
            Map<String, INDArray> activations,
            Masks masks,
            Map<String, Products> ofUnits,
            int number) {
        units.forEach((name, moments) -> {
            // A selection of everything is not written.
            String written = activations.containsKey(name)
                    ? name
                    : network.vertex(name).inputs().get(0);
            INDArray values = activations.get(written);
            // An input that a preprocessor turns into maps arrives as it is.
            if (values.rank() == 2 + network.signal(name).extents().length) {
                Optional<Products> products = Optional.ofNullable(ofUnits.get(name))
                        .or(() -> arranged.ofUnits(values, network.signal(name).format(), masks.leaving(written))
                                .map(rows -> {
                                    Products own = Products.of(rows);
                                    free(rows, values);
                                    return own;
                                }));
                products.ifPresent(own -> requireFinite(moments.add(own), "the units of '" + name + "'", number));
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
     * Gives what all batches have told, once.
     *
     * @throws IllegalArgumentException if there are gradients that are not finite
     */
    Calibration result() {
        Map<String, Map<String, Tensor>> gradient =
                gradients.map(sum -> byName(sum, "gradients")).orElse(Map.of());
        Map<String, Map<String, Tensor>> squared = squares.map(sums -> byName(sums.div(passed), "squared gradients"))
                .orElse(Map.of());
        Map<String, Calibration.Moments> moments = new LinkedHashMap<>();
        // Sums take the square of the features, so that each goes as soon as it is told. The first of those that share
        // them comes first.
        sameFeatures.forEach((name, same) -> {
            Weighing weighing = weighings.get(name);
            moments.put(
                    name,
                    name.equals(same) ? features.remove(name).moments(weighing) : shared(moments.get(same), weighing));
        });
        Map<String, Calibration.Activations> activations = new LinkedHashMap<>();
        for (String name : List.copyOf(units.keySet())) {
            activations.put(name, units.remove(name).activations());
        }
        return new Calibration(gradient, squared, moments, activations);
    }

    private static Calibration.Moments shared(Calibration.Moments known, Weighing weighing) {
        return new Calibration.Moments(
                weighing.terms().stream().map(Weighing.Term::key).toList(),
                known.features(),
                known.rows(),
                known.matrix(),
                weighing.linear());
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
        gradients.ifPresent(INDArray::close);
        squares.ifPresent(INDArray::close);
    }
}
