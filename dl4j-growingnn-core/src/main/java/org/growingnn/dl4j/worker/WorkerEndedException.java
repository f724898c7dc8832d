package org.growingnn.dl4j.worker;

/** A worker process cannot be started, or has ended though nobody asked it to. */
final class WorkerEndedException extends Exception {

    private static final long serialVersionUID = 1L;

    WorkerEndedException(String message) {
        super(message);
    }

    WorkerEndedException(String message, Throwable cause) {
        super(message, cause);
    }
}
