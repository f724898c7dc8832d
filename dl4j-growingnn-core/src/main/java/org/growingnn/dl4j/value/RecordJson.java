package org.growingnn.dl4j.value;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.nd4j.shade.jackson.core.JsonProcessingException;
import org.nd4j.shade.jackson.core.util.DefaultIndenter;
import org.nd4j.shade.jackson.core.util.DefaultPrettyPrinter;
import org.nd4j.shade.jackson.databind.JsonNode;
import org.nd4j.shade.jackson.databind.ObjectMapper;

/**
 * Writes and reads trees of records as JSON: components by their names, members of {@linkplain Family families} by the names that these
 * know them by, durations as ISO-8601 text, constants of enums in lower case with hyphens. A member without components is its name; one
 * with components is an object that has its name as {@code type}. Maps with constants as keys are objects. Empty optional values are left
 * out.
 */
public final class RecordJson {

    /** Key of the name in the object of a family's member. */
    public static final String TYPE = "type";

    /** The name in {@link #describe descriptions} of what has none; reading refuses it. */
    static final String CUSTOM = "custom";

    private static final ObjectMapper MAPPER = new ObjectMapper();

    private final Map<Class<?>, Family<?>> families;

    /**
     * Makes a form.
     *
     * @param families all families of which there are members in the trees
     */
    public RecordJson(Family<?>... families) {
        this.families =
                Arrays.stream(families).collect(Collectors.toUnmodifiableMap(Family::type, Function.identity()));
    }

    /**
     * Writes a tree.
     *
     * @param tree the record at the root
     * @param defaults what {@link #read} will be given
     * @param <R> the record's class
     * @return indented JSON
     * @throws IllegalArgumentException if the tree holds code that no family has a name for, with the path to it
     */
    public <R extends Record> String write(R tree, R defaults) {
        return text(new RecordWriter(families, false).record(tree, Optional.of(defaults), ""));
    }

    /**
     * Writes a tree that has no defaults. Unlike in settings, numbers may be NaN or infinite.
     *
     * @param tree the record at the root
     * @return indented JSON for {@link #read(String, Class)}
     * @throws IllegalArgumentException if the tree holds code that no family has a name for, with the path to it
     */
    public String write(Record tree) {
        return text(new RecordWriter(families, false).record(tree, Optional.empty(), ""));
    }

    /**
     * Writes a tree for people to read: code that no family has a name for is replaced by an object of the type "custom" with its text.
     *
     * @param tree the record at the root
     * @param defaults as in {@link #write}
     * @param <R> the record's class
     * @return indented JSON, which can be read back only if there is no such code
     */
    public <R extends Record> String describe(R tree, R defaults) {
        return text(new RecordWriter(families, true).record(tree, Optional.of(defaults), ""));
    }

    /**
     * Reads a tree.
     *
     * @param json an object
     * @param defaults has the values of what is left out
     * @param <R> the record's class
     * @return the record
     * @throws IllegalArgumentException if it is no JSON, or if a name, a type or a value is not allowed, with the path, the value, the
     *     place and what is allowed
     */
    public <R extends Record> R read(String json, R defaults) {
        return read(Located.parse(Objects.requireNonNull(json, "json")), defaults);
    }

    /**
     * Reads a tree from YAML, with the same names and values as in JSON.
     *
     * @param yaml a mapping
     * @param defaults has the values of what is left out
     * @param <R> the record's class
     * @return the record
     * @throws IllegalArgumentException as {@link #read(String, Record)}
     */
    public <R extends Record> R readYaml(String yaml, R defaults) {
        return read(Located.parseYaml(Objects.requireNonNull(yaml, "yaml")), defaults);
    }

    private <R extends Record> R read(Located root, R defaults) {
        @SuppressWarnings("unchecked")
        R result = (R) new RecordReader(families, false).record(root, defaults.getClass(), Optional.of(defaults), "");
        return result;
    }

    /**
     * Reads a tree that has no defaults.
     *
     * @param json what {@link #write(Record)} wrote
     * @param type the root's class
     * @param <R> the record's class
     * @return the record
     * @throws IllegalArgumentException as {@link #read(String, Record)}
     */
    public <R extends Record> R read(String json, Class<R> type) {
        Located root = Located.parse(Objects.requireNonNull(json, "json"));
        return type.cast(new RecordReader(families, true).record(root, type, Optional.empty(), ""));
    }

    /**
     * Lists the single values of a JSON text.
     *
     * @param json an object
     * @return texts of the values by path, such as {@code search.strategy.tieMargin} or {@code stopper.stoppers[1].type}
     */
    public static Map<String, String> flatten(String json) {
        Map<String, String> values = new LinkedHashMap<>();
        flatten(Located.parse(json), "", values);
        return values;
    }

    private static void flatten(Located node, String path, Map<String, String> values) {
        if (node.isObject()) {
            node.fields().forEach((name, value) -> flatten(value, child(path, name), values));
        } else if (node.isList()) {
            List<Located> items = node.items();
            if (items.isEmpty()) {
                values.put(path, "[]");
            }
            for (int i = 0; i < items.size(); i++) {
                flatten(items.get(i), path + "[" + i + "]", values);
            }
        } else {
            values.put(path, node.text());
        }
    }

    static String child(String path, String name) {
        return path.isEmpty() ? name : path + "." + name;
    }

    private static String text(JsonNode node) {
        DefaultIndenter indenter = new DefaultIndenter("  ", "\n");
        try {
            return MAPPER.writer(new DefaultPrettyPrinter().withObjectIndenter(indenter))
                    .writeValueAsString(node);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("A tree of JSON values can be written.", e);
        }
    }
}
