package org.nd4j.nativeblas;

/**
 * Stands where Deeplearning4j 1.0.0-M2.1 looks for ND4J's CPU bindings to ask whether its layers may compute with oneDNN. The bindings
 * have moved to another package, so that the layers never find them and do without. Has no effect unless helpers are enabled, see {@code
 * GrowingNN.useOneDnn()}.
 */
public final class Nd4jCpu {

    private Nd4jCpu() {}

    /** The one question that is asked, by reflection. */
    public static final class Environment {
        private static final Environment INSTANCE = new Environment();

        private Environment() {}

        /**
         * Finds the only instance.
         *
         * @return the instance
         */
        public static Environment getInstance() {
            return INSTANCE;
        }

        /**
         * Tells whether layers may compute with oneDNN.
         *
         * @return true if the native library that was loaded was built with it; the moved bindings say yes in any case
         */
        public boolean isUseMKLDNN() {
            return NativeOpsHolder.getInstance()
                    .getDeviceNativeOps()
                    .buildInfo()
                    .contains("HAVE_ONEDNN");
        }
    }
}
