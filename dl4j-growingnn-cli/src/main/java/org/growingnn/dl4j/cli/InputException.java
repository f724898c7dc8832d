package org.growingnn.dl4j.cli;

/** What the user gave cannot be used: an option, a model, data or a recipe. The message says all there is to say. */
final class InputException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    InputException(String message) {
        super(message);
    }

    InputException(String message, Throwable cause) {
        super(message, cause);
    }
}
