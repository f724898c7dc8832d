package org.growingnn.dl4j.action;

import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.graph.UnitSpace;
import org.growingnn.dl4j.projection.Projection;
import org.nd4j.shade.jackson.core.JsonGenerator;
import org.nd4j.shade.jackson.core.JsonParser;
import org.nd4j.shade.jackson.core.JsonProcessingException;
import org.nd4j.shade.jackson.databind.DeserializationContext;
import org.nd4j.shade.jackson.databind.JsonDeserializer;
import org.nd4j.shade.jackson.databind.JsonSerializer;
import org.nd4j.shade.jackson.databind.ObjectMapper;
import org.nd4j.shade.jackson.databind.SerializerProvider;
import org.nd4j.shade.jackson.databind.module.SimpleModule;
import org.nd4j.shade.jackson.databind.node.ObjectNode;

/** Makes, reads and replays structural actions. */
public final class Actions {

    /** By stable name, which is the value of "action" in JSON and the word before the parenthesis in text. */
    private static final Map<String, Class<? extends StructuralAction>> TYPES = types();

    private static final ObjectMapper MAPPER = new ObjectMapper().registerModule(nested());
    private static final String TYPE = "action";

    private Actions() {}

    private static Map<String, Class<? extends StructuralAction>> types() {
        Map<String, Class<? extends StructuralAction>> types = new TreeMap<>(Map.ofEntries(
                Map.entry("no-op", NoOp.class),
                Map.entry("remove-neurons", RemoveNeurons.class),
                Map.entry("add-neurons", AddNeurons.class),
                Map.entry("remove-inputs", RemoveInputs.class),
                Map.entry("add-sequential", AddSequential.class),
                Map.entry("add-residual", AddResidual.class),
                Map.entry("remove-layer", RemoveLayer.class),
                Map.entry("remove-branch", RemoveBranch.class),
                Map.entry("prune-globally", PruneGlobally.class),
                Map.entry("resize-spaces", ResizeSpaces.class),
                Map.entry("swap", Swap.class),
                Map.entry("sequence", Sequence.class)));
        for (ActionProvider provider : ServiceLoader.load(ActionProvider.class, Actions.class.getClassLoader())) {
            provider.actions().forEach((name, type) -> {
                if (!type.isRecord()) {
                    throw new IllegalArgumentException(
                            "The action class " + type.getName() + " of '" + name + "' must be a record.");
                }
                if (types.putIfAbsent(name, type) != null) {
                    throw new IllegalArgumentException("There are two actions of the name '" + name + "'.");
                }
            });
        }
        return types;
    }

    /** Actions inside of others have the same form as actions alone. */
    private static SimpleModule nested() {
        return new SimpleModule()
                .addSerializer(StructuralAction.class, new JsonSerializer<>() {
                    @Override
                    public void serialize(
                            StructuralAction action, JsonGenerator generator, SerializerProvider serializers)
                            throws IOException {
                        serializers.defaultSerializeValue(tree(action), generator);
                    }
                })
                .addDeserializer(StructuralAction.class, new JsonDeserializer<>() {
                    @Override
                    public StructuralAction deserialize(JsonParser parser, DeserializationContext context)
                            throws IOException {
                        return fromJson(parser.readValueAsTree().toString());
                    }
                });
    }

    /**
     * Generates the neuron actions of the paper: remove 10 %, 50 %, 90 %, grow to 150 %, 200 %.
     *
     * @return a generator that can be configured further
     */
    public static NeuronActions neurons() {
        return NeuronActions.DEFAULT;
    }

    /**
     * Generates reductions of the whole network at once, by a global ranking of all units.
     *
     * @return a generator that can be configured further
     */
    public static GlobalActions global() {
        return GlobalActions.DEFAULT;
    }

    /**
     * Generates removals of input features: leave out 10 % or 50 %.
     *
     * @return a generator that can be configured further
     */
    public static InputActions inputs() {
        return InputActions.DEFAULT;
    }

    /**
     * Generates actions on layers: additions of sequential and residual layers, removals of layers and of branches.
     *
     * @return a generator that can be configured further
     */
    public static LayerActions layers() {
        return LayerActions.DEFAULT;
    }

    /**
     * Generates actions on neurons and on layers. {@link #inputs()} are not among them, because what they make of a
     * {@code MultiLayerNetwork} can only be written as a {@code ComputationGraph}, and because whoever supplies the features should
     * decide whether some may be ignored.
     *
     * @return a generator
     */
    public static ActionGenerator all() {
        return neurons().and(layers());
    }

    /**
     * Makes an action that shrinks a space, keeping at least one unit.
     *
     * @param space the space
     * @param ratio share of the units to remove, 0 &lt; ratio &lt; 1
     * @return the action
     */
    public static StructuralAction removeNeurons(UnitSpace space, double ratio) {
        return new RemoveNeurons(space.name(), ratio, 1);
    }

    /**
     * Makes an action that grows a space.
     *
     * @param space the space
     * @param ratio size afterwards relative to before, &gt; 1; 1.5 for 150 %
     * @return the action
     */
    public static StructuralAction addNeurons(UnitSpace space, double ratio) {
        return new AddNeurons(space.name(), ratio);
    }

    /**
     * Generates swaps: units into one space and out of another, at equal size.
     *
     * @return a generator that can be configured further
     */
    public static SwapActions swaps() {
        return SwapActions.DEFAULT;
    }

