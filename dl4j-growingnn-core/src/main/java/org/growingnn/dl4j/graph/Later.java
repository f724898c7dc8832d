package org.growingnn.dl4j.graph;

import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A value that is worked out once, when it is asked for. Threads may share it.
 *
 * @param <T> the value's type
 */
final class Later<T> {

    private @Nullable Supplier<T> source;
    private @Nullable T value;

    private Later(@Nullable Supplier<T> source, @Nullable T value) {
        this.source = source;
        this.value = value;
    }

    static <T> Later<T> known(T value) {
        return new Later<>(null, Objects.requireNonNull(value, "value"));
    }

    /** Makes a value of a pure function. */
    static <T> Later<T> of(Supplier<T> source) {
        return new Later<>(Objects.requireNonNull(source, "source"), null);
    }

    synchronized T get() {
        if (source != null) {
            value = Objects.requireNonNull(source.get(), "value");
            // What it was worked out from need not be kept.
            source = null;
        }
        return Objects.requireNonNull(value, "value");
    }
}
