package org.growingnn.dl4j.value;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;

/**
 * The implementations of an interface that have a JSON form, by name. Most are records, written as their name and their components;
 * some families are written as a name alone. Immutable; methods return copies.
 *
 * @param <T> the interface
 */
public final class Family<T> {

    /** Written by name alone. */
    record Text<T>(Function<T, String> name, Function<String, T> named, boolean checked) {}

    private final Class<T> type;
    private final Map<String, Member<T>> members;
    private final Optional<Text<T>> text;
    private final Map<String, String> absent;

    /**
     * A record class of the family.
     *
     * @param <T> the interface
     * @param type the class
     * @param defaults gives the values of components that are left out, if they may be
     */
    public record Member<T>(Class<? extends T> type, Optional<T> defaults) {

        /**
         * Checks that the class is a record.
         *
         * @param type the class
         * @param defaults gives the values of components that are left out
         */
        public Member {
            if (!type.isRecord()) {
                throw new IllegalArgumentException("The class " + type.getName() + " must be a record.");
            }
        }
    }

    private Family(Class<T> type, Map<String, Member<T>> members, Optional<Text<T>> text, Map<String, String> absent) {
        this.type = Objects.requireNonNull(type, "type");
        this.members = Collections.unmodifiableMap(members);
        this.text = text;
        this.absent = absent;
    }

    /**
     * Starts a family of records.
     *
     * @param <T> the interface
     * @param type the interface
     * @return a family without members
     */
    public static <T> Family<T> of(Class<T> type) {
        return new Family<>(type, Map.of(), Optional.empty(), Map.of());
    }

    /**
     * Makes a family whose members are written as a name alone.
     *
     * @param <T> the interface
     * @param type the interface
     * @param name gives a member's name
     * @param named finds a member by its name, or throws an {@link IllegalArgumentException} that says which there are
     * @return the family
     */
    public static <T> Family<T> named(Class<T> type, Function<T, String> name, Function<String, T> named) {
        return new Family<>(type, Map.of(), Optional.of(new Text<>(name, named, true)), Map.of());
    }

    /**
     * Makes a family whose members are kept elsewhere, by a name for each.
     *
     * @param <T> the interface
     * @param type the interface
     * @param name keeps a member and gives its name
     * @param named finds a member by its name, or throws an {@link IllegalArgumentException} that says why there is none
     * @return the family
     */
    public static <T> Family<T> kept(Class<T> type, Function<T, String> name, Function<String, T> named) {
        return new Family<>(type, Map.of(), Optional.of(new Text<>(name, named, false)), Map.of());
    }

    /**
     * Adds a record of which every component must be written, unless it is optional.
     *
     * @param name the record's name
     * @param member the record's class
     * @return the larger family
     */
    public Family<T> with(String name, Class<? extends T> member) {
        return with(name, new Member<>(member, Optional.empty()));
    }

    /**
     * Adds a record whose components may be left out.
     *
     * @param name the record's name
     * @param defaults a record that has the values of components that are left out
     * @return the larger family
     */
    @SuppressWarnings("unchecked")
    public Family<T> withDefaults(String name, T defaults) {
        return with(name, new Member<>((Class<? extends T>) defaults.getClass(), Optional.of(defaults)));
    }

    private Family<T> with(String name, Member<T> member) {
        Map<String, Member<T>> larger = new LinkedHashMap<>(members);
        if (larger.put(name, member) != null) {
            throw new IllegalArgumentException("There are two members of the name '" + name + "'.");
        }
        return new Family<>(type, larger, text, absent);
    }

    /**
     * Says where a member is that is not here, to whoever reads its name. A member of that name, if there is one, is read all the same.
     *
     * @param name the member's name
     * @param hint what to do to have it here
     * @return the family with the hint
     */
    public Family<T> elsewhere(String name, String hint) {
        Map<String, String> more = new LinkedHashMap<>(absent);
        more.put(Objects.requireNonNull(name, "name"), Objects.requireNonNull(hint, "hint"));
        return new Family<>(type, members, text, Collections.unmodifiableMap(more));
    }

    /**
     * Tells the interface.
     *
     * @return the interface
     */
    public Class<T> type() {
        return type;
    }

    /**
     * Lists the records by name.
     *
     * @return none if members are written as a name alone
     */
    public Map<String, Member<T>> members() {
        return members;
    }

    /** Finds the name of something that has one. */
    Optional<String> name(Object value) {
        if (text.isPresent()) {
            return textName(type.cast(value));
        }
        return members.entrySet().stream()
                .filter(entry -> entry.getValue().type() == value.getClass())
                .map(Map.Entry::getKey)
                .findFirst();
    }

    /** A name counts only if it leads back to an equal value: code of the user's own may bear the name of something else. */
    private Optional<String> textName(T value) {
        String name = text.orElseThrow().name().apply(value);
        if (!text.get().checked()) {
            return Optional.of(name);
        }
        try {
            return named(name).equals(value) ? Optional.of(name) : Optional.empty();
        } catch (IllegalArgumentException unknown) {
            return Optional.empty();
        }
    }

    boolean isText() {
        return text.isPresent();
    }

    T named(String name) {
        return text.orElseThrow().named().apply(name);
    }

    Optional<String> hint(String name) {
        return Optional.ofNullable(absent.get(name));
    }

    List<String> names() {
        return List.copyOf(members.keySet());
    }
}
