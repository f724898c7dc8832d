package org.growingnn.dl4j;

import java.util.ArrayList;
import java.util.List;
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

    private static final String[] VECTOR_EXTENSIONS = {"none (ARM)", "none", "AVX2", "AVX-512"};

    private GrowingNN() {}

    /**
     * Has all models that this process builds or loads from now on compute convolutions, pooling, batch normalisation and local response
     * normalisation with oneDNN, which Deeplearning4j 1.0.0-M2.1 contains code for but never uses. A forward pass or training step of a
     * convolutional network takes half the time, or less. Results differ by rounding. Networks of other types than float are computed as
     * before.
     *
     * <p>Its library must be on the class path: {@code org.nd4j:nd4j-native} with the classifier {@code linux-x86_64-onednn}, {@code
     * macosx-x86_64-onednn} or {@code windows-x86_64-onednn}, beside {@code nd4j-native-platform}; ND4J prefers it to the other one. With it
     * there, the same is done by {@code -Dorg.eclipse.deeplearning4j.helpers.disable=false}. That library cannot compute dilated
     * convolutions: two-dimensional ones are computed as before, with a warning, one-dimensional ones fail.
     *
     * @return whether oneDNN is used from now on; otherwise the library is not on the class path, which is logged, and everything is
     *     computed as before
     */
    public static boolean useOneDnn() {
        if (!isBuilt(nativeOps())) {
            LOG.info("Convolutions are computed without oneDNN: {}.", dependency());
            return false;
        }
        System.setProperty(DL4JSystemProperties.DISABLE_HELPER_PROPERTY, "false");
        return true;
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

    private static boolean isBuilt(NativeOps ops) {
        return ops.buildInfo().contains("HAVE_ONEDNN");
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
        boolean built = isBuilt(ops);
        boolean used = isUsed();
        List<String> advice = new ArrayList<>();
        if (!used) {
            advice.add(
                    built
                            ? "call GrowingNN.useOneDnn() before models are built or loaded?"
                            : "speed up convolutions by oneDNN: " + dependency()
                                    + "; with it there, call GrowingNN.useOneDnn() before models are built or loaded?");
        }
        if (Pointer.maxPhysicalBytes() > 0) {
            advice.add(
                    "spare small networks a tenth of their time: JavaCPP asks the system for the process's memory at every"
                            + " allocation, because it limits it to " + (Pointer.maxPhysicalBytes() >> 20)
                            + " MiB; -Dorg.bytedeco.javacpp.maxPhysicalBytes=0 lifts the limit?");
        }
        return new Diagnosis(
                environment.getProperty("backend"),
                Loader.Detector.getPlatform(),
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
}
