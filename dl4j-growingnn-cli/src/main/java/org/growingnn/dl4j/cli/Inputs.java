package org.growingnn.dl4j.cli;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;

/** Opens files that the user named. */
final class Inputs {

    private static final int GZIP = 0x8b1f;
    private static final int BUFFER = 1 << 16;

    private Inputs() {}

    /**
     * Insists on a file that can be read.
     *
     * @param file the file
     * @param what what it is to be, for messages
     * @throws InputException if there is none
     */
    static void requireFile(Path file, String what) {
        if (!Files.exists(file)) {
            throw new InputException("The " + what + " " + file + " does not exist.\nMaybe another directory than "
                    + Path.of("").toAbsolutePath() + "?");
        }
        if (Files.isDirectory(file)) {
            throw new InputException("The " + what + " " + file + " is a directory.\nMaybe name a file in it?");
        }
        if (!Files.isReadable(file)) {
            throw new InputException(
                    "The " + what + " " + file + " may not be read.\nMaybe its permissions are wrong?");
        }
    }

    /** Reads the first bytes of a file; fewer if it is shorter. */
    static byte[] start(Path file, String what, int count) {
        requireFile(file, what);
        try (InputStream in = Files.newInputStream(file)) {
            return in.readNBytes(count);
        } catch (IOException e) {
            throw unreadable(file, what, e);
        }
    }

    /** Opens a file, gzipped or not, whatever its name. */
    static InputStream open(Path file, String what) {
        byte[] start = start(file, what, 2);
        boolean packed = start.length == 2 && ((start[1] & 0xff) << 8 | start[0] & 0xff) == GZIP;
        try {
            InputStream raw = Files.newInputStream(file);
            try {
                return packed
                        ? new BufferedInputStream(new GZIPInputStream(raw, BUFFER), BUFFER)
                        : new BufferedInputStream(raw, BUFFER);
            } catch (IOException e) {
                raw.close();
                throw e;
            }
        } catch (IOException e) {
            throw unreadable(file, what, e);
        }
    }

    static InputException unreadable(Path file, String what, IOException cause) {
        String reason = cause instanceof AccessDeniedException ? "permission denied" : cause.getMessage();
        return new InputException("The " + what + " " + file + " cannot be read: " + reason, cause);
    }
}
