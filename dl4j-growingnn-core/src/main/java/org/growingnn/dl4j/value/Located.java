package org.growingnn.dl4j.value;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.nd4j.shade.jackson.core.JsonFactory;
import org.nd4j.shade.jackson.core.JsonLocation;
import org.nd4j.shade.jackson.core.JsonParser;
import org.nd4j.shade.jackson.core.JsonProcessingException;
import org.nd4j.shade.jackson.core.JsonToken;
import org.nd4j.shade.jackson.core.StreamReadFeature;
import org.nd4j.shade.jackson.dataformat.yaml.YAMLFactory;

/**
 * A value of a JSON or YAML text that knows where it stands.
 *
 * @param token kind of the value
 * @param text the value as it is written; of objects and arrays the bracket
 * @param fields values of an object by name, in order
 * @param items values of an array
 * @param line line of the text, from 1
 * @param column column of the line, from 1
 */
record Located(JsonToken token, String text, Map<String, Located> fields, List<Located> items, int line, int column) {

    /** Far deeper than any setting, far flatter than what would exhaust the stack. */
    private static final int GREATEST_DEPTH = 100;

    private static final JsonFactory JSON = JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    private static final YAMLFactory YAML = YAMLFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    /** Parses a JSON text that holds one value. */
    static Located parse(String json) {
        return parse("JSON", JSON, json);
    }

    /** Parses a YAML text that holds one value. */
    static Located parseYaml(String yaml) {
        return parse("YAML", YAML, yaml);
    }

    private static Located parse(String language, JsonFactory factory, String text) {
        try (JsonParser parser = factory.createParser(text)) {
            if (parser.nextToken() == null) {
                throw new IllegalArgumentException("The " + language + " text is empty.\nMaybe {} for all defaults?");
            }
            Located root = value(parser, 0);
            if (parser.nextToken() != null) {
                JsonLocation location = parser.getTokenLocation();
                throw new IllegalArgumentException("The " + language + " text goes on behind its end at line "
                        + location.getLineNr() + ", column " + location.getColumnNr() + ".");
            }
            return root;
        } catch (JsonProcessingException e) {
            JsonLocation location = e.getLocation();
            throw new IllegalArgumentException(
                    "Not " + language + ": " + e.getOriginalMessage()
                            + (location == null
                                    ? ""
                                    : " at line " + location.getLineNr() + ", column " + location.getColumnNr()),
                    e);
        } catch (IOException e) {
            throw new IllegalStateException("A text cannot fail to be read.", e);
        }
    }

    private static Located value(JsonParser parser, int depth) throws IOException {
        JsonLocation start = parser.getTokenLocation();
        if (depth > GREATEST_DEPTH) {
            throw new IllegalArgumentException("The text is nested more than " + GREATEST_DEPTH + " deep at line "
                    + start.getLineNr() + ", column " + start.getColumnNr() + ".");
        }
        JsonToken token = parser.currentToken();
        String text = parser.getText();
        Map<String, Located> fields = new LinkedHashMap<>();
        List<Located> items = new ArrayList<>();
        if (token == JsonToken.START_OBJECT) {
            while (parser.nextToken() != JsonToken.END_OBJECT) {
                String name = parser.currentName();
                parser.nextToken();
                fields.put(name, value(parser, depth + 1));
            }
        } else if (token == JsonToken.START_ARRAY) {
            while (parser.nextToken() != JsonToken.END_ARRAY) {
                items.add(value(parser, depth + 1));
            }
        }
        return new Located(token, text, fields, items, start.getLineNr(), start.getColumnNr());
    }

    boolean isNull() {
        return token == JsonToken.VALUE_NULL;
    }

    boolean isObject() {
        return token == JsonToken.START_OBJECT;
    }

    boolean isList() {
        return token == JsonToken.START_ARRAY;
    }

    /** The value as a message shows it. */
    String shown() {
        return switch (token) {
            case START_OBJECT -> "an object";
            case START_ARRAY -> "a list";
            case VALUE_STRING -> '"' + text + '"';
            default -> text;
        };
    }

    String place() {
        return "at line " + line + ", column " + column;
    }
}
