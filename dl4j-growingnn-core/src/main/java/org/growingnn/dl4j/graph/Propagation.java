package org.growingnn.dl4j.graph;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One vertex's view while layouts travel through the network: an {@link Operation} reads the arriving signals and the
 * shapes of its parameters, and declares axes, fresh spaces, ties and obstacles.
 */
public final class Propagation {

    private final Vertex vertex;
    private final List<Signal> inputs;
    private final SpaceTable spaces;
    private final String producer;
    private final String prefix;
    private final Batch batch;
    private final Declarations declarations;

    Propagation(Vertex vertex, List<Signal> inputs, List<BatchFactor> batches, SpaceTable spaces) {
        this(vertex, inputs, spaces, vertex.name(), "", new Batch(batches), new Declarations());
    }

    private Propagation(
            Vertex vertex,
            List<Signal> inputs,
            SpaceTable spaces,
            String producer,
            String prefix,
            Batch batch,
            Declarations declarations) {
        this.vertex = vertex;
        this.inputs = List.copyOf(inputs);
        this.spaces = spaces;
        this.producer = producer;
        this.prefix = prefix;
        this.batch = batch;
        this.declarations = declarations;
    }

    /**
     * Propagates through a vertex outside of any network, to learn the widths of what leaves it; spaces and axes that it
     * declares are forgotten. The spaces of the arriving blocks are numbered anew, from 0 on in the order of the blocks.
     *
     * @param vertex the vertex
     * @param inputs the arriving signals, whose blocks may come from any network
     * @return a propagation for one operation
     */
    public static Propagation rehearsal(Vertex vertex, List<Signal> inputs) {
        SpaceTable table = new SpaceTable();
        return new Propagation(
                vertex,
                inputs.stream()
                        .map(in -> in.withUnits(new Layout(in.units().blocks().stream()
                                .map(b -> new Block(
                                        table.fresh("", b.size())
                                                .blocks()
                                                .get(0)
                                                .space(),
                                        b.size(),
                                        b.inner()))
                                .toList())))
                        .toList(),
                inputs.stream().map(in -> BatchFactor.ONE).toList(),
                table);
    }

    /**
     * Names the vertex.
     *
     * @return the vertex's name
     */
    public String vertex() {
        return vertex.name();
    }

    /**
     * Gives the arriving signals.
     *
     * @return one per input, in order
     */
    public List<Signal> inputs() {
        return inputs;
    }

    /**
     * Gives the only arriving signal.
     *
     * @return the first input
     */
    public Signal input() {
        return inputs.get(0);
    }

    /**
     * Tells whether the vertex has a parameter.
     *
     * @param key the parameter's key
     * @return true if it is there
     */
    public boolean has(String key) {
        return vertex.parameters().containsKey(prefix + key);
    }

    /**
     * Lists the vertex's parameters.
     *
     * @return their keys in order
     */
    public List<String> keys() {
        return vertex.parameters().keySet().stream()
                .filter(key -> key.startsWith(prefix))
                .map(key -> key.substring(prefix.length()))
                .toList();
    }

    /**
     * Gives a parameter's shape.
     *
     * @param key the parameter's key
     * @return its extents
     */
    public long[] shape(String key) {
        Parameter parameter = vertex.parameters().get(prefix + key);
        if (parameter == null) {
            throw new IllegalStateException(
                    "The vertex '" + vertex.name() + "' (" + vertex.operation().type()
                            + ") has no parameter '" + prefix + key + "', only "
                            + vertex.parameters().keySet() + ".");
        }
        return parameter.value().shape();
    }

    /**
     * Makes a fresh space for units that this vertex computes.
     *
     * @param size number of units
     * @return a layout of one block
     */
    public Layout produce(long size) {
        return spaces.fresh(producer, size);
    }

