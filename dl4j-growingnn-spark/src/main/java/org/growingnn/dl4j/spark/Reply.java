package org.growingnn.dl4j.spark;

import java.io.Serializable;
import java.nio.charset.StandardCharsets;

/**
 * What an executor says.
 *
 * @param kind what it is
 * @param executor who says it
 * @param content the answer, or a text
 * @param difference what distinguishes the executor from the driver; empty if nothing does
 * @param sameBits whether the executor computes the driver's bits
 */
record Reply(Kind kind, String executor, byte[] content, String difference, boolean sameBits) implements Serializable {

    enum Kind {
        /** What the evaluation task answers. */
        ANSWER,
        /** The reason why the task cannot be done. */
        REFUSED,
        /** An error of the program's. */
        BROKEN
    }

    String text() {
        return new String(content, StandardCharsets.UTF_8);
    }
}
