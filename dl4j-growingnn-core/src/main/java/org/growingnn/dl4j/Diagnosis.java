package org.growingnn.dl4j;

import java.util.List;

/**
 * What the process computes with, and what would make it faster.
 *
 * @param backend ND4J's backend, such as CPU
 * @param platform operating system and architecture, such as linux-x86_64
 * @param blas vendor of the library for products of matrices
 * @param cores processors that Java may use
 * @param blasThreads threads of one product of matrices; runs set it to 1 for as long as they last
 * @param ompThreads threads of one operation of oneDNN, in the calling thread; workers of searches use 1
 * @param vectorExtension what ND4J's own loops were compiled for; BLAS and oneDNN choose for themselves
 * @param processor what the processor has of it
 * @param oneDnnBuilt whether the native library contains oneDNN
 * @param oneDnnUsed whether Deeplearning4j's layers use it
 * @param advice what to do to become faster, one sentence or more each; empty if nothing is known
 */
public record Diagnosis(
        String backend,
        String platform,
        String blas,
        int cores,
        int blasThreads,
        int ompThreads,
        String vectorExtension,
        String processor,
        boolean oneDnnBuilt,
        boolean oneDnnUsed,
        List<String> advice) {

    /**
     * Copies the advice.
     *
     * @param backend ND4J's backend
     * @param platform platform
     * @param blas vendor
     * @param cores number of processors
     * @param blasThreads threads of a product
     * @param ompThreads threads of an operation of oneDNN
     * @param vectorExtension compiled for
     * @param processor capable of
     * @param oneDnnBuilt whether it is there
     * @param oneDnnUsed whether it is used
     * @param advice what to do
     */
    public Diagnosis {
        advice = List.copyOf(advice);
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("ND4J: " + backend + ", " + platform + ", " + cores + " cores")
                .append("\nBLAS: " + blas + ", " + threads(blasThreads))
                .append("\nVector extension of ND4J's loops: " + vectorExtension + "; the processor has " + processor)
                .append("\noneDNN: " + (oneDnnUsed ? "used by layers, " + threads(ompThreads) : oneDnn()));
        advice.forEach(line -> text.append("\nMaybe ").append(line));
        return text.toString();
    }

    private String oneDnn() {
        return oneDnnBuilt ? "there, but not used by layers" : "not in the native library";
    }

    private static String threads(int count) {
        return count + (count == 1 ? " thread" : " threads");
    }
}
