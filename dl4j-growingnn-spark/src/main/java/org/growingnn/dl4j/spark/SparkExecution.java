package org.growingnn.dl4j.spark;

import java.util.Objects;
import org.growingnn.dl4j.search.CandidateExecutor;
import org.growingnn.dl4j.search.Execution;
import org.growingnn.dl4j.value.Ranges;

/**
 * Evaluates candidates on an Apache Spark cluster, as many at once as it has cores: the number of workers in the settings does not matter.
 * Grades and networks are those of threads, bit for bit, where executors compute the same bits as this process, which is checked before a
 * run begins and on every executor that joins it later.
 *
 * <p>Everything else about Spark is said to Spark itself, by system properties that begin with {@code spark.}, by {@code spark-submit}, or
 * by a {@code SparkContext} that the program has made, which is then used and left open. Executors need this module, the library and
 * Deeplearning4j on their class path. Metrics and score terms of the program's own must be serialisable, and adapters named by service files.
 *
 * @param master the cluster, as Spark names it: {@code local[2]}, {@code spark://host:7077}, {@code yarn}
 * @param sameBits whether a cluster with an executor that computes other bits than this process is refused; otherwise it is used with a
 *     warning, and what a search finds may depend on who evaluated what
 */
public record SparkExecution(String master, boolean sameBits) implements Execution {

    /** All cores of this machine, in this process. */
    public static final SparkExecution DEFAULT = new SparkExecution("local[*]", true);

    /**
     * Checks that there is a master.
     *
     * @param master the cluster
     * @param sameBits whether executors must compute the same bits as this process
     */
    public SparkExecution {
        Objects.requireNonNull(master, "master");
        Ranges.require(!master.isBlank(), "master", master, "as Spark names it, such as spark://host:7077", "local[*]");
    }

    /**
     * Chooses a cluster whose executors must compute the same bits as this process.
     *
     * @param master the cluster, as Spark names it
     * @return the setting
     */
    public static SparkExecution on(String master) {
        return new SparkExecution(master, true);
    }

    /**
     * Uses executors also where they compute other bits, with a warning for each.
     *
     * @return the changed setting
     */
    public SparkExecution anyBits() {
        return new SparkExecution(master, false);
    }

    /**
     * Connects to the cluster.
     *
     * @throws IllegalStateException if Spark is not on the class path, if the process uses another cluster already, or if the cluster cannot
     *     be reached or has no executor for it
     */
    @Override
    public CandidateExecutor executor(int workers) {
        try {
            Class.forName("org.apache.spark.api.java.JavaSparkContext", false, SparkExecution.class.getClassLoader());
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException(
                    "Candidates cannot be evaluated on " + master + ": Apache Spark is not on the class path.\n"
                            + "Maybe add org.apache.spark:spark-core_2.13, start the program by spark-submit, or evaluate on threads?",
                    e);
        }
        return new SparkExecutor(this);
    }
}
