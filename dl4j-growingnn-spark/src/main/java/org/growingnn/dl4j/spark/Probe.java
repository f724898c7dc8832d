package org.growingnn.dl4j.spark;

import java.io.Serializable;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.deeplearning4j.config.DL4JSystemProperties;
import org.growingnn.dl4j.Diagnosis;
import org.growingnn.dl4j.GrowingNN;
import org.growingnn.dl4j.search.Cancellation;
import org.growingnn.dl4j.search.ThreadExecutor;
import org.growingnn.dl4j.training.BlasThreads;
import org.growingnn.dl4j.training.EvaluationTask;
import org.jspecify.annotations.Nullable;

/**
 * A short evaluation of the run's network with all bits of what the driver has got, trained parameters included, and what the driver
 * computes with.
 *
 * @param id tells it from other probes
 * @param task a brief {@link EvaluationTask}
 * @param request asks for the evaluation
 * @param digest of the driver's answer
 * @param oneDnn the driver's system property that lets Deeplearning4j use oneDNN; null if it has none
 * @param facts what the driver computes with
 */
record Probe(
        String id,
        byte[] task,
        byte[] request,
        byte[] digest,
        @Nullable String oneDnn,
        Map<String, String> facts) implements Serializable {

    /**
     * What an executor found.
     *
     * @param difference what distinguishes it from the driver; empty if nothing does
     * @param sameBits whether the answers are the same
     */
    record Finding(String difference, boolean sameBits) {

        /** Of an executor that was not asked. */
        static final Finding NONE = new Finding("", true);
    }

    /** Evaluates on the driver. The calling thread computes with one OpenMP thread afterwards. */
    static Probe of(String id, byte[] task, byte[] request, Cancellation cancellation) {
        String oneDnn = System.getProperty(DL4JSystemProperties.DISABLE_HELPER_PROPERTY);
        return new Probe(id, task, request, digest(task, request, cancellation), oneDnn, currentFacts());
    }

    /** Makes an executor compute as the driver does, as far as that can be set, and evaluates there. */
    Finding compare(Cancellation cancellation) {
        if (oneDnn == null) {
            System.clearProperty(DL4JSystemProperties.DISABLE_HELPER_PROPERTY);
        } else {
            System.setProperty(DL4JSystemProperties.DISABLE_HELPER_PROPERTY, oneDnn);
        }
        boolean sameBits = Arrays.equals(digest, digest(task, request, cancellation));
        Map<String, String> here = currentFacts();
        String others = facts.keySet().stream()
                .filter(name -> !facts.get(name).equals(here.get(name)))
                .map(name -> name + " is " + here.get(name) + " there and " + facts.get(name) + " here")
                .collect(Collectors.joining(", "));
        if (sameBits) {
            return new Finding(others, true);
        }
        return new Finding(
                "a probe, the run's network trained with one batch and graded, has other bits"
                        + (others.isEmpty() ? ", though all settings are the same" : "; " + others),
                false);
    }

    @SuppressWarnings("try") // The lease is only held.
    private static byte[] digest(byte[] task, byte[] request, Cancellation cancellation) {
        try (BlasThreads single = BlasThreads.single()) {
            ThreadExecutor.useOneProcessor();
            return MessageDigest.getInstance("SHA-256")
                    .digest(EvaluationTask.fromBytes(task).answer(request, cancellation));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java has SHA-256.", e);
        }
    }

    /** Whatever may decide how results are rounded. */
    @SuppressWarnings("try") // The lease is only held.
    private static Map<String, String> currentFacts() {
        try (BlasThreads single = BlasThreads.single()) {
            Diagnosis found = GrowingNN.diagnose();
            Map<String, String> facts = new TreeMap<>();
            facts.put("backend", found.backend());
            facts.put("platform", found.platform());
            facts.put("BLAS", found.blas());
            facts.put("number of BLAS threads", String.valueOf(found.blasThreads()));
            facts.put("number of OpenMP threads", String.valueOf(found.ompThreads()));
            facts.put("vector extension of ND4J", found.vectorExtension());
            facts.put("vector extension of the processor", found.processor());
            facts.put("oneDNN", found.oneDnnUsed() ? "used" : "not used");
            facts.put("version of ND4J", version(org.nd4j.linalg.factory.Nd4j.class));
            facts.put("version of this library", version(EvaluationTask.class));
            return facts;
        }
    }

    /** Of classes in a directory, nobody knows. */
    private static String version(Class<?> type) {
        String version = type.getPackage().getImplementationVersion();
        return version == null ? "unknown" : version;
    }
}
