package org.growingnn.dl4j.cli;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/**
 * Where data is, and how it is read. Every source is one of
 *
 * <ul>
 *   <li>a table (CSV)
 *   <li>a pair of IDX files, or a directory of MNIST's four
 *   <li>a directory with one directory of images for each class
 *   <li>a saved {@code DataSet} or {@code MultiDataSet}, or a directory of them
 * </ul>
 */
class DataOptions {

    private static final int BATCH = 64;

    @Option(
            names = "--data",
            paramLabel = "SOURCE",
            description = {
                "data: a table (CSV), IDX images (IMAGES or IMAGES,LABELS), a directory with one folder of images for each"
                        + " class or with IDX files, a batch saved by DataSet.save or MultiDataSet.save (*.bin, *.ds), or"
                        + " a directory of them"
            })
    private @Nullable String train;

    @Option(names = "--validation", paramLabel = "SOURCE", description = "further data, to judge models by")
    private @Nullable String validation;

    @Option(
            names = "--test",
            paramLabel = "SOURCE",
            description = "further data, to judge models by instead of --validation")
    private @Nullable String test;

    @Option(
            names = "--label",
            paramLabel = "COLUMN",
            split = ",",
            description = "columns of tables that are to be predicted, by name or by number from 1")
    private List<String> labels = new ArrayList<>();

    @Option(names = "--ignore", paramLabel = "COLUMN", split = ",", description = "columns of tables to leave out")
    private List<String> ignored = new ArrayList<>();

    @Option(
            names = "--header",
            negatable = true,
            description = "whether the first line of tables names the columns; by default it does if it has no number")
    private @Nullable Boolean header;

    @Option(
            names = "--delimiter",
            paramLabel = "CHAR",
            description =
                    "what stands between the values of tables; by default comma, semicolon or tab, as in the first line")
    private @Nullable Character delimiter;

    @Option(
            names = "--no-normalize",
            description =
                    "take features as they are; by default the model's own normaliser is applied, or, if it has none,"
                            + " numbers in tables are standardised by the mean and deviation of --data, and pixels divided by 255")
    private boolean raw;

    @Option(names = "--batch", paramLabel = "N", description = "examples in a batch (default: " + BATCH + ")")
    private @Nullable Integer batch;

    /** Takes the name of a label's column from elsewhere. */
    final void label(String column) {
        labels.add(column);
    }

    /** Gives the options again, with sources that do not depend on the working directory, for whoever goes on with the work. */
    final List<String> arguments() {
        List<String> arguments = new ArrayList<>();
        add(arguments, "--data", absolute(train));
        add(arguments, "--validation", absolute(validation));
        add(arguments, "--test", absolute(test));
        labels.forEach(label -> add(arguments, "--label", label));
        ignored.forEach(column -> add(arguments, "--ignore", column));
        if (header != null) {
            arguments.add(header ? "--header" : "--no-header");
        }
        add(arguments, "--delimiter", delimiter == null ? null : delimiter.toString());
        if (raw) {
            arguments.add("--no-normalize");
        }
        add(arguments, "--batch", batch == null ? null : batch.toString());
        return arguments;
    }

    /** Takes from the options that a run began with what these leave out. */
    final void completeBy(DataOptions begun) {
        train = train == null ? begun.train : train;
        validation = validation == null ? begun.validation : validation;
        test = test == null ? begun.test : test;
        labels = labels.isEmpty() ? begun.labels : labels;
        ignored = ignored.isEmpty() ? begun.ignored : ignored;
        header = header == null ? begun.header : header;
        delimiter = delimiter == null ? begun.delimiter : delimiter;
        raw |= begun.raw;
        batch = batch == null ? begun.batch : batch;
    }

    private int batch() {
        return batch == null ? BATCH : batch;
    }

    private static void add(List<String> arguments, String name, @Nullable String value) {
        if (value != null) {
            arguments.add(name);
            arguments.add(value);
        }
    }

    private static @Nullable String absolute(@Nullable String source) {
        if (source == null) {
            return null;
        }
        if (exists(source)) {
            return Path.of(source).toAbsolutePath().toString();
        }
        // Two files with a comma between them.
        int comma = source.lastIndexOf(',');
        return comma < 0 ? source : absolute(source.substring(0, comma)) + "," + absolute(source.substring(comma + 1));
    }

    private static boolean exists(String source) {
        try {
            return Files.exists(Path.of(source));
        } catch (InvalidPathException e) {
            return false;
        }
    }

