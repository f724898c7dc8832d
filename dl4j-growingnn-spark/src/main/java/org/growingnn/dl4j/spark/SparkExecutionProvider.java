package org.growingnn.dl4j.spark;

import org.growingnn.dl4j.search.Execution;
import org.growingnn.dl4j.search.ExecutionProvider;

/** Makes {@link SparkExecution} known to settings by the name {@code spark}. */
public final class SparkExecutionProvider implements ExecutionProvider {

    /** Made by {@link java.util.ServiceLoader}. */
    public SparkExecutionProvider() {}

    @Override
    public String name() {
        return "spark";
    }

    @Override
    public Execution defaults() {
        return SparkExecution.DEFAULT;
    }
}
