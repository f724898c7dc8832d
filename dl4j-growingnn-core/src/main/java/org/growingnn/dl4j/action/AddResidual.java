package org.growingnn.dl4j.action;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;
import org.growingnn.dl4j.graph.Axis;
import org.growingnn.dl4j.graph.LayerFactory;
import org.growingnn.dl4j.graph.LayerFactory.Join;
import org.growingnn.dl4j.graph.Layout;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.graph.NetworkMeasures;
import org.growingnn.dl4j.graph.Parameter;
import org.growingnn.dl4j.graph.Parameter.Moment;
import org.growingnn.dl4j.graph.Role;
import org.growingnn.dl4j.graph.Signal;
import org.growingnn.dl4j.graph.Signal.Kind;
import org.growingnn.dl4j.graph.SparseMatrix;
import org.growingnn.dl4j.graph.Tensor;
import org.growingnn.dl4j.graph.Vertex;
import org.growingnn.dl4j.projection.Projection;
import org.jgrapht.traverse.BreadthFirstIterator;

/**
 * Adds a layer that leads from one vertex to a later layer that it does not feed yet, by matrix extension: the target's input
 * becomes the concatenation of its old input and the new layer's units, and its weights gain entries for them. Either these or
 * the new layer's own weights are zero, so that the network's function is preserved until training moves them.
 *
 * @param from the vertex or network input that feeds the new layer
 * @param to the layer whose input is extended
 * @param units number of units of the new layer, ≥ 1
 * @param start initial weights of the new layer
 * @param activation name of an activation function that maps 0 to 0 and has a slope there
 */