    /** Tells whether any data was named. */
    final boolean given() {
        return train != null || validation != null || test != null;
    }

    /**
     * Reads all data that was named.
     *
     * @param loaded the model that it is for
     * @return the data; nothing if none was named
     * @throws InputException if it cannot be read, or does not fit the model
     */
    final DataParts load(LoadedModel loaded) {
        if (batch() < 1) {
            throw new InputException("The number of examples in a --batch (" + batch() + ") must be at least 1.");
        }
        Reader reader = new Reader(loaded);
        // The first of them decides what columns mean.
        Optional<Data> first = reader.read(train, "data", true);
        return new DataParts(
                first, reader.read(validation, "validation data", false), reader.read(test, "test data", false));
    }

    /** Reads sources for one model. */
    private final class Reader {

        private final LoadedModel loaded;
        private @Nullable CsvSchema schema;

        Reader(LoadedModel loaded) {
            this.loaded = loaded;
        }

        Optional<Data> read(@Nullable String source, String role, boolean shuffled) {
            if (source == null) {
                return Optional.empty();
            }
            Batches batches = open(source, shuffled);
            return Optional.of(new Data(
                    role,
                    source,
                    raw || loaded.normalizer().isEmpty()
                            ? batches
                            : new NormalizedBatches(batches, loaded.normalizer().get())));
        }

        private Batches open(String source, boolean train) {
            Path path = path(source);
            if (path != null && Files.isDirectory(path)) {
                return directory(path, train);
            }
            if (path == null || !Files.exists(path)) {
                int comma = source.lastIndexOf(',');
                if (comma > 0) {
                    Path images = Path.of(source.substring(0, comma));
                    Path labels = Path.of(source.substring(comma + 1));
                    Inputs.requireFile(images, "file of images");
                    Inputs.requireFile(labels, "file of labels");
                    return idx(images, Optional.of(labels), train);
                }
            }
            if (path == null) {
                throw new InputException("'" + source + "' is no name of a file.");
            }
            Inputs.requireFile(path, "data");
            if (IdxExamples.magic(path) == IdxExamples.IMAGES) {
                return idx(path, IdxExamples.labelsBeside(path), train);
            }
            return SavedBatches.isNamedSo(path) ? SavedBatches.open(List.of(path)) : table(path, train);
        }

        private static @Nullable Path path(String source) {
            try {
                return Path.of(source);
            } catch (InvalidPathException e) {
                // What is no name on this system may still be two with a comma between them.
                return null;
            }
        }

        private Batches directory(Path directory, boolean train) {
            List<Path> saved = ImageExamples.list(directory).stream()
                    .filter(SavedBatches::isNamedSo)
                    .toList();
            if (!saved.isEmpty()) {
                return SavedBatches.open(saved);
            }
            Optional<Path> images = ImageExamples.list(directory).stream()
                    .filter(file -> file.getFileName().toString().startsWith(train ? "train-images" : "t10k-images"))
                    .findFirst();
            if (images.isPresent()) {
                return idx(images.get(), IdxExamples.labelsBeside(images.get()), train);
            }
            if (ImageExamples.isIn(directory)) {
                return ImageExamples.list(directory, loaded, pixelScale()).batches(batch(), train);
            }
            throw new InputException(
                    "The directory " + directory + " holds no data that growingnn knows: neither images,"
                            + " or directories of images, nor MNIST's IDX files, nor batches (*.bin, *.ds).\nMaybe name a file in"
                            + " it?");
        }

        private Batches idx(Path images, Optional<Path> labels, boolean train) {
            return IdxExamples.read(images, labels, loaded, pixelScale()).batches(batch(), train);
        }

        private float pixelScale() {
            return raw || loaded.normalizer().isPresent() ? 1 : 1f / 255;
        }

        private Batches table(Path file, boolean train) {
            CsvFile table = CsvFile.open(file, Optional.ofNullable(delimiter), Optional.ofNullable(header));
            Optional<LabelEncoder> encoder =
                    labels.isEmpty() ? Optional.empty() : Optional.of(LabelEncoder.of(loaded, file.toString()));
            if (schema == null) {
                schema = CsvSchema.of(
                        table,
                        new CsvSchema.Choices(
                                List.copyOf(labels),
                                List.copyOf(ignored),
                                !raw && loaded.normalizer().isEmpty()),
                        encoder);
            }
            return CsvExamples.read(table, schema, loaded, encoder).batches(batch(), train);
        }
    }
}
