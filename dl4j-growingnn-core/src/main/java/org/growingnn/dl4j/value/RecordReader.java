package org.growingnn.dl4j.value;

import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.nd4j.shade.jackson.core.JsonToken;

/** Turns JSON values into records. */
final class RecordReader {

    private static final List<String> NON_FINITE = List.of("NaN", "Infinity", "-Infinity");

    private final Map<Class<?>, Family<?>> families;
    private final boolean nonFinite;

    /**
     * @param nonFinite whether numbers may be "NaN" and infinite
     */
    RecordReader(Map<Class<?>, Family<?>> families, boolean nonFinite) {
        this.families = families;
        this.nonFinite = nonFinite;
    }

    Object record(Located node, Class<?> type, Optional<?> defaults, String path) {
        if (!node.isObject()) {
            throw wrong(node, path, "an object with " + Records.names(type.getRecordComponents()));
        }
        return components(node, type, defaults, path, Set.of());
    }

    private Object components(Located node, Class<?> type, Optional<?> defaults, String path, Set<String> others) {
        RecordComponent[] components = type.getRecordComponents();
        List<String> names = Records.names(components);
        node.fields().forEach((name, value) -> {
            if (!names.contains(name) && !others.contains(name)) {
                throw new IllegalArgumentException(
                        setting(value, RecordJson.child(path, name)) + " is unknown.\nMaybe one of " + names + "?");
            }
        });
        Object[] values = new Object[components.length];
        for (int i = 0; i < values.length; i++) {
            RecordComponent component = components[i];
            String at = RecordJson.child(path, component.getName());
            Optional<?> standard = defaults.map(record -> Records.value((Record) record, component));
            Located given = node.fields().get(component.getName());
            values[i] = given == null
                    ? leftOut(component, standard, node, at)
                    : value(given, component.getGenericType(), standard, at);
        }
        return make(type, values, defaults, node, path);
    }

    private static Object leftOut(RecordComponent component, Optional<?> standard, Located node, String path) {
        if (standard.isPresent()) {
            return standard.get();
        }
        return empty(component.getType())
                .orElseThrow(() -> new IllegalArgumentException("The setting " + path + " is missing in what begins "
                        + node.place() + ", and has no default."));
    }

    private Object make(Class<?> type, Object[] values, Optional<?> defaults, Located node, String path) {
        try {
            return Records.make(type, values);
        } catch (IllegalArgumentException refusal) {
            Optional<String> culprit = culprit(type, values, defaults, node, refusal);
            Located at = culprit.map(node.fields()::get).orElse(node);
            String where = culprit.map(name -> RecordJson.child(path, name)).orElse(path);
            throw new IllegalArgumentException(
                    setting(at, where) + " is not allowed. " + refusal.getMessage(), refusal);
        }
    }

    /** Finds the component that a record refuses: one that is refused among defaults, or one that is named in the message. */
    private static Optional<String> culprit(
            Class<?> type, Object[] values, Optional<?> defaults, Located node, RuntimeException refusal) {
        List<String> names = Records.names(type.getRecordComponents());
        List<String> given = names.stream().filter(node.fields()::containsKey).toList();
        if (given.size() == 1) {
            return Optional.of(given.get(0));
        }
        Optional<String> alone = defaults.flatMap(record -> given.stream()
                .filter(name -> {
                    Object[] changed = Records.values((Record) record);
                    changed[names.indexOf(name)] = values[names.indexOf(name)];
                    return isRefused(type, changed);
                })
                .findFirst());
        return alone.or(() -> firstNamed(given, String.valueOf(refusal.getMessage())));
    }

    /** Messages begin with what they are about. */
    private static Optional<String> firstNamed(List<String> names, String message) {
        Matcher matcher =
                Pattern.compile("\\b(" + String.join("|", names) + ")\\b").matcher(message);
        return !names.isEmpty() && matcher.find() ? Optional.of(matcher.group(1)) : Optional.empty();
    }

