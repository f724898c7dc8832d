package org.growingnn.dl4j.worker;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.OptionalLong;
import org.growingnn.dl4j.search.CandidateExecutor;
import org.growingnn.dl4j.search.Execution;
import org.growingnn.dl4j.value.Ranges;

/**
 * Evaluates candidates in processes of their own, which are replaced now and then: what native code leaks there is bounded, and what crashes
 * there costs one candidate. Grades and networks are those of threads, bit for bit, where ND4J computes with one OpenMP thread in either
 * ({@code OMP_NUM_THREADS=1}).
 *
 * <p>Metrics and score terms of the program's own must be serialisable, and adapters named by service files. Whatever else the program has
 * set up, such as ND4J's environment, does not reach the processes. They read its logging configuration: one that writes to a file needs
 * another one for them, by the variable {@code JAVA_TOOL_OPTIONS}.
 *
 * @param candidates how many candidates a process evaluates before it is replaced, ≥ 1; a preview counts as one
 * @param heap bytes of a process's Java heap, ≥ 16 MiB; as much as this process may have without it
 * @param memory bytes of a process's physical memory, heap included, beyond which it is replaced behind the candidate that it is
 *     evaluating, ≥ 1; without it three quarters of what JavaCPP allows it ({@code org.bytedeco.javacpp.maxphysicalbytes}), beyond which
 *     candidates would fail, and no limit where JavaCPP has none
 * @param environment variables that the processes have besides those of this one; they are a part of the settings as they are written down
 */
public record ProcessExecution(
        int candidates, OptionalLong heap, OptionalLong memory, List<ProcessExecution.Variable> environment)
        implements Execution {

    /** Processes that are replaced after 200 candidates. */
    public static final ProcessExecution DEFAULT =
            new ProcessExecution(200, OptionalLong.empty(), OptionalLong.empty(), List.of());

    private static final long LEAST_HEAP = 1L << 24;

    /**
     * An environment variable.
     *
     * @param name its name, without an equals sign
     * @param value its value
     */
    public record Variable(String name, String value) {

        /**
         * Checks the name.
         *
         * @param name its name
         * @param value its value
         */
        public Variable {
            Objects.requireNonNull(name, "name");
            Objects.requireNonNull(value, "value");
            Ranges.require(
                    !name.isEmpty() && name.indexOf('=') < 0,
                    "name of the environment variable",
                    name,
                    "a text without an equals sign");
        }
    }

    /**
     * Checks the ranges.
     *
     * @param candidates how many candidates a process evaluates before it is replaced
     * @param heap bytes of a process's Java heap
     * @param memory bytes of a process's physical memory beyond which it is replaced
     * @param environment further variables
     */
    public ProcessExecution {
        Ranges.requireAtLeast("candidates", candidates, 1);
        Objects.requireNonNull(heap, "heap").ifPresent(bytes -> Ranges.requireAtLeast("heap", bytes, LEAST_HEAP));
        Objects.requireNonNull(memory, "memory").ifPresent(bytes -> Ranges.requireAtLeast("memory", bytes, 1));
        Ranges.requireItems("environment", environment);
        environment = List.copyOf(environment);
    }

    /**
     * Starts with the defaults.
     *
     * @return the setting
     */
    public static ProcessExecution processes() {
        return DEFAULT;
    }

    /**
     * Chooses how long processes live.
     *
     * @param count how many candidates a process evaluates before it is replaced, ≥ 1
     * @return the changed setting
     */
    public ProcessExecution candidates(int count) {
        return new ProcessExecution(count, heap, memory, environment);
    }

    /**
     * Limits the Java heap of each process.
     *
     * @param bytes ≥ 16 MiB
     * @return the changed setting
     */
    public ProcessExecution heap(long bytes) {
        return new ProcessExecution(candidates, OptionalLong.of(bytes), memory, environment);
    }

    /**
     * Chooses at what size a process is replaced.
     *
     * @param bytes of physical memory, heap included, ≥ 1
     * @return the changed setting
     */
    public ProcessExecution memory(long bytes) {
        return new ProcessExecution(candidates, heap, OptionalLong.of(bytes), environment);
    }

    /**
     * Sets an environment variable of the processes, such as {@code JAVA_TOOL_OPTIONS} for options of their Java.
     *
     * @param name its name
     * @param value its value
     * @return the changed setting
     */
    public ProcessExecution environment(String name, String value) {
        List<Variable> more = new ArrayList<>(environment);
        more.add(new Variable(name, value));
        return new ProcessExecution(candidates, heap, memory, more);
    }

    @Override
    public CandidateExecutor executor(int workers) {
        return new ProcessExecutor(workers, this);
    }
}
