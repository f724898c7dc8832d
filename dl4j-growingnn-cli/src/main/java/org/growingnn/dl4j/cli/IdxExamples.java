package org.growingnn.dl4j.cli;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Images and classes from a pair of IDX files, the format of MNIST, gzipped or not. */
final class IdxExamples implements Examples {

    static final int IMAGES = 0x803;
    static final int LABELS = 0x801;

    private static final String AGAIN = ".\nMaybe a download or a copy was interrupted?";

    private final String source;
    private final ModelShape shape;
    private final Optional<LabelEncoder> encoder;
    private final byte[] pixels;
    private final int rows;
    private final int columns;
    private final int[] classes;
    private final float scale;

    private IdxExamples(
            Path file, Pixels images, int[] classes, ModelShape shape, Optional<LabelEncoder> encoder, float scale) {
        this.source = file.toString();
        this.pixels = images.values();
        this.rows = images.rows();
        this.columns = images.columns();
        this.classes = classes;
        this.shape = shape;
        this.encoder = encoder;
        this.scale = scale;
    }

    private record Pixels(byte[] values, int count, int rows, int columns) {}

    /**
     * Reads a pair of files.
     *
     * @param images the images
     * @param labels their classes; empty to leave them out
     * @param loaded the model that they are for
     * @param scale what each pixel, 0 to 255, is multiplied with
     */
    static IdxExamples read(Path images, Optional<Path> labels, LoadedModel loaded, float scale) {
        Pixels pixels = pixels(images);
        Optional<LabelEncoder> encoder = labels.map(file -> LabelEncoder.of(loaded, file.toString()));
        int[] classes = labels.map(IdxExamples::classes).orElse(new int[0]);
        if (labels.isPresent()) {
            Path file = labels.get();
            if (classes.length != pixels.count) {
                throw new InputException("The number of labels (" + classes.length + ") in " + file
                        + " must equal the number of images (" + pixels.count + ") in " + images
                        + ".\nMaybe the files belong to different data?");
            }
            int largest = IntStream.of(classes).max().orElse(0);
            if (largest >= encoder.get().classes()) {
                throw encoder.get()
                        .mismatch(
                                largest + 1,
                                file.toString(),
                                IntStream.of(classes)
                                        .distinct()
                                        .sorted()
                                        .mapToObj(String::valueOf)
                                        .collect(Collectors.toList()));
            }
        }
        return new IdxExamples(images, pixels, classes, ModelShape.of(loaded, images.toString()), encoder, scale);
    }

    /** Tells the kind of an IDX file; 0 if it is none. */
    static int magic(Path file) {
        try (DataInputStream in = new DataInputStream(Inputs.open(file, "data"))) {
            byte[] start = in.readNBytes(4);
            return start.length == 4 && start[0] == 0 && start[1] == 0 ? (start[2] & 0xff) << 8 | start[3] & 0xff : 0;
        } catch (IOException e) {
            throw Inputs.unreadable(file, "data", e);
        }
    }

    /** Finds the file of labels that belongs to one of images by its name, as MNIST's do. */
    static Optional<Path> labelsBeside(Path images) {
        String name = images.getFileName().toString();
        String other = name.replace("images", "labels").replace("idx3", "idx1");
        if (other.equals(name)) {
            return Optional.empty();
        }
        String bare = other.endsWith(".gz") ? other.substring(0, other.length() - 3) : other;
        return List.of(other, bare, bare + ".gz").stream()
                .map(images::resolveSibling)
                .filter(Files::isRegularFile)
                .findFirst();
    }

    private static Pixels pixels(Path file) {
        try (DataInputStream in = new DataInputStream(Inputs.open(file, "data"))) {
            requireMagic(file, in.readInt(), IMAGES, "images");
            int count = in.readInt();
            int rows = in.readInt();
            int columns = in.readInt();
            if (count < 1 || rows < 1 || columns < 1 || (long) count * rows * columns > Integer.MAX_VALUE - 8) {
                throw new InputException("The header of " + file + " tells of " + count + " images of " + rows + " x "
                        + columns + " pixels, which cannot be" + AGAIN);
            }
            return new Pixels(exactly(file, in, count * rows * columns), count, rows, columns);
        } catch (IOException e) {
            throw incomplete(file, e);
        }
    }

    private static int[] classes(Path file) {
        try (DataInputStream in = new DataInputStream(Inputs.open(file, "labels"))) {
            requireMagic(file, in.readInt(), LABELS, "labels");
            int count = in.readInt();
            if (count < 1) {
                throw new InputException("The header of " + file + " tells of " + count + " labels" + AGAIN);
            }
            byte[] bytes = exactly(file, in, count);
            return IntStream.range(0, count).map(i -> bytes[i] & 0xff).toArray();
        } catch (IOException e) {
            throw incomplete(file, e);
        }
    }

    private static void requireMagic(Path file, int found, int expected, String what) {
        if (found != expected) {
            throw new InputException("The magic number (" + found + ") of " + file + " must be " + expected + " for "
                    + what + ".\nMaybe images and labels are mixed up?");
        }
    }

    private static byte[] exactly(Path file, DataInputStream in, int size) throws IOException {
        byte[] bytes = in.readNBytes(size);
        if (bytes.length < size || in.read() >= 0) {
            throw new InputException(
                    "The data of " + file + " must have " + size + " bytes, as its header says, but has "
                            + (bytes.length < size ? String.valueOf(bytes.length) : "more") + AGAIN);
        }
        return bytes;
    }

    private static InputException incomplete(Path file, IOException cause) {
        return cause instanceof EOFException
                ? new InputException("The file " + file + " ends in the middle" + AGAIN, cause)
                : Inputs.unreadable(file, "data", cause);
    }

    @Override
    public int size() {
        return pixels.length / (rows * columns);
    }

    @Override
    public boolean labelled() {
        return encoder.isPresent();
    }

    @Override
    public INDArray features(int[] numbers) {
        int size = rows * columns;
        float[] values = new float[numbers.length * size];
        for (int i = 0; i < numbers.length; i++) {
            for (int pixel = 0; pixel < size; pixel++) {
                values[i * size + pixel] = (pixels[numbers[i] * size + pixel] & 0xff) * scale;
            }
        }
        INDArray images = Nd4j.create(values, new long[] {numbers.length, 1, rows, columns}, 'c');
        return shape.features(images, source);
    }

    @Override
    public INDArray labels(int[] numbers) {
        return encoder.orElseThrow()
                .classes(IntStream.of(numbers).map(i -> classes[i]).toArray());
    }
}
