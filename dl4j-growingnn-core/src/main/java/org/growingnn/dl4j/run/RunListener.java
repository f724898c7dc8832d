package org.growingnn.dl4j.run;

import java.util.Objects;
import java.util.function.Consumer;

/**
 * Follows a run, without any influence on it: a listener that throws is reported in the log and told nothing more.
 */
@FunctionalInterface
public interface RunListener {

    /**
     * Called on the thread that runs the optimisation, which waits for it.
     *
     * @param event what happened
     */
    void onEvent(RunEvent event);

    /**
     * Follows generations only.
     *
     * @param listener told about every generation, number 0 included, when it has ended
     * @return the listener
     */
    static RunListener generations(Consumer<Generation> listener) {
        Objects.requireNonNull(listener, "listener");
        return event -> {
            if (event instanceof RunEvent.GenerationEnded ended) {
                listener.accept(ended.generation());
            }
        };
    }
}
