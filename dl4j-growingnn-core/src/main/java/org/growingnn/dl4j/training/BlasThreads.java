package org.growingnn.dl4j.training;

import org.nd4j.linalg.factory.Nd4j;

/**
 * Holds the process at one BLAS thread while runs are under way, which is what parallel workers need and what makes products
 * round the same whatever else the process does. The setting is the whole process's, so leases are counted: the first one sets it,
 * the last one restores what was found.
 */
public final class BlasThreads implements AutoCloseable {

    private static int leases;
    private static int found;

    private boolean open = true;

    private BlasThreads() {}

    /**
     * Sets one BLAS thread until the lease, and every other one, is closed.
     *
     * @return the lease
     */
    public static BlasThreads single() {
        synchronized (BlasThreads.class) {
            if (leases++ == 0) {
                found = Nd4j.factory().blas().getMaxThreads();
                Nd4j.factory().blas().setMaxThreads(1);
            }
            return new BlasThreads();
        }
    }

    @Override
    public void close() {
        synchronized (BlasThreads.class) {
            // A backend that does not tell its number of threads gives 0 or less.
            if (open && --leases == 0 && found > 0) {
                Nd4j.factory().blas().setMaxThreads(found);
            }
            open = false;
        }
    }
}
