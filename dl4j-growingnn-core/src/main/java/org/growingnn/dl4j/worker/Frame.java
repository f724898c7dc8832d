package org.growingnn.dl4j.worker;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/**
 * What a program and its worker process say to each other: a byte for the type, the number of the request that it is about, the length of
 * the content, the content.
 *
 * @param type what it is
 * @param number the request's number; every request and task of a process has another one
 * @param content bytes, none for most types
 */
record Frame(Type type, int number, byte[] content) {

    private static final byte[] NONE = {};

    enum Type {
        /** To the worker: what the next requests have in common. */
        TASK,
        /** To the worker: a request. */
        REQUEST,
        /** To the worker: end what the number says. */
        CANCEL,
        /** From the worker: an answer; nothing to a task. */
        ANSWER,
        /** The same, from a process that has more memory than it should. */
        LAST_ANSWER,
        /** From the worker: it ended as asked to. */
        CANCELLED,
        /** From the worker: the reason why it cannot be done. */
        REFUSED,
        /** From the worker: an error of the program's. */
        BROKEN
    }

    Frame(Type type, int number) {
        this(type, number, NONE);
    }

    static DataOutputStream buffered(OutputStream out) {
        return new DataOutputStream(new BufferedOutputStream(out));
    }

    static DataInputStream buffered(InputStream in) {
        return new DataInputStream(new BufferedInputStream(in));
    }

    /** Writes it as a whole; by one thread at a time. */
    void write(DataOutputStream out) throws IOException {
        synchronized (out) {
            out.writeByte(type.ordinal());
            out.writeInt(number);
            out.writeInt(content.length);
            out.write(content);
            out.flush();
        }
    }

    /**
     * Reads the next one.
     *
     * @throws java.io.EOFException if the other side has ended
     */
    static Frame read(DataInputStream in) throws IOException {
        Type type = Type.values()[in.readByte()];
        int number = in.readInt();
        byte[] content = new byte[in.readInt()];
        in.readFully(content);
        return new Frame(type, number, content);
    }
}
