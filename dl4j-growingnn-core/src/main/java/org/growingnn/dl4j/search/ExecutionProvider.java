package org.growingnn.dl4j.search;

/**
 * Makes an execution of another module known to settings, so that it has a JSON form and runs with it can be resumed. Implementations are
 * found by {@link java.util.ServiceLoader}.
 */
public interface ExecutionProvider {

    /**
     * Names the execution.
     *
     * @return what stands for it in settings, in lower case with hyphens
     */
    String name();

    /**
     * Gives the values of what settings leave out.
     *
     * @return the execution with its defaults, a public record
     */
    Execution defaults();
}
