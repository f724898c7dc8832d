package org.growingnn.dl4j.folder;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.run.ParetoArchive;
import org.growingnn.dl4j.run.Recipe;
import org.growingnn.dl4j.run.RunEvent;
import org.growingnn.dl4j.run.RunListener;
import org.growingnn.dl4j.run.RunState;
import org.growingnn.dl4j.search.Cancellation;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes a run to its folder. When that fails, because the disk is full for example, the run is asked to end with the reason: a run that goes
 * on without being saved would be lost by what its user counts on being saved from.
 */
public final class RunRecorder implements RunListener, AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(RunRecorder.class);

    private final RunFolder folder;
    private final Map<String, String> versions;
    private final String modelSha256;
    private final Cancellation cancellation;
    private final FileChannel lock;
    private final NetworkFiles networks;
    private final RandomAccessFile events;
    private final Optional<RunState> from;
    private boolean failed;
    private @Nullable NetworkGraph best;
    private final Set<String> pareto = new HashSet<>();

    private RunRecorder(
            RunFolder folder,
            Map<String, String> versions,
            String modelSha256,
            Optional<RunState> from,
            Cancellation cancellation,
            FileChannel lock)
            throws IOException {
        this.folder = folder;
        this.versions = versions;
        this.modelSha256 = modelSha256;
        this.cancellation = cancellation;
        this.lock = lock;
        this.from = from;
        this.networks = folder.networks();
        this.events = events(folder);
    }

    /**
     * Begins to write.
     *
     * @param folder a new folder, or that of a run which goes on
     * @param versions versions of the software by name
     * @param modelSha256 hash of the model that the run is given
     * @param from the state that the run goes on from; empty for a new run
     * @param cancellation asked to end the run if the folder cannot be written
     * @return the recorder, to be closed behind the run
     * @throws IllegalStateException if another run writes to the folder
     * @throws IllegalArgumentException if nothing can be written there, or if a new run is to be written where there is one
     */
    public static RunRecorder open(
            RunFolder folder,
            Map<String, String> versions,
            String modelSha256,
            Optional<RunState> from,
            Cancellation cancellation) {
        Objects.requireNonNull(from, "from");
        Objects.requireNonNull(cancellation, "cancellation");
        if (from.isEmpty() && folder.hasBegun()) {
            throw new IllegalArgumentException(
                    "There is a run in the folder " + folder + " already.\nMaybe resume it, or choose another folder?");
        }
        FileChannel lock = folder.lock();
        try {
            return new RunRecorder(folder, versions, modelSha256, from, cancellation, lock);
        } catch (IOException e) {
            RunFolder.close(lock);
            throw new IllegalArgumentException(
                    "Nothing can be written to the folder " + folder + " of the run: " + RunFolder.reason(e), e);
        }
    }

    /** Goes on behind the last whole line. */
    private static RandomAccessFile events(RunFolder folder) throws IOException {
        RandomAccessFile file =
                new RandomAccessFile(folder.path().resolve(RunFolder.EVENTS).toFile(), "rw");
        long end = file.length();
        if (end > 0) {
            file.seek(end - 1);
            if (file.read() != '\n') {
                log.warn(
                        "The last line of {} is incomplete, as it is if a process was killed",
                        folder.path().resolve(RunFolder.EVENTS));
                file.write('\n');
            }
        }
        file.seek(file.length());
        return file;
    }

    @Override
    public void onEvent(RunEvent event) {
        if (failed) {
            return;
        }
        try {
            if (event instanceof RunEvent.RunStarted started) {
                begin(started);
            } else if (event instanceof RunEvent.StateReached reached) {
                save(reached.state());
            }
            var line = EventLines.of(event);
            if (line.isPresent()) {
                append(line.get().toString());
            }
        } catch (IOException | RuntimeException | OutOfMemoryError e) {
            // Whatever it is: a run that goes on unsaved is not what its user counts on.
            fail(e instanceof UncheckedIOException unchecked ? unchecked.getCause() : e);
        }
    }

    private void fail(Throwable e) {
        failed = true;
        String reason = "The folder " + folder + " of the run cannot be written: " + RunFolder.reason(e)
                + "\nThe last checkpoint there is whole; maybe mend the reason, and resume?";
        log.error(reason, e);
        cancellation.cancel(reason);
    }

    private void begin(RunEvent.RunStarted event) throws IOException {
        String settings = event.settings().describe();
        folder.write(RunFolder.SETTINGS, settings);
        if (from.isPresent()) {
            append(EventLines.resumed(from.get().history().size() - 1).toString());
            return;
        }
        folder.writeModel(RunFolder.INITIAL, event.network());
        save(RunState.unmeasured(event.network(), event.settings().paretoCapacity(), Duration.ZERO));
        append(EventLines.started(settings, event.metric(), versions, modelSha256, event.network())
                .toString());
    }

    /** Models for people come first: a checkpoint that is there has all of them. */
    private void save(RunState state) throws IOException {
        NetworkGraph result = state.result().network();
        if (result != best) {
            folder.writeModel(RunFolder.BEST, result);
            folder.write(RunFolder.RECIPE, Recipe.of(state.result().journal()).toJson());
            best = result;
        }
        Files.createDirectories(folder.path().resolve(RunFolder.PARETO));
        List<String> names = new ArrayList<>();
        for (ParetoArchive.Entry entry : state.archive().entries()) {
            String name = String.format(Locale.ROOT, "%s/generation-%03d.zip", RunFolder.PARETO, entry.generation());
            names.add(name);
            if (pareto.add(name)) {
                folder.writeModel(name, entry.network());
            }
        }
        folder.write(state, versions.getOrDefault("dl4j-growingnn", "unknown"), networks);
        folder.keepOnlyPareto(names);
        pareto.retainAll(names);
        events.getFD().sync();
    }

    private void append(String line) throws IOException {
        events.write((line + "\n").getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public void close() {
        try {
            events.close();
            if (!folder.hasBegun()) {
                // The data or the model was refused: the same folder can be tried again.
                Files.deleteIfExists(folder.path().resolve(RunFolder.EVENTS));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            RunFolder.close(lock);
        }
    }

    @Override
    public String toString() {
        return "the folder " + folder;
    }
}
