package org.growingnn.dl4j.folder;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.locks.LockSupport;

/** Writes files that are either there as a whole or not at all, whenever the process or the machine stops. */
final class AtomicFiles {

    /** What a file is called as long as it is being written. */
    static final String UNFINISHED = ".tmp";

    private static final int TRIES = 20;
    private static final long PAUSE_NANOS = 100_000_000;

    private AtomicFiles() {}

    /** Writes a file's content. */
    interface Content {
        void writeTo(OutputStream out) throws IOException;
    }

    static void write(Path file, String text) throws IOException {
        write(file, out -> out.write(text.getBytes(StandardCharsets.UTF_8)));
    }

    /** Replaces a file once the new content has reached the disk. */
    static void write(Path file, Content content) throws IOException {
        replace(file, unfinished -> {
            try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(unfinished))) {
                content.writeTo(out);
            }
        });
    }

    /** Makes a file at a path. */
    interface Maker {
        void make(Path unfinished) throws IOException;
    }

    /** Replaces a file once the new one has reached the disk. */
    static void replace(Path file, Maker maker) throws IOException {
        Path unfinished = file.resolveSibling(file.getFileName() + UNFINISHED);
        maker.make(unfinished);
        try (FileChannel channel = FileChannel.open(unfinished, StandardOpenOption.WRITE)) {
            channel.force(true);
        }
        move(unfinished, file);
    }

    /** Gives a finished file its name. On Windows, that fails as long as somebody reads the old file. */
    static void move(Path unfinished, Path file) throws IOException {
        for (int left = TRIES; ; left--) {
            try {
                Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
                break;
            } catch (AtomicMoveNotSupportedException e) {
                Files.move(unfinished, file, StandardCopyOption.REPLACE_EXISTING);
                break;
            } catch (AccessDeniedException e) {
                if (left == 0) {
                    throw e;
                }
                LockSupport.parkNanos(PAUSE_NANOS);
            }
        }
        syncFolder(file.toAbsolutePath().getParent());
    }

    /** The name, too, must reach the disk; Windows, which takes care of that itself, lets nobody open a folder. */
    private static void syncFolder(Path folder) throws IOException {
        if (!System.getProperty("os.name").startsWith("Windows")) {
            try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
                channel.force(true);
            }
        }
    }
}
