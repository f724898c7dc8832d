package org.growingnn.dl4j.value;

import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.nd4j.shade.jackson.databind.JsonNode;
import org.nd4j.shade.jackson.databind.node.ArrayNode;
import org.nd4j.shade.jackson.databind.node.JsonNodeFactory;
import org.nd4j.shade.jackson.databind.node.ObjectNode;

/** Turns records into JSON values. */
final class RecordWriter {

    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private final Map<Class<?>, Family<?>> families;
    private final boolean lenient;

    /**
     * @param lenient whether code without a name is described instead of refused
     */
    RecordWriter(Map<Class<?>, Family<?>> families, boolean lenient) {
        this.families = families;
        this.lenient = lenient;
    }

    ObjectNode record(Record owner, Optional<?> defaults, String path) {
        ObjectNode object = NODES.objectNode();
        addComponents(object, owner, defaults, path);
        return object;
    }

    private void addComponents(ObjectNode object, Record owner, Optional<?> defaults, String path) {
        for (RecordComponent component : owner.getClass().getRecordComponents()) {
            Object value = Records.value(owner, component);
            Optional<?> standard = defaults.map(record -> Records.value((Record) record, component));
            boolean wanted = !isEmpty(value) || standard.isPresent() && !isEmpty(standard.get());
            if (wanted) {
                String name = component.getName();
                object.set(name, value(value, component.getGenericType(), standard, RecordJson.child(path, name)));
            }
        }
    }

    private JsonNode value(Object value, Type type, Optional<?> defaults, String path) {
        Family<?> family = families.get(raw(type));
        if (family != null) {
            return member(value, family, path);
        }
        if (isEmpty(value)) {
            return NODES.nullNode();
        }
        if (value instanceof Optional<?> optional) {
            return value(optional.get(), argument(type), inner(defaults), path);
        }
        if (value instanceof Collection<?> items) {
            ArrayNode array = NODES.arrayNode();
            for (Object item : items) {
                array.add(value(item, argument(type), Optional.empty(), path + "[" + array.size() + "]"));
            }
            return array;
        }
        if (value instanceof Map<?, ?> map) {
            ObjectNode object = NODES.objectNode();
            map.forEach((key, item) -> {
                String name = text((Enum<?>) key);
                object.set(name, value(item, argument(type, 1), Optional.empty(), RecordJson.child(path, name)));
            });
            return object;
        }
        return value instanceof Record owner ? record(owner, defaults, path) : scalar(value, path);
    }

    private static JsonNode scalar(Object value, String path) {
        if (value instanceof Integer number) {
            return NODES.numberNode(number);
        } else if (value instanceof Long number) {
            return NODES.numberNode(number);
        } else if (value instanceof Double number) {
            return Double.isFinite(number) ? NODES.numberNode(number) : NODES.textNode(number.toString());
        } else if (value instanceof Boolean truth) {
            return NODES.booleanNode(truth);
        } else if (value instanceof String text) {
            return NODES.textNode(text);
        } else if (value instanceof Duration duration) {
            return NODES.textNode(duration.toString());
        } else if (value instanceof Enum<?> constant) {
            return NODES.textNode(text(constant));
        } else if (value instanceof OptionalInt number) {
            return NODES.numberNode(number.getAsInt());
        } else if (value instanceof OptionalLong number) {
            return NODES.numberNode(number.getAsLong());
        } else if (value instanceof OptionalDouble number) {
            return NODES.numberNode(number.getAsDouble());
        }
        throw new IllegalStateException(
                "The setting " + path + " is of the class " + value.getClass().getName() + ", which has no JSON form.");
    }

    private JsonNode member(Object value, Family<?> family, String path) {
        Optional<String> name = family.name(value);
        if (name.isEmpty()) {
            return withoutName(value, family, path);
        }
        if (family.isText() || value.getClass().getRecordComponents().length == 0) {
            return NODES.textNode(name.get());
        }
        ObjectNode object = NODES.objectNode();
        object.put(RecordJson.TYPE, name.get());
        addComponents(object, (Record) value, family.members().get(name.get()).defaults(), path);
        return object;
    }

    private JsonNode withoutName(Object value, Family<?> family, String path) {
        if (lenient) {
            return NODES.objectNode().put(RecordJson.TYPE, RecordJson.CUSTOM).put("text", value.toString());
        }
        throw new IllegalArgumentException(
                "The setting " + path + " (" + value + ") is code of the program's own, which has no JSON form.\nMaybe "
                        + (family.isText()
                                ? "use one that the library has a name for?"
                                : "use one of " + family.names() + "?"));
    }

    static String text(Enum<?> constant) {
        return constant.name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
    }

    static Class<?> raw(Type type) {
        return (Class<?>) (type instanceof ParameterizedType generic ? generic.getRawType() : type);
    }

    static Type argument(Type type) {
        return argument(type, 0);
    }

    static Type argument(Type type, int index) {
        return ((ParameterizedType) type).getActualTypeArguments()[index];
    }

    static Optional<?> inner(Optional<?> defaults) {
        return defaults.isPresent() && defaults.get() instanceof Optional<?> optional ? optional : Optional.empty();
    }

    private static boolean isEmpty(Object value) {
        return value instanceof Optional<?> optional && optional.isEmpty()
                || value instanceof OptionalInt number && number.isEmpty()
                || value instanceof OptionalLong count && count.isEmpty()
                || value instanceof OptionalDouble amount && amount.isEmpty();
    }
}