    /**
     * Makes a fresh space for positions that this vertex selects. Units whose positions they are can be left out from now on, but not
     * combined, and neither can the selected ones.
     *
     * @param arriving what the positions are selected from
     * @param size number of selected positions
     * @return a layout of one block
     */
    public Layout select(Layout arriving, long size) {
        arriving.blocks()
                .forEach(block ->
                        spaces.keepWeights(block.space(), "'" + vertex.name() + "' selects some of them by position"));
        Layout layout = produce(size);
        spaces.features(layout.blocks().get(0).space());
        return layout;
    }

    /**
     * Makes a fresh space that cannot be resized.
     *
     * @param size number of units, or {@link Layout#UNKNOWN}
     * @param reason why, for people
     * @return a layout of one block
     */
    public Layout produceFrozen(long size, String reason) {
        Layout layout = produce(size);
        freeze(layout, reason);
        return layout;
    }

    /**
     * Ties two layouts unit by unit, as a sum does. Layouts that do not correspond block by block are frozen.
     *
     * @param first a layout
     * @param second a layout
     */
    public void unify(Layout first, Layout second) {
        List<Block> a = first.blocks();
        List<Block> b = second.blocks();
        boolean aligned = a.size() == b.size();
        for (int i = 0; aligned && i < a.size(); i++) {
            aligned = a.get(i).size() == b.get(i).size()
                    && a.get(i).size() != Layout.UNKNOWN
                    && a.get(i).inner() == b.get(i).inner();
        }
        if (!aligned) {
            String reason = "'" + vertex.name() + "' joins widths " + widths(first) + " and " + widths(second)
                    + " element by element, which do not correspond block by block";
            freeze(first, reason);
            freeze(second, reason);
            return;
        }
        for (int i = 0; i < a.size(); i++) {
            spaces.union(a.get(i).space(), b.get(i).space());
        }
    }

    private static String widths(Layout layout) {
        return layout.blocks().stream()
                .map(block -> block.size() == Layout.UNKNOWN ? "?" : String.valueOf(block.length()))
                .toList()
                .toString();
    }

    /**
     * Forbids resizing the spaces of a layout.
     *
     * @param layout what must keep its width
     * @param reason why, for people
     */
    public void freeze(Layout layout, String reason) {
        layout.blocks().forEach(block -> spaces.freeze(block.space(), reason));
    }

    /**
     * Notes that the vertex combines units of a layout so that replicating units changes the network's function.
     *
     * @param layout the units
     * @param reason how, for people
     */
    public void mixes(Layout layout, String reason) {
        layout.blocks().forEach(block -> spaces.mix(block.space(), reason));
    }

    /**
     * Notes that Deeplearning4j cannot run the vertex with fewer units.
     *
     * @param layout the units
     * @param units the least number that every space of the layout must keep
     */
    public void atLeast(Layout layout, long units) {
        layout.blocks().forEach(block -> spaces.atLeast(block.space(), units));
    }

    /**
     * Declares the axes of a parameter; each must have the extent of the array.
     *
     * @param key the parameter's key
     * @param declared one per axis of the array
     */
    public void axes(String key, Axis... declared) {
        long[] shape = shape(key);
        boolean fits = declared.length == shape.length;
        for (int i = 0; fits && i < shape.length; i++) {
            long length = declared[i].layout().length();
            fits = declared[i].role() == Role.FREE || length == Layout.UNKNOWN || length == shape[i];
        }
        if (!fits) {
            throw new IllegalStateException("The parameter '" + prefix + key + "' of '" + vertex.name() + "' ("
                    + vertex.operation().type() + ") has shape " + Arrays.toString(shape)
                    + ", but the units that index it need "
                    + Arrays.stream(declared)
                            .map(axis -> axis.role() == Role.FREE
                                    ? "any"
                                    : String.valueOf(axis.layout().length()))
                            .toList()
                    + ".");
        }
        declarations.axes.put(prefix + key, List.of(declared));
    }

    /**
     * Notes that a layout's units are indices into a table, which are no values to calculate with.
     *
     * @param layout the units
     */
    public void indices(Layout layout) {
        layout.blocks().forEach(block -> spaces.indices(block.space()));
    }

    /**
     * Tells how many examples arrive, behind what this vertex did to them so far.
     *
     * @return one factor per input, in order; one only behind a transformation of what arrives
     */
    public List<BatchFactor> batches() {
        return batch.factors;
    }