    private static boolean isRefused(Class<?> type, Object[] values) {
        try {
            Records.make(type, values);
            return false;
        } catch (IllegalArgumentException refusal) {
            return true;
        }
    }

    private Object value(Located node, Type type, Optional<?> defaults, String path) {
        Class<?> raw = RecordWriter.raw(type);
        if (node.isNull() && empty(raw).isPresent()) {
            return empty(raw).get();
        }
        Family<?> family = families.get(raw);
        if (family != null) {
            return member(node, family, path);
        }
        if (raw == Optional.class) {
            return Optional.of(value(node, RecordWriter.argument(type), RecordWriter.inner(defaults), path));
        }
        if (raw == List.class) {
            return items(node, RecordWriter.argument(type), path);
        }
        if (raw == Set.class) {
            return set(node, RecordWriter.argument(type), path);
        }
        if (raw == Map.class) {
            return map(node, type, path);
        }
        return raw.isRecord() ? record(node, raw, defaults, path) : scalar(node, raw, path);
    }

    private Map<Object, Object> map(Located node, Type type, String path) {
        Class<?> keys = RecordWriter.raw(RecordWriter.argument(type));
        List<String> names = constants(keys);
        if (!node.isObject()) {
            throw wrong(node, path, "an object with some of " + names);
        }
        Map<Object, Object> map = new LinkedHashMap<>();
        node.fields().forEach((name, item) -> {
            String at = RecordJson.child(path, name);
            if (!names.contains(name)) {
                throw new IllegalArgumentException(setting(item, at) + " is unknown.\nMaybe one of " + names + "?");
            }
            map.put(
                    keys.getEnumConstants()[names.indexOf(name)],
                    value(item, RecordWriter.argument(type, 1), Optional.empty(), at));
        });
        return map;
    }

    private List<Object> items(Located node, Type type, String path) {
        if (!node.isList()) {
            throw wrong(node, path, "a list");
        }
        List<Object> items = new ArrayList<>();
        for (Located item : node.items()) {
            items.add(value(item, type, Optional.empty(), path + "[" + items.size() + "]"));
        }
        return items;
    }

    private Set<Object> set(Located node, Type type, String path) {
        Set<Object> set = new LinkedHashSet<>();
        List<Object> items = items(node, type, path);
        for (int i = 0; i < items.size(); i++) {
            if (!set.add(items.get(i))) {
                throw new IllegalArgumentException(
                        setting(node.items().get(i), path + "[" + i + "]") + " is there twice.");
            }
        }
        return set;
    }

    private Object member(Located node, Family<?> family, String path) {
        boolean text = node.token() == JsonToken.VALUE_STRING;
        if (family.isText()) {
            if (!text) {
                throw wrong(node, path, "a name in quotes");
            }
            try {
                return family.named(node.text());
            } catch (IllegalArgumentException unknown) {
                throw new IllegalArgumentException(
                        setting(node, path) + " is unknown. " + unknown.getMessage(), unknown);
            }
        }
        Located name = text ? node : node.fields().get(RecordJson.TYPE);
        if (name == null || name.token() != JsonToken.VALUE_STRING) {
            throw wrong(
                    node,
                    path,
                    "a name in quotes or an object with \"" + RecordJson.TYPE + "\", one of " + family.names());
        }
        Family.Member<?> member = family.members().get(name.text());
        if (member == null) {
            String where = text ? path : RecordJson.child(path, RecordJson.TYPE);
            throw new IllegalArgumentException(setting(name, where)
                    + family.hint(name.text())
                            .map(hint -> " is not here. " + hint)
                            .orElse(" is unknown.\nMaybe one of " + family.names() + "?"));
        }
        return components(node, member.type(), member.defaults(), path, Set.of(RecordJson.TYPE));
    }

