package org.growingnn.dl4j;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.Pointer;
import org.deeplearning4j.config.DL4JSystemProperties;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.nativeblas.NativeOps;
import org.nd4j.nativeblas.NativeOpsHolder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the process as a whole computes with: oneDNN, BLAS, threads. */
public final class GrowingNN {

    private static final Logger LOG = LoggerFactory.getLogger(GrowingNN.class);

    private static final String EXTENSION = "org.bytedeco.javacpp.platform.extension";
    /** In the order in which they are chosen: whoever adds a special one wants it. oneDNN itself adapts to the processor. */
    private static final List<String> ONEDNN_EXTENSIONS = List.of("-onednn-avx512", "-onednn-avx2", "-onednn");

    private static final String BINDINGS = "org/nd4j/linalg/cpu/nativecpu/bindings/";
    private static final String[] VECTOR_EXTENSIONS = {"none (ARM)", "none", "AVX2", "AVX-512"};

    private GrowingNN() {}

    /**
     * Has all models of this process compute convolutions, pooling, batch normalisation and local response normalisation with oneDNN, which
     * Deeplearning4j 1.0.0-M2.1 contains code for but never uses. A forward pass or training step of a convolutional network takes
     * half the time, or less. Results differ by rounding, float networks only. Dilated convolutions it cannot compute: two-dimensional ones
     * are computed as before, with a warning, one-dimensional ones fail.
     *
     * <p>To be called before anything else of ND4J or Deeplearning4j, which choose their native library when they are first used. That
     * library must be on the class path: {@code org.nd4j:nd4j-native} with the classifier {@code linux-x86_64-onednn}, {@code
     * macosx-x86_64-onednn} or {@code windows-x86_64-onednn}, beside {@code nd4j-native-platform}. The same is done by {@code
     * -Dorg.bytedeco.javacpp.platform.extension=-onednn -Dorg.eclipse.deeplearning4j.helpers.disable=false}.
     *
     * @return whether oneDNN is used from now on; otherwise no such library is on the class path, which is logged, and everything is
     *     computed as before
     * @throws IllegalStateException if ND4J has been loaded already without oneDNN
     */
    public static boolean useOneDnn() {
        Optional<String> extension = Optional.ofNullable(System.getProperty(EXTENSION))
                .filter(ONEDNN_EXTENSIONS::contains)
                .or(GrowingNN::available);
        if (extension.isEmpty()) {
            LOG.info("Convolutions are computed without oneDNN: {}.", dependency());
            return false;
        }
        Optional<String> chosen = Optional.ofNullable(System.getProperty(EXTENSION));
        System.setProperty(EXTENSION, extension.get());
        if (!isBuilt()) {
            chosen.ifPresentOrElse(
                    value -> System.setProperty(EXTENSION, value), () -> System.clearProperty(EXTENSION));
            throw new IllegalStateException("ND4J is in use already, without oneDNN.\n"
                    + "Maybe call GrowingNN.useOneDnn() first thing in main, or start Java with -D" + EXTENSION + "="
                    + extension.get() + " -D" + DL4JSystemProperties.DISABLE_HELPER_PROPERTY + "=false?");
        }
        System.setProperty(DL4JSystemProperties.DISABLE_HELPER_PROPERTY, "false");
        return true;
    }

    private static Optional<String> available() {
        ClassLoader loader = GrowingNN.class.getClassLoader();
        return ONEDNN_EXTENSIONS.stream()
                .filter(extension -> loader.getResource(BINDINGS + Loader.Detector.getPlatform() + extension + "/"
                                + System.mapLibraryName("jnind4jcpu"))
                        != null)
                .findFirst();
    }

    private static String dependency() {
        return "the library org.nd4j:nd4j-native:1.0.0-M2.1:" + Loader.Detector.getPlatform()
                + "-onednn is not on the class path";
    }

    private static NativeOps nativeOps() {
        // Loads the backend, if nobody has done so.
        Nd4j.getExecutioner();
        return NativeOpsHolder.getInstance().getDeviceNativeOps();
    }

    private static boolean isBuilt() {
        return nativeOps().buildInfo().contains("HAVE_ONEDNN");
    }

    private static boolean isUsed() {
        ConvolutionLayer layer =
                new ConvolutionLayer.Builder(1, 1).nIn(1).nOut(1).build();
        return new org.deeplearning4j.nn.layers.convolution.ConvolutionLayer(
                                new NeuralNetConfiguration.Builder()
                                        .layer(layer)
                                        .build(),
                                DataType.FLOAT)
                        .getHelper()
                != null;
    }

    /**
     * Tells what this process computes with, and what would make it faster. Loads ND4J if nobody has done so.
     *
     * @return the answer, whose {@code toString()} is meant to be read
     */
    public static Diagnosis diagnose() {
        NativeOps ops = nativeOps();
        Properties environment = Nd4j.getExecutioner().getEnvironmentInformation();
        boolean built = isBuilt();
        boolean used = isUsed();
        List<String> advice = new ArrayList<>();
        if (!used) {
            advice.add(
                    built
                            ? "call GrowingNN.useOneDnn() first thing in main, so that layers use oneDNN?"
                            : available().isPresent()
                                    ? "call GrowingNN.useOneDnn() first thing in main, before ND4J loads another library?"
                                    : "speed up convolutions by oneDNN: " + dependency()
                                            + "; with it there, call GrowingNN.useOneDnn() first thing in main?");
        }
        if (ops.binaryLevel() < ops.optimalLevel()) {
            advice.add("use a native library whose own loops are compiled for "
                    + VECTOR_EXTENSIONS[ops.optimalLevel()] + ": the classifier " + Loader.Detector.getPlatform()
                    + (built ? "-onednn" : "") + "-" + classifier(ops.optimalLevel()) + " of org.nd4j:nd4j-native with"
                    + " -D" + EXTENSION + "=" + (built ? "-onednn" : "") + "-" + classifier(ops.optimalLevel()) + "?");
        }
        if (Pointer.maxPhysicalBytes() > 0) {
            advice.add(
                    "spare small networks a tenth of their time: JavaCPP asks the system for the process's memory at every"
                            + " allocation, because it limits it to " + (Pointer.maxPhysicalBytes() >> 20)
                            + " MiB; -Dorg.bytedeco.javacpp.maxPhysicalBytes=0 lifts the limit?");
        }
        return new Diagnosis(
                environment.getProperty("backend"),
                Loader.Detector.getPlatform() + System.getProperty(EXTENSION, ""),
                String.valueOf(environment.get("blas.vendor")),
                Runtime.getRuntime().availableProcessors(),
                Nd4j.factory().blas().getMaxThreads(),
                ops.ompGetMaxThreads(),
                VECTOR_EXTENSIONS[ops.binaryLevel()],
                VECTOR_EXTENSIONS[ops.optimalLevel()],
                built,
                used,
                advice);
    }

    private static String classifier(int level) {
        return level == 3 ? "avx512" : "avx2";
    }
}