    /**
     * Declares how many examples leave. Without it, as many as arrive by the first input.
     *
     * @param factor relative to the examples of the network's inputs
     */
    public void batch(BatchFactor factor) {
        batch.factors = List.of(factor);
    }

    /**
     * Adds to the vertex's multiply-accumulates per example.
     *
     * @param count how many, or {@link Layout#UNKNOWN} when an extent is unknown
     */
    public void macs(long count) {
        declarations.macs = declarations.macs < 0 || count < 0 ? Layout.UNKNOWN : declarations.macs + count;
    }

    /**
     * Prepares this vertex's own transformation of what arrives, such as a preprocessor that runs before the layer.
     *
     * @param part names the transformation; spaces that it makes are called {@code vertex/part}
     * @return a view of the same vertex with the same arriving signals; axes declared on it do not carry over
     */
    public Propagation before(String part) {
        return new Propagation(vertex, inputs, spaces, vertex.name() + "/" + part, prefix, batch, new Declarations());
    }

    /**
     * Continues behind a transformation of what arrives.
     *
     * @param signal what the transformation gave
     * @return a view of the same vertex with that signal as its only input, whose axes and counts are this one's
     */
    public Propagation behind(Signal signal) {
        return new Propagation(vertex, List.of(signal), spaces, producer, prefix, batch, declarations);
    }

    /**
     * Looks at the parameters of a layer that this vertex wraps.
     *
     * @param keyPrefix what the wrapper puts in front of the wrapped layer's parameter keys
     * @return a view of the same vertex in which those keys have no prefix; axes and counts are this one's
     */
    public Propagation wrapped(String keyPrefix) {
        return new Propagation(vertex, inputs, spaces, producer, prefix + keyPrefix, batch, declarations);
    }

    /**
     * Makes a fresh space for units inside of the vertex, such as the heads of attention.
     *
     * @param part names the units; the space is called {@code vertex/part}
     * @param size number of units
     * @return a layout of one block
     */
    public Layout produce(String part, long size) {
        return spaces.fresh(vertex.name() + "/" + part, size);
    }

    /**
     * Forbids resizing whatever this vertex has declared to produce so far.
     *
     * @param reason why, for people
     */
    public void freezeProduced(String reason) {
        declarations
                .axes
                .values()
                .forEach(axes -> axes.stream()
                        .filter(axis -> axis.role() == Role.PRODUCES)
                        .forEach(axis -> freeze(axis.layout(), reason)));
    }

    /**
     * Demands that what is left of this vertex's parameters stays as it is. Units that index any of the axes declared so far, whoever
     * computes them, can then be left out, but not combined.
     *
     * @param reason why, for people
     */
    public void keepWeights(String reason) {
        declarations
                .axes
                .values()
                .forEach(axes -> axes.forEach(
                        axis -> axis.layout().blocks().forEach(block -> spaces.keepWeights(block.space(), reason))));
    }

    Map<String, List<Axis>> declaredAxes() {
        Map<String, List<Axis>> all = new LinkedHashMap<>();
        vertex.parameters().forEach((key, parameter) -> {
            List<Axis> declared = declarations.axes.get(key);
            if (declared == null) {
                declared = new ArrayList<>();
                for (int i = 0; i < parameter.value().rank(); i++) {
                    declared.add(Axis.free());
                }
            }
            all.put(key, List.copyOf(declared));
        });
        return all;
    }

    long declaredMacs() {
        return declarations.macs;
    }

    BatchFactor leavingBatch() {
        return batch.factors.get(0);
    }

    /** How many examples there are, for all views of one vertex: whatever they do to it adds up. */
    private static final class Batch {
        private List<BatchFactor> factors;

        Batch(List<BatchFactor> factors) {
            this.factors = List.copyOf(factors);
        }
    }

    /** What the views of one vertex declare together. */
    private static final class Declarations {
        private final Map<String, List<Axis>> axes = new LinkedHashMap<>();
        private long macs;
    }
}