    private Object scalar(Located node, Class<?> type, String path) {
        if (type == int.class || type == Integer.class) {
            return (int) whole(node, path, Integer.MIN_VALUE, Integer.MAX_VALUE);
        } else if (type == OptionalInt.class) {
            return OptionalInt.of((int) whole(node, path, Integer.MIN_VALUE, Integer.MAX_VALUE));
        } else if (type == long.class || type == Long.class) {
            return whole(node, path, Long.MIN_VALUE, Long.MAX_VALUE);
        } else if (type == OptionalLong.class) {
            return OptionalLong.of(whole(node, path, Long.MIN_VALUE, Long.MAX_VALUE));
        } else if (type == double.class || type == Double.class) {
            return number(node, path);
        } else if (type == OptionalDouble.class) {
            return OptionalDouble.of(number(node, path));
        } else if (type == boolean.class || type == Boolean.class) {
            require(node, path, "true or false", JsonToken.VALUE_TRUE, JsonToken.VALUE_FALSE);
            return node.token() == JsonToken.VALUE_TRUE;
        } else if (type == String.class) {
            require(node, path, "a text in quotes", JsonToken.VALUE_STRING);
            return node.text();
        } else if (type == Duration.class) {
            return duration(node, path);
        } else if (type.isEnum()) {
            return constant(node, type, path);
        }
        throw new IllegalStateException(
                "The setting " + path + " is of the class " + type.getName() + ", which has no JSON form.");
    }

    private static long whole(Located node, String path, long least, long most) {
        String range = "a whole number from " + least + " to " + most;
        require(node, path, range, JsonToken.VALUE_NUMBER_INT);
        try {
            long value = Long.parseLong(node.text());
            if (value >= least && value <= most) {
                return value;
            }
        } catch (NumberFormatException tooLarge) {
            throw wrong(node, path, range);
        }
        throw wrong(node, path, range);
    }

    private double number(Located node, String path) {
        if (nonFinite && NON_FINITE.contains(node.text()) && node.token() == JsonToken.VALUE_STRING) {
            return Double.parseDouble(node.text());
        }
        require(node, path, "a number", JsonToken.VALUE_NUMBER_INT, JsonToken.VALUE_NUMBER_FLOAT);
        double value = Double.parseDouble(node.text());
        if (Double.isInfinite(value)) {
            throw wrong(node, path, "a number of double precision, up to " + Double.MAX_VALUE);
        }
        return value;
    }

    private static Duration duration(Located node, String path) {
        String form = "a duration in ISO-8601 form, such as \"PT30S\" or \"PT1H30M\"";
        require(node, path, form, JsonToken.VALUE_STRING);
        try {
            return Duration.parse(node.text());
        } catch (DateTimeParseException e) {
            throw wrong(node, path, form);
        }
    }

    private static List<String> constants(Class<?> type) {
        return Arrays.stream(type.getEnumConstants())
                .map(constant -> RecordWriter.text((Enum<?>) constant))
                .toList();
    }

    private static Object constant(Located node, Class<?> type, String path) {
        List<String> names = constants(type);
        int index = node.token() == JsonToken.VALUE_STRING ? names.indexOf(node.text()) : -1;
        if (index < 0) {
            throw wrong(node, path, "one of " + names);
        }
        return type.getEnumConstants()[index];
    }

    private static void require(Located node, String path, String wanted, JsonToken... tokens) {
        if (!List.of(tokens).contains(node.token())) {
            throw wrong(node, path, wanted);
        }
    }

    private static IllegalArgumentException wrong(Located node, String path, String wanted) {
        return new IllegalArgumentException(setting(node, path) + " must be " + wanted + ".");
    }

    private static String setting(Located node, String path) {
        return (path.isEmpty() ? "The whole" : "The setting " + path) + " (" + node.shown() + ") " + node.place();
    }

    private static Optional<Object> empty(Class<?> type) {
        if (type == Optional.class) {
            return Optional.of(Optional.empty());
        } else if (type == OptionalInt.class) {
            return Optional.of(OptionalInt.empty());
        } else if (type == OptionalLong.class) {
            return Optional.of(OptionalLong.empty());
        } else if (type == OptionalDouble.class) {
            return Optional.of(OptionalDouble.empty());
        }
        return Optional.empty();
    }
}
