package org.growingnn.dl4j.folder;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.util.ModelSerializer;
import org.growingnn.dl4j.adapter.ModelWriter;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.run.RunSettings;
import org.growingnn.dl4j.run.RunState;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The folder of a run. While the run is under way, one process writes to it:
 *
 * <ul>
 *   <li>{@code settings.json}: all settings, see {@link RunSettings#describe()};
 *   <li>{@code events.jsonl}: what happens, one JSON object per line, for reports;
 *   <li>{@code checkpoint.json} and {@code networks}: the newest state, from which the run goes on;
 *   <li>{@code initial.zip}, {@code best.zip} and {@code pareto}: models that plain Deeplearning4j loads, with their updaters' state;
 *   <li>{@code recipe.json}: the changes that lead from the initial model to the best one.
 * </ul>
 *
 * <p>Each file but the events is written under another name, reaches the disk, and is then renamed, so that at any moment there is a whole
 * checkpoint. A process that is killed loses what it did since the last one, at most a generation.
 */
public final class RunFolder {

    private static final Logger log = LoggerFactory.getLogger(RunFolder.class);

    /** Events, one JSON object per line. */
    public static final String EVENTS = "events.jsonl";

    /** The settings of the run. */
    public static final String SETTINGS = "settings.json";

    /** The model as it was given. */
    public static final String INITIAL = "initial.zip";

    /** The best model so far. */
    public static final String BEST = "best.zip";

    /** The changes that lead to the best model. */
    public static final String RECIPE = "recipe.json";

    /** Folder of the models that no other one beats. */
    public static final String PARETO = "pareto";

    private static final String CHECKPOINT = "checkpoint.json";
    private static final String NETWORKS = "networks";
    private static final String LOCK = "lock";

    /** What ModelSerializer itself writes into a zip. */
    private static final Set<String> OF_THE_MODEL = Set.of(
            ModelSerializer.CONFIGURATION_JSON,
            ModelSerializer.COEFFICIENTS_BIN,
            ModelSerializer.NO_PARAMS_MARKER,
            ModelSerializer.UPDATER_BIN);

    /** What a run writes before its first checkpoint. */
    private static final Set<String> OWN = Set.of(LOCK, SETTINGS, INITIAL, BEST, RECIPE, EVENTS, PARETO, NETWORKS);

    private static final Pattern PARETO_MODEL = Pattern.compile("generation-\\d+\\.zip(\\.tmp)?");

    /** Folders that runs of this process write to: locks of files are the process's, and do not keep its own runs apart. */
    private static final Set<Path> LOCKED = ConcurrentHashMap.newKeySet();

    private final Path path;
    private final Map<String, byte[]> entries;

    /** Names of texts that are the program's own. */
    private final Set<String> kept = ConcurrentHashMap.newKeySet();

    private RunFolder(Path path, Map<String, byte[]> entries) {
        this.path = path;
        this.entries = entries;
    }

    /**
     * Makes a folder for a new run.
     *
     * @param path of a folder that does not exist or is empty; folders above it are made, too
     * @return the folder
     * @throws IllegalArgumentException if there is something else, or if it cannot be made, with the reason
     */
    public static RunFolder create(Path path) {
        Objects.requireNonNull(path, "path");
        try {
            Files.createDirectories(path);
            try (Stream<Path> files = Files.list(path)) {
                // What a run leaves that ended before it had begun may be there.
                if (Files.exists(path.resolve(CHECKPOINT)) || files.anyMatch(file -> !isOwn(file))) {
                    throw new DirectoryNotEmptyException(path.toString());
                }
            }
        } catch (FileAlreadyExistsException | DirectoryNotEmptyException e) {
            throw new IllegalArgumentException(
                    "The folder " + path + " of a new run must be empty, but there is something.\n"
                            + "Maybe choose another folder, or resume the run that is there?",
                    e);
        } catch (IOException e) {
            throw new IllegalArgumentException("The folder " + path + " of a new run cannot be made: " + reason(e), e);
        }
        return new RunFolder(path, Map.of());
    }

    /**
     * Has all models of a new run carry what the model that is given carries in its zip, such as a normaliser, besides what {@link
     * ModelSerializer#writeModel} writes.
     *
     * @param further contents by the names of the zip's entries
     * @return a folder at the same path
     */
    public RunFolder carrying(Map<String, byte[]> further) {
        return new RunFolder(path, Map.copyOf(further));
    }

    /**
     * Opens the folder of a run that has begun.
     *
     * @param path the folder
     * @return the folder
     * @throws IllegalArgumentException if no run has begun there, or if its initial model cannot be read
     */
    public static RunFolder open(Path path) {
        Objects.requireNonNull(path, "path");
        if (!Files.isRegularFile(path.resolve(CHECKPOINT))) {
            throw new IllegalArgumentException("The folder " + path + " holds no run: it has no " + CHECKPOINT
                    + ".\nMaybe another folder, or did the run end before it had begun?");
        }
        return new RunFolder(path, entries(path.resolve(INITIAL)));
    }

    private static boolean isOwn(Path file) {
        String name = file.getFileName().toString();
        return OWN.contains(name) || name.endsWith(AtomicFiles.UNFINISHED);
    }

    private static Map<String, byte[]> entries(Path zip) {
        Map<String, byte[]> entries = new HashMap<>();
        try (ZipFile file = new ZipFile(zip.toFile())) {
            for (ZipEntry entry : Collections.list(file.entries())) {
                if (!entry.isDirectory() && !OF_THE_MODEL.contains(entry.getName())) {
                    entries.put(entry.getName(), file.getInputStream(entry).readAllBytes());
                }
            }
        } catch (IOException e) {
            throw new IllegalArgumentException("The file " + zip + " cannot be read: " + reason(e), e);
        }
        return Map.copyOf(entries);
    }

    /**
     * Tells where the folder is.
     *
     * @return its path
     */
    public Path path() {
        return path;
    }

    /**
     * Tells whether a run has begun here.
     *
     * @return false in a new folder
     */
    public boolean hasBegun() {
        return Files.isRegularFile(path.resolve(CHECKPOINT));
    }

    /**
     * Reads the settings of the run.
     *
     * @return the settings
     * @throws IllegalArgumentException if they cannot be read, or if code of the program's own is among them, which is to be given by the
     *     program again
     */
    public RunSettings settings() {
        try {
            return RunSettings.fromJson(read(SETTINGS));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "The settings in " + path.resolve(SETTINGS) + " cannot be taken as they are: " + e.getMessage(), e);
        }
    }

    /**
     * Reads the newest state of the run.
     *
     * @return the state
     * @throws IllegalArgumentException if it cannot be read, is damaged, or was written by another version of the library
     */
    public RunState state() {
        String json = read(CHECKPOINT);
        try {
            Checkpoint checkpoint =
                    Checkpoint.form(new NetworkFiles(path.resolve(NETWORKS))).read(json, Checkpoint.class);
            if (checkpoint.format() != Checkpoint.FORMAT) {
                throw new IllegalArgumentException("its form is number " + checkpoint.format() + " of version "
                        + checkpoint.version() + ", but this version reads number " + Checkpoint.FORMAT + " only.");
            }
            return checkpoint.state();
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "The checkpoint " + path.resolve(CHECKPOINT) + " cannot be read: " + e.getMessage()
                            + "\nThe models in the folder are plain Deeplearning4j models, which can be loaded all the same.",
                    e);
        }
    }

    /** Writes the newest state: networks first, then what speaks of them, then the old networks go. */
    void write(RunState state, String version, NetworkFiles networks) throws IOException {
        Checkpoint checkpoint = Checkpoint.of(state, version);
        AtomicFiles.write(path.resolve(CHECKPOINT), Checkpoint.form(networks).write(checkpoint));
        networks.keepOnly(checkpoint.networks());
    }

    NetworkFiles networks() {
        return new NetworkFiles(path.resolve(NETWORKS));
    }

    /**
     * Keeps a text of the program's own beside the run, such as where its data is, whole or not at all. A run that is refused, which
     * leaves the folder to another one, leaves none.
     *
     * @param name name of a file that is none of the run's
     * @param text its content, which replaces that of a file with this name
     * @throws IllegalArgumentException if the name is one of the run's own files, or no mere name
     * @throws UncheckedIOException if it cannot be written
     */
    public void keep(String name, String text) {
        // Some file systems do not tell upper and lower case apart.
        boolean own = Stream.concat(OWN.stream(), Stream.of(CHECKPOINT)).anyMatch(name::equalsIgnoreCase);
        if (own
                || name.isBlank()
                || name.equals("..")
                || name.equals(".")
                || Path.of(name).getNameCount() != 1) {
            throw new IllegalArgumentException(
                    "'" + name + "' cannot be the name of a file beside the run.\nMaybe choose one"
                            + " without a folder that is none of the run's own files?");
        }
        try {
            write(name, text);
            kept.add(name);
        } catch (IOException e) {
            throw new UncheckedIOException("The file " + path.resolve(name) + " cannot be written: " + reason(e), e);
        }
    }

    void write(String name, String text) throws IOException {
        AtomicFiles.write(path.resolve(name), text);
    }

    /** Writes a model that plain Deeplearning4j loads, of the kind that the run was given if it is still one. */
    void writeModel(String name, NetworkGraph network) throws IOException {
        AtomicFiles.replace(path.resolve(name), unfinished -> {
            if (ModelWriter.isChain(network)) {
                MultiLayerNetwork model = ModelWriter.toMultiLayerNetwork(network);
                ModelSerializer.writeModel(model, unfinished.toFile(), true);
                ModelWriter.release(model);
            } else {
                ComputationGraph model = ModelWriter.toComputationGraph(network);
                ModelSerializer.writeModel(model, unfinished.toFile(), true);
                ModelWriter.release(model);
            }
            if (!entries.isEmpty()) {
                try (FileSystem zip = FileSystems.newFileSystem(unfinished)) {
                    for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
                        Path inside = zip.getPath(entry.getKey());
                        if (inside.getParent() != null) {
                            Files.createDirectories(inside.getParent());
                        }
                        Files.write(inside, entry.getValue());
                    }
                }
            }
        });
    }

    /** Keeps the Pareto models that have these names, and no others. */
    void keepOnlyPareto(List<String> names) throws IOException {
        List<Path> files;
        try (Stream<Path> listed = Files.list(path.resolve(PARETO))) {
            files = listed.toList();
        }
        for (Path file : files) {
            String name = file.getFileName().toString();
            if (PARETO_MODEL.matcher(name).matches() && !names.contains(PARETO + "/" + name)) {
                NetworkFiles.delete(file);
            }
        }
    }

    /** Keeps other runs from writing until it is closed. */
    public final class Lock implements AutoCloseable {

        private final Path real;
        private final FileChannel channel;

        private Lock(Path real, FileChannel channel) {
            this.real = real;
            this.channel = channel;
        }

        @Override
        public void close() {
            try {
                channel.close();
            } catch (IOException e) {
                log.warn("The lock of {} cannot be given back", path, e);
            } finally {
                LOCKED.remove(real);
            }
        }
    }

    /**
     * Keeps other runs, of this process and of others, from writing.
     *
     * @return to be closed behind the run
     * @throws IllegalStateException if one does so now
     * @throws IllegalArgumentException if nothing can be written here
     */
    public Lock lock() {
        FileChannel channel = null;
        Path real = null;
        Lock lock = null;
        try {
            Path place = path.toRealPath();
            if (LOCKED.add(place)) {
                real = place;
                channel = FileChannel.open(path.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                if (channel.tryLock() != null) {
                    lock = new Lock(real, channel);
                    return lock;
                }
            }
        } catch (IOException e) {
            throw new IllegalArgumentException(
                    "Nothing can be written to the folder " + path + " of the run: " + reason(e), e);
        } finally {
            if (lock == null && real != null) {
                LOCKED.remove(real);
                closeQuietly(channel);
            }
        }
        throw new IllegalStateException("Another run is writing to the folder " + path
                + ".\nMaybe wait until it has ended, or choose another folder?");
    }

    private void closeQuietly(@Nullable FileChannel channel) {
        try {
            if (channel != null) {
                channel.close();
            }
        } catch (IOException e) {
            log.debug("The lock of {} cannot be closed", path, e);
        }
    }

    /** Takes back that a run has begun, which was refused. */
    void forget() throws IOException {
        Files.deleteIfExists(path.resolve(CHECKPOINT));
        Files.deleteIfExists(path.resolve(EVENTS));
        for (String name : kept) {
            Files.deleteIfExists(path.resolve(name));
        }
    }

    private String read(String name) {
        try {
            return Files.readString(path.resolve(name), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new IllegalArgumentException("The file " + path.resolve(name) + " cannot be read: " + reason(e), e);
        }
    }

    /** Exceptions of files often say no more than the file's name; those of this library say all. */
    static String reason(Throwable e) {
        if (e instanceof NoSuchFileException) {
            return "there is no such file";
        }
        return e instanceof IllegalArgumentException && e.getMessage() != null ? e.getMessage() : e.toString();
    }

    @Override
    public String toString() {
        return path.toString();
    }
}
