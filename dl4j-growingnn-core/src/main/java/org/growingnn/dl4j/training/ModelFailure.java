package org.growingnn.dl4j.training;

/**
 * Deeplearning4j cannot train or run a model, as opposed to data that cannot be read. ND4J signals exhausted native memory by Java's
 * own error, which is a cause like any other.
 */
public final class ModelFailure extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /**
     * Makes the exception.
     *
     * @param message what cannot be done, and why
     * @param cause what Deeplearning4j threw
     */
    public ModelFailure(String message, Throwable cause) {
        super(message, cause);
    }
}
