package org.growingnn.dl4j.examples;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.Deflater;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipException;

/** Reads and writes the IDX files in which MNIST is distributed, and checks everything their headers promise. */
final class IdxFiles {

    static final int SIDE = 28;
    static final int PIXELS = SIDE * SIDE;
    static final int CLASSES = 10;

    private static final int IMAGES_MAGIC = 2051;
    private static final int LABELS_MAGIC = 2049;
    private static final String FETCH_AGAIN = "Maybe a download was interrupted: fetch the file again.";

    private IdxFiles() {}

    /** Finds a file by its classic name, unpacked or with the suffix {@code .gz}. */
    static Path locate(Path directory, String name) {
        Path plain = directory.resolve(name);
        if (Files.isRegularFile(plain)) {
            return plain;
        }
        Path packed = directory.resolve(name + ".gz");
        if (Files.isRegularFile(packed)) {
            return packed;
        }
        throw new IllegalArgumentException("The directory (" + directory.toAbsolutePath() + ") must contain " + name
                + " or " + name
                + ".gz.\nMaybe it is not the MNIST directory: the four files are train-images-idx3-ubyte,"
                + " train-labels-idx1-ubyte, t10k-images-idx3-ubyte and t10k-labels-idx1-ubyte.");
    }

    /** Returns the pixels of all images, 784 bytes each, row by row. */
    static byte[] readImages(Path file) {
        try (DataInputStream in = open(file)) {
            checkMagic(file, in.readInt(), IMAGES_MAGIC, "images");
            int count = checkCount(file, in.readInt());
            int rows = in.readInt();
            int columns = in.readInt();
            if (rows != SIDE || columns != SIDE) {
                throw new IllegalArgumentException("The images (" + rows + " x " + columns + ") of " + file
                        + " must be 28 x 28.\nMaybe the file belongs to another data set.");
            }
            return readExactly(file, in, (long) count * PIXELS);
        } catch (IOException e) {
            throw unreadable(file, e);
        }
    }

    /** Returns one label from 0 to 9 per example. */
    static byte[] readLabels(Path file) {
        try (DataInputStream in = open(file)) {
            checkMagic(file, in.readInt(), LABELS_MAGIC, "labels");
            byte[] labels = readExactly(file, in, checkCount(file, in.readInt()));
            for (int i = 0; i < labels.length; i++) {
                int label = Byte.toUnsignedInt(labels[i]);
                if (label >= CLASSES) {
                    throw new IllegalArgumentException("The label (" + label + ") of example " + i + " in " + file
                            + " must be between 0 and 9.\nMaybe the file belongs to another data set, such as EMNIST.");
                }
            }
            return labels;
        } catch (IOException e) {
            throw unreadable(file, e);
        }
    }

    static void writeImages(Path file, byte[] pixels) throws IOException {
        try (DataOutputStream out = create(file)) {
            out.writeInt(IMAGES_MAGIC);
            out.writeInt(pixels.length / PIXELS);
            out.writeInt(SIDE);
            out.writeInt(SIDE);
            out.write(pixels);
        }
    }

    static void writeLabels(Path file, byte[] labels) throws IOException {
        try (DataOutputStream out = create(file)) {
            out.writeInt(LABELS_MAGIC);
            out.writeInt(labels.length);
            out.write(labels);
        }
    }

    private static DataInputStream open(Path file) throws IOException {
        InputStream raw = Files.newInputStream(file);
        try {
            boolean packed = file.getFileName().toString().endsWith(".gz");
            return new DataInputStream(packed ? new GZIPInputStream(raw, 1 << 16) : new BufferedInputStream(raw));
        } catch (IOException e) {
            raw.close();
            throw e;
        }
    }

    private static DataOutputStream create(Path file) throws IOException {
        OutputStream raw = Files.newOutputStream(file);
        return new DataOutputStream(new GZIPOutputStream(raw, 1 << 16) {
            {
                def.setLevel(Deflater.BEST_COMPRESSION);
            }
        });
    }

    private static void checkMagic(Path file, int found, int expected, String kind) {
        if (found != expected) {
            throw new IllegalArgumentException("The magic number (" + found + ") of " + file + " must be " + expected
                    + " for " + kind + ".\nMaybe images and labels are mixed up, or the file is compressed and its name"
                    + " lacks the suffix .gz.");
        }
    }

    private static int checkCount(Path file, int count) {
        if (count <= 0) {
            throw new IllegalArgumentException(
                    "The number of examples (" + count + ") of " + file + " must be positive.\n" + FETCH_AGAIN);
        }
        return count;
    }

    private static byte[] readExactly(Path file, InputStream in, long size) throws IOException {
        if (size > Integer.MAX_VALUE - 8) {
            throw new IllegalArgumentException("The data (" + size + " bytes) of " + file
                    + " must fit into one array.\nMaybe the header is damaged: fetch the file again.");
        }
        byte[] bytes = in.readNBytes((int) size);
        if (bytes.length < size) {
            throw new IllegalArgumentException("The data (" + bytes.length + " bytes) of " + file + " must be " + size
                    + " bytes long, as its header says.\n" + FETCH_AGAIN);
        }
        if (in.read() >= 0) {
            throw new IllegalArgumentException("The data of " + file + " must end after " + size
                    + " bytes, as its header says.\nMaybe two files were joined: fetch the file again.");
        }
        return bytes;
    }

    private static RuntimeException unreadable(Path file, IOException cause) {
        if (cause instanceof EOFException || cause instanceof ZipException) {
            return new IllegalArgumentException(
                    "The file " + file + " must be a complete IDX file, but it ends early or is not gzip data ("
                            + cause.getMessage() + ").\n" + FETCH_AGAIN,
                    cause);
        }
        return new UncheckedIOException("The file " + file + " cannot be read: " + cause.getMessage(), cause);
    }
}
