package org.growingnn.dl4j.search;

import java.io.Serial;

/** Thrown by {@link Cancellation#check()}: work ends because it was asked to, not because anything is wrong with it. */
public final class CancelledException extends RuntimeException {

    @Serial
    private static final long serialVersionUID = 1;

    /**
     * Makes the exception.
     *
     * @param reason why the work was asked to end
     */
    public CancelledException(String reason) {
        super(reason);
    }
}