public record AddResidual(String from, String to, int units, Start start, String activation)
        implements StructuralAction {

    /** What new layers have if nothing else is asked for; unlike a rectifier, it lets gradients pass at zero. */
    public static final String DEFAULT_ACTIVATION = "leakyrelu";

    private static final Set<String> NOT_ZERO_AT_ZERO = Set.of("sigmoid", "hardsigmoid", "softmax", "softplus");

    /** Larger kernels would be needed only where maps differ too much in size to correspond. */
    private static final int LARGEST_KERNEL = 7;

    /** Initial weights of the new layer. */
    public enum Start {
        /** All zero; the target's new weights are random, so that gradients arrive. */
        ZERO,
        /** Normally distributed of variance 2 / fan-in; the target's new weights are zero. */
        RANDOM,
        /** Ones where input and output have the same index; the target's new weights are zero. */
        EYE
    }

    /**
     * Checks the values.
     *
     * @param from the vertex or network input that feeds the new layer
     * @param to the layer whose input is extended
     * @param units number of units of the new layer, ≥ 1
     * @param start initial weights
     * @param activation name of an activation function
     */
    public AddResidual {
        Objects.requireNonNull(from, "from");
        Objects.requireNonNull(to, "to");
        Objects.requireNonNull(start, "start");
        Objects.requireNonNull(activation, "activation");
        if (units < 1) {
            throw new IllegalArgumentException("The number of units (" + units + ") must be at least 1.");
        }
    }

    /** How a convolution makes maps of one size from maps of another. */
    private record Window(int kernel, int stride, int padding) {

        static Optional<Window> between(long from, long to) {
            if (from < 1 || to < 1) {
                return Optional.empty();
            }
            if (from == to) {
                return Optional.of(new Window(3, 1, 1));
            }
            if (from < to) {
                int padding = Math.toIntExact((to - from + 1) / 2);
                return Optional.of(new Window((int) (from + 2 * padding - to) + 1, 1, padding));
            }
            int stride = (int) (from / to);
            int kernel = (int) (from - (to - 1) * stride);
            return kernel <= LARGEST_KERNEL ? Optional.of(new Window(kernel, stride, 0)) : Optional.empty();
        }
    }

    /** Tells why the action does not apply to a network; empty if it does. */
    Optional<String> obstacle(NetworkGraph graph) {
        Vertex target = graph.vertex(to);
        Signal source = graph.signal(from);
        if (target.inputs().size() != 1 || target.inputs().contains(from) || from.equals(to)) {
            return Optional.of("'" + to + "' must have one input, and '" + from + "' must not feed it directly");
        }
        if (!Edits.mayFeed(graph, from)) {
            return Optional.of("'" + from + "' is an output of the network");
        }
        if (graph.isVertex(from) && reaches(graph, to, from)) {
            return Optional.of("'" + from + "' comes behind '" + to + "'");
        }
        Signal arriving = graph.signal(target.inputs().get(0));
        if (arriving.units().length() == Layout.UNKNOWN || source.units().length() == Layout.UNKNOWN) {
            return Optional.of("a width is unknown");
        }
        boolean dense = arriving.kind() == Kind.FEED_FORWARD
                && (source.kind() == Kind.FEED_FORWARD
                        || source.kind() == Kind.CONVOLUTIONAL && source.positions() != Layout.UNKNOWN);
        boolean convolution = arriving.kind() == Kind.CONVOLUTIONAL
                && source.kind() == Kind.CONVOLUTIONAL
                && source.format() == arriving.format()
                && Window.between(source.extents()[0], arriving.extents()[0]).isPresent()
                && Window.between(source.extents()[1], arriving.extents()[1]).isPresent();
        if (!dense && !convolution) {
            return Optional.of("no layer leads from " + source + " of '" + from + "' to " + arriving + " of '" + to
                    + "', or the sizes of maps are unknown");
        }
        if (Edits.areIndices(graph, from)) {
            return Optional.of("units of '" + from + "' are indices, which are no values to weigh");
        }
        if (!graph.batch(from).equals(graph.batch(target.inputs().get(0)))) {
            return Optional.of("'" + from + "' gives " + graph.batch(from)
                    + " examples for each one of the network's inputs, but '" + to + "' takes "
                    + graph.batch(target.inputs().get(0)));
        }
        if (target.operation().isFrozen()) {
            return Optional.of("'" + to + "' is frozen, so that further weights could not learn");
        }
        return extensible(graph, target, arriving)
                ? graph.origin().layerObstacle(graph)
                : Optional.of("'" + to + "' does more with its inputs than to weigh them");
    }

    private static boolean reaches(NetworkGraph graph, String start, String end) {
        if (graph.order().indexOf(end) < graph.order().indexOf(start)) {
            return false;
        }
        BreadthFirstIterator<String, ?> reachable = new BreadthFirstIterator<>(NetworkMeasures.topology(graph), start);
        while (reachable.hasNext()) {
            if (reachable.next().equals(end)) {
                return true;
            }
        }
        return false;
    }

    /** All axes that index arriving units must weigh them, each unit with the same number of positions in a regular order. */
    private static boolean extensible(NetworkGraph graph, Vertex target, Signal arriving) {
        boolean weighs = false;
        for (List<Axis> axes : graph.axes(target.name()).values()) {
            for (Axis axis : axes) {
                boolean arrives = axis.layout().blocks().stream()
                        .anyMatch(block ->
                                arriving.units().blocks().stream().anyMatch(other -> other.space() == block.space()));
                if (!arrives) {
                    continue;
                }
                if (axis.role() != Role.CONSUMES || order(axis.layout(), arriving.units()) == Order.OTHER) {
                    return false;
                }
                weighs = true;
            }
        }
        return weighs;
    }

    /** How an axis repeats the arriving units. */
    private enum Order {
        /** Unit by unit, several positions each. */
        POSITIONS_WITHIN_UNITS,
        /** The whole list of units several times. */
        UNITS_WITHIN_POSITIONS,
        OTHER
    }

    private static Order order(Layout axis, Layout units) {
        if (axis.length() % units.length() != 0) {
            return Order.OTHER;
        }
        long times = axis.length() / units.length();
        if (axis.equals(units.times(times))) {
            return Order.POSITIONS_WITHIN_UNITS;
        }
        return axis.equals(units.repeat(times)) ? Order.UNITS_WITHIN_POSITIONS : Order.OTHER;
    }

    /** Counts the parameters of the new layer and of the target's extension. */
    long addedParameters(NetworkGraph graph) {
        Signal source = graph.signal(from);
        Signal arriving = graph.signal(graph.vertex(to).inputs().get(0));
        long own = arriving.kind() == Kind.FEED_FORWARD
                ? source.units().length() * Math.max(1, source.positions()) * units
                : source.units().length()
                        * units
                        * window(source, arriving, 0).kernel()
                        * window(source, arriving, 1).kernel();
        return own + units + extension(graph, arriving);
    }

    private long extension(NetworkGraph graph, Signal arriving) {
        long sum = 0;
        Vertex target = graph.vertex(to);
        for (Map.Entry<String, List<Axis>> entry : graph.axes(to).entrySet()) {
            if (entry.getValue().stream().anyMatch(axis -> weighs(axis, arriving))) {
                sum += target.parameters().get(entry.getKey()).value().length()
                        / arriving.units().length()
                        * units;
            }
        }
        return sum;
    }

    /** Counts the multiply-accumulates that come with the new layer, or gives {@link Layout#UNKNOWN}. */
    long addedMacs(NetworkGraph graph) {
        Signal source = graph.signal(from);
        Signal arriving = graph.signal(graph.vertex(to).inputs().get(0));
        long positions = arriving.positions();
        long behind = graph.signal(to).positions();
        if (positions < 0 || behind < 0 || source.positions() < 0) {
            return Layout.UNKNOWN;
        }
        long extension = extension(graph, arriving);
        return (addedParameters(graph) - units - extension) * positions + extension * behind;
    }

    private static Window window(Signal source, Signal arriving, int axis) {
        return Window.between(source.extents()[axis], arriving.extents()[axis]).orElseThrow();
    }

    private static boolean weighs(Axis axis, Signal arriving) {
        return axis.role() == Role.CONSUMES && order(axis.layout(), arriving.units()) != Order.OTHER;
    }

    @Override
    public NetworkGraph apply(NetworkGraph graph, Projection projection) {
        obstacle(graph).ifPresent(reason -> {
            throw new IllegalArgumentException(
                    "No residual layer can lead from '" + from + "' to '" + to + "': " + reason + ".");
        });
        Vertex target = graph.vertex(to);
        String old = target.inputs().get(0);
        String name = graph.freshName(from + ">" + to);
        Vertex added = layer(graph, name, graph.signal(old));
        Vertex extended = extend(graph, target, graph.signal(old), name);
        LayerFactory layers = graph.origin().layers();
        boolean ownMerge = graph.isVertex(old)
                && layers.join(graph.vertex(old)).equals(Optional.of(Join.CONCATENATION))
                && graph.successors(old).equals(List.of(to))
                && !graph.outputs().contains(old);
        if (ownMerge) {
            List<String> inputs = new ArrayList<>(graph.vertex(old).inputs());
            inputs.add(name);
            return Edits.graph(
                    graph, Edits.insert(graph, List.of(added, graph.vertex(old).withInputs(inputs)), extended));
        }
        String merge = graph.freshName(old + "&" + name);
        Vertex joined = layers.concatenation(graph, merge, List.of(old, name));
        return Edits.graph(graph, Edits.insert(graph, List.of(added, joined), extended.reconnected(old, merge)));
    }

    private Vertex layer(NetworkGraph graph, String name, Signal arriving) {
        LayerFactory layers = graph.origin().layers();
        Signal source = graph.signal(from);
        boolean wide = Weights.isDouble(graph);
        int inputs = Math.toIntExact(source.units().length());
        if (arriving.kind() == Kind.FEED_FORWARD) {
            int rows = Math.toIntExact(inputs * Math.max(1, source.positions()));
            return layers.dense(
                    graph,
                    name,
                    from,
                    Weights.make(wide, values(name, rows, index -> index[0] == index[1]), rows, units),
                    activation);
        }
        Window height = window(source, arriving, 0);
        Window width = window(source, arriving, 1);
        Tensor weight = Weights.make(
                wide,
                values(
                        name,
                        (double) inputs * height.kernel() * width.kernel(),
                        index -> index[0] == index[1]
                                && index[2] == height.kernel() / 2
                                && index[3] == width.kernel() / 2),
                units,
                inputs,
                height.kernel(),
                width.kernel());
        return layers.convolution(
                graph,
                name,
                from,
                weight,
                new int[] {height.stride(), width.stride()},
                Optional.of(new int[] {height.padding(), width.padding()}),
                activation);
    }

    private ToDoubleFunction<int[]> values(String name, double fanIn, Predicate<int[]> diagonal) {
        return switch (start) {
            case ZERO -> index -> 0;
            case RANDOM -> Weights.random(name, fanIn);
            case EYE -> index -> diagonal.test(index) ? 1 : 0;
        };
    }

    /** Gives the target entries for the new units behind those for the old ones. */
    private Vertex extend(NetworkGraph graph, Vertex target, Signal arriving, String name) {
        Map<String, Parameter> parameters = new LinkedHashMap<>(target.parameters());
        for (Map.Entry<String, List<Axis>> entry : graph.axes(to).entrySet()) {
            for (int axis = 0; axis < entry.getValue().size(); axis++) {
                Axis typed = entry.getValue().get(axis);
                if (weighs(typed, arriving)) {
                    SparseMatrix spread = spread(typed.layout(), arriving.units());
                    Parameter old = parameters.get(entry.getKey());
                    Tensor value = old.value().transform(axis, spread);
                    parameters.put(
                            entry.getKey(),
                            new Parameter(
                                    start == Start.ZERO ? fill(value, axis, spread, name) : value,
                                    transform(old.state(), axis, spread)));
                }
            }
        }
        return target.withParameters(parameters);
    }

    private static List<Moment> transform(List<Moment> state, int axis, SparseMatrix spread) {
        return state.stream()
                .map(moment -> new Moment(moment.kind(), moment.value().transform(axis, spread)))
                .toList();
    }

    /** Makes the matrix that copies old positions to where they are afterwards and leaves the new ones empty. */
    private SparseMatrix spread(Layout axis, Layout arriving) {
        int length = Math.toIntExact(axis.length());
        int run = order(axis, arriving) == Order.POSITIONS_WITHIN_UNITS ? length : Math.toIntExact(arriving.length());
        int added = run / Math.toIntExact(arriving.length()) * units;
        SparseMatrix.Builder builder = SparseMatrix.builder(length);
        for (int start = 0; start < length; start += run) {
            for (int i = 0; i < run; i++) {
                builder.entry(start + i, 1);
                builder.endRow();
            }
            for (int i = 0; i < added; i++) {
                builder.endRow();
            }
        }
        return builder.build();
    }

    /** Puts random values into rows that the matrix leaves empty. */
    private static Tensor fill(Tensor value, int axis, SparseMatrix spread, String name) {
        boolean[] filled = new boolean[spread.rows()];
        for (int i = 0; i < filled.length; i++) {
            int row = i;
            spread.forEach(i, (j, entry) -> filled[row] = true);
        }
        int[] shape = new int[value.rank()];
        for (int i = 0; i < shape.length; i++) {
            shape[i] = Math.toIntExact(value.size(i));
        }
        ToDoubleFunction<int[]> random = Weights.random(name, spread.rows());
        int[] position = new int[1];
        return Weights.make(
                value.isDouble(),
                index -> {
                    double old = value.get(position[0]++);
                    return filled[index[axis]] ? old : random.applyAsDouble(index);
                },
                shape);
    }

    @Override
    public boolean preservesFunction(NetworkGraph graph, Projection projection) {
        return start != Start.ZERO || !NOT_ZERO_AT_ZERO.contains(activation.toLowerCase(Locale.ROOT));
    }

    @Override
    public String toString() {
        return "add-residual(from=" + from + ", to=" + to + ", units=" + units + ", start=" + start + ", activation="
                + activation + ")";
    }
}
