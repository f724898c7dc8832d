package org.growingnn.dl4j.run;

import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells listeners what happens; one that throws is told nothing more. */
final class Subscribers {

    private static final Logger log = LoggerFactory.getLogger(Subscribers.class);

    private final List<RunListener> listeners;

    Subscribers(List<RunListener> listeners) {
        this.listeners = new ArrayList<>(listeners);
    }

    void tell(RunEvent event) {
        for (RunListener listener : List.copyOf(listeners)) {
            try {
                listener.onEvent(event);
            } catch (Throwable e) {
                listeners.remove(listener);
                log.warn(
                        "The listener {} threw an exception at {} and will not be told anything more; the run goes on",
                        listener,
                        event.getClass().getSimpleName(),
                        e);
            }
        }
    }
}