    /**
     * Makes one action of several.
     *
     * @param actions in the order in which they are applied
     * @return no-op for none, the action itself for one, else a {@link Sequence}
     */
    public static StructuralAction sequence(List<? extends StructuralAction> actions) {
        return switch (actions.size()) {
            case 0 -> new NoOp();
            case 1 -> actions.get(0);
            default -> new Sequence(List.copyOf(actions));
        };
    }

    /**
     * Makes the action that changes nothing.
     *
     * @return the action
     */
    public static StructuralAction noOp() {
        return new NoOp();
    }

    /**
     * Applies a journal of actions one after the other.
     *
     * @param graph the network to start from; not modified
     * @param actions the actions in order
     * @param projection how weights follow
     * @return the network after the last action
     */
    public static NetworkGraph replay(
            NetworkGraph graph, List<? extends StructuralAction> actions, Projection projection) {
        NetworkGraph result = graph;
        for (StructuralAction action : actions) {
            result = action.apply(result, projection);
        }
        return result;
    }

    /**
     * Tells whether an action can be written as JSON.
     *
     * @param action an action
     * @return true for those of this library and of {@link ActionProvider}s on the class path
     */
    public static boolean hasJson(StructuralAction action) {
        return TYPES.containsValue(action.getClass());
    }

    /**
     * Writes an action as JSON.
     *
     * @param action an action of this library
     * @return an object such as {@code {"action":"remove-neurons","space":"conv2","ratio":0.5,"minimum":1}}
     */
    public static String toJson(StructuralAction action) {
        return tree(action).toString();
    }

    private static ObjectNode tree(StructuralAction action) {
        ObjectNode node = MAPPER.createObjectNode();
        node.put(TYPE, name(action));
        node.setAll((ObjectNode) MAPPER.valueToTree(values(action)));
        return node;
    }

    private static String name(StructuralAction action) {
        return TYPES.entrySet().stream()
                .filter(entry -> entry.getValue() == action.getClass())
                .map(Map.Entry::getKey)
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        "The action " + action + " is not one of the library's " + TYPES.keySet() + "."));
    }

    private static Map<String, Object> values(StructuralAction action) {
        Map<String, Object> values = new LinkedHashMap<>();
        for (RecordComponent component : action.getClass().getRecordComponents()) {
            try {
                values.put(component.getName(), component.getAccessor().invoke(action));
            } catch (ReflectiveOperationException e) {
                throw new IllegalStateException("The accessors of an action's record are public.", e);
            }
        }
        return values;
    }

    /**
     * Reads an action from JSON.
     *
     * @param json what {@link #toJson(StructuralAction)} wrote
     * @return the action
     * @throws IllegalArgumentException if it is not an action, with the reason
     */
    public static StructuralAction fromJson(String json) {
        try {
            @SuppressWarnings("unchecked")
            Map<String, Object> values = MAPPER.readValue(json, Map.class);
            return make(String.valueOf(values.remove(TYPE)), values, json);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("Not an action in JSON: " + json, e);
        }
    }

    /**
     * Reads an action from its textual form.
     *
     * @param text what an action's {@link #toString()} gives, such as {@code remove-neurons(space=conv2, ratio=0.5,
     *     minimum=1)}
     * @return the action
     * @throws IllegalArgumentException if it is not an action, with the reason
     */
    public static StructuralAction parse(String text) {
        String name = text.replaceFirst("\\(.*", "");
        Class<? extends StructuralAction> type = type(name, text);
        RecordComponent[] components = type.getRecordComponents();
        List<String> keys =
                Arrays.stream(components).map(RecordComponent::getName).toList();
        // Greedy groups: a layer's name may itself contain commas and parentheses.
        String pattern = keys.stream()
                .map(key -> Pattern.quote(key) + "=(.*)")
                .collect(Collectors.joining(", ", Pattern.quote(name + "("), "\\)"));
        Matcher matcher = Pattern.compile(pattern, Pattern.DOTALL).matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("Not an action: '" + text + "'.\nMaybe " + name + "(" + keys + ")?");
        }
        Map<String, Object> values = new LinkedHashMap<>();
        for (int i = 0; i < keys.size(); i++) {
            String value = matcher.group(i + 1);
            values.put(keys.get(i), components[i].getType().isInterface() ? inJson(value, text) : value);
        }
        return make(name, values, text);
    }

    /** Lists and maps are JSON in texts, too. */
    private static Object inJson(String value, String text) {
        try {
            return MAPPER.readValue(value, Object.class);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("Not an action: '" + text + "', because of '" + value + "'.", e);
        }
    }

    /** Writes a list or map as it stands in an action's text. */
    static String inText(Object value) {
        try {
            return MAPPER.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("Lists and maps of actions can be written.", e);
        }
    }

    private static Class<? extends StructuralAction> type(String name, String source) {
        Class<? extends StructuralAction> type = TYPES.get(name);
        if (type == null) {
            throw new IllegalArgumentException(
                    "Unknown action '" + name + "' in '" + source + "'.\nMaybe one of " + TYPES.keySet() + "?");
        }
        return type;
    }

    private static StructuralAction make(String name, Map<String, Object> values, String source) {
        Class<? extends StructuralAction> type = type(name, source);
        try {
            return MAPPER.convertValue(values, type);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("Not a valid action: " + source + " (" + e.getMessage() + ")", e);
        }
    }
}
