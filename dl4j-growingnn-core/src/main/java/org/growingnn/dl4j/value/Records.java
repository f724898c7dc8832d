package org.growingnn.dl4j.value;

import java.lang.invoke.MethodType;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.List;

/** Reads and makes records by the names of their components. */
public final class Records {

    private Records() {}

    /**
     * Copies a tree of records with another value somewhere.
     *
     * @param <R> the record's class
     * @param tree the record to copy; not modified
     * @param path names of components from the root to the value, with dots between them
     * @param value the other value
     * @return the changed copy
     * @throws IllegalArgumentException if a record refuses the value, or if there is no such path
     */
    public static <R extends Record> R with(R tree, String path, Object value) {
        int dot = path.indexOf('.');
        String name = dot < 0 ? path : path.substring(0, dot);
        RecordComponent[] components = tree.getClass().getRecordComponents();
        Object[] values = values(tree);
        int index = names(components).indexOf(name);
        if (index < 0) {
            throw new IllegalArgumentException("There is no '" + name + "' in "
                    + tree.getClass().getSimpleName() + ", only " + names(components) + ".");
        }
        Class<?> wanted =
                MethodType.methodType(components[index].getType()).wrap().returnType();
        if (dot < 0 && value != null && !wanted.isInstance(value)) {
            throw new IllegalArgumentException("The " + name + " (" + value + ") must be of the class "
                    + wanted.getName() + ", but is of " + value.getClass().getName() + ".");
        }
        values[index] = dot < 0 ? value : with((Record) values[index], path.substring(dot + 1), value);
        @SuppressWarnings("unchecked")
        Class<R> type = (Class<R>) tree.getClass();
        return make(type, values);
    }

    static List<String> names(RecordComponent[] components) {
        return Arrays.stream(components).map(RecordComponent::getName).toList();
    }

    static Object[] values(Record owner) {
        return Arrays.stream(owner.getClass().getRecordComponents())
                .map(component -> value(owner, component))
                .toArray();
    }

    static Object value(Record owner, RecordComponent component) {
        try {
            component.getAccessor().setAccessible(true);
            return component.getAccessor().invoke(owner);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("The accessor of " + component + " cannot be called.", e);
        }
    }

    static <R> R make(Class<R> type, Object[] values) {
        try {
            Constructor<R> constructor = type.getDeclaredConstructor(Arrays.stream(type.getRecordComponents())
                    .map(RecordComponent::getType)
                    .toArray(Class<?>[]::new));
            constructor.setAccessible(true);
            return constructor.newInstance(values);
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof RuntimeException refusal) {
                throw refusal;
            }
            throw new IllegalStateException("The constructor of " + type.getName() + " failed.", e.getCause());
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("The constructor of " + type.getName() + " cannot be called.", e);
        }
    }
}
