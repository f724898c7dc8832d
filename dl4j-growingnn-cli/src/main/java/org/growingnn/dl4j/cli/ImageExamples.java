package org.growingnn.dl4j.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.datavec.image.loader.NativeImageLoader;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Images in one folder for each class, which are read when they are asked for, and scaled to what the model takes. */
final class ImageExamples implements Examples {

    private static final Set<String> ENDINGS = Set.of("png", "jpg", "jpeg", "bmp", "tif", "tiff", "pgm", "ppm");

    private final String source;
    private final List<Path> files;
    private final int[] classes;
    private final ModelShape shape;
    private final ModelShape.Maps maps;
    private final Optional<LabelEncoder> encoder;
    private final NativeImageLoader loader;
    private final float scale;

    private ImageExamples(
            Path directory,
            List<Path> files,
            int[] classes,
            ModelShape shape,
            ModelShape.Maps maps,
            Optional<LabelEncoder> encoder,
            float scale) {
        this.source = directory.toString();
        this.files = files;
        this.classes = classes;
        this.shape = shape;
        this.maps = maps;
        this.encoder = encoder;
        this.loader = new NativeImageLoader(maps.height(), maps.width(), maps.channels());
        this.scale = scale;
    }

    /** Tells whether a directory holds images, or directories that do. */
    static boolean isIn(Path directory) {
        return !images(directory).isEmpty()
                || directories(directory).stream()
                        .anyMatch(inner -> !images(inner).isEmpty());
    }

    /**
     * Lists images. They are unlabelled if they lie in the directory itself.
     *
     * @param directory the directory
     * @param loaded the model that they are for
     * @param scale what each pixel, 0 to 255, is multiplied with
     */
    static ImageExamples list(Path directory, LoadedModel loaded, float scale) {
        ModelShape shape = ModelShape.of(loaded, directory.toString());
        ModelShape.Maps maps = shape.maps()
                .orElseThrow(() -> new InputException("The size of the images that the model " + loaded.path()
                        + " takes is not known: it takes " + shape.describe()
                        + ".\nMaybe state it by --input-size 32x32?"));
        List<Path> files = new ArrayList<>(images(directory));
        if (!files.isEmpty()) {
            return new ImageExamples(directory, files, new int[0], shape, maps, Optional.empty(), scale);
        }
        LabelEncoder encoder = LabelEncoder.of(loaded, directory.toString());
        List<Path> folders = directories(directory);
        if (folders.size() != encoder.classes()) {
            throw encoder.mismatch(
                    folders.size(),
                    directory.toString(),
                    folders.stream()
                            .map(folder -> folder.getFileName().toString())
                            .toList());
        }
        List<Integer> classes = new ArrayList<>();
        for (int number = 0; number < folders.size(); number++) {
            for (Path image : images(folders.get(number))) {
                files.add(image);
                classes.add(number);
            }
        }
        return new ImageExamples(
                directory,
                files,
                classes.stream().mapToInt(Integer::intValue).toArray(),
                shape,
                maps,
                Optional.of(encoder),
                scale);
    }

    private static List<Path> directories(Path directory) {
        return list(directory).stream().filter(Files::isDirectory).toList();
    }

    private static List<Path> images(Path directory) {
        return list(directory).stream()
                .filter(file -> ENDINGS.contains(ending(file)) && Files.isRegularFile(file))
                .toList();
    }

    static String ending(Path file) {
        String name = file.getFileName().toString();
        return name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
    }

    /** Lists what lies in a directory, by name. */
    static List<Path> list(Path directory) {
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.sorted().toList();
        } catch (IOException e) {
            throw Inputs.unreadable(directory, "directory", e);
        }
    }

    @Override
    public int size() {
        return files.size();
    }

    @Override
    public boolean labelled() {
        return encoder.isPresent();
    }

    @Override
    public INDArray features(int[] numbers) {
        INDArray images = Nd4j.create(numbers.length, maps.channels(), maps.height(), maps.width());
        for (int i = 0; i < numbers.length; i++) {
            images.tensorAlongDimension(i, 1, 2, 3).assign(image(files.get(numbers[i])));
        }
        return shape.features(images.muli(scale), source);
    }

    private INDArray image(Path file) {
        try {
            INDArray image = loader.asMatrix(file.toFile());
            return image.reshape(maps.channels(), maps.height(), maps.width());
        } catch (IOException | RuntimeException e) {
            throw new InputException(
                    "The image " + file + " cannot be read: " + e.getMessage() + "\nMaybe it is damaged?", e);
        }
    }

    @Override
    public INDArray labels(int[] numbers) {
        return encoder.orElseThrow()
                .classes(IntStream.of(numbers).map(i -> classes[i]).toArray());
    }
}
