package org.growingnn.dl4j.folder;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
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
    private final NetworkFiles networks;
    private final RandomAccessFile events;
    private final Optional<RunState> from;
    private Optional<String> failure = Optional.empty();
    private boolean known;
    private @Nullable NetworkGraph best;
    private final Map<String, NetworkGraph> pareto = new HashMap<>();

    private RunRecorder(
            RunFolder folder,
            Map<String, String> versions,
            String modelSha256,
            Optional<RunState> from,
            Cancellation cancellation)
            throws IOException {
        this.folder = folder;
        this.versions = versions;
        this.modelSha256 = modelSha256;
        this.cancellation = cancellation;
        this.from = from;
        this.networks = folder.networks();
        this.events = events(folder);
    }

    /**
     * Begins to write.
     *
     * @param folder a new folder, or that of a run which goes on; {@linkplain RunFolder#lock locked}
     * @param versions versions of the software by name
     * @param modelSha256 hash of the model that the run is given
     * @param from the state that the run goes on from; empty for a new run
     * @param cancellation asked to end the run if the folder cannot be written
     * @return the recorder, to be closed behind the run
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
        try {
            return new RunRecorder(folder, versions, modelSha256, from, cancellation);
        } catch (IOException e) {
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
        if (failure.isPresent()) {
            return;
        }
        // Whoever interrupts the run wants its result; files would be closed by the interrupt.
        boolean interrupted = Thread.interrupted();
        try {
            if (event instanceof RunEvent.RunStarted started) {
                interrupted |= begin(started);
            } else if (event instanceof RunEvent.StateReached reached) {
                known = true;
                interrupted |= save(reached.state());
            } else if (event instanceof RunEvent.RunEnded) {
                known = true;
            }
            var line = EventLines.of(event);
            if (line.isPresent()) {
                append(line.get().toString());
            }
        } catch (IOException | RuntimeException | OutOfMemoryError e) {
            // Whatever it is: a run that goes on unsaved is not what its user counts on.
            fail(e instanceof UncheckedIOException unchecked ? unchecked.getCause() : e);
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /**
     * Tells why nothing was written any more.
     *
     * @return empty if all was written
     */
    public Optional<String> failure() {
        return failure;
    }

    private void fail(Throwable e) {
        String reason = "The folder " + folder + " of the run cannot be written: " + RunFolder.reason(e)
                + (folder.hasBegun()
                        ? "\nThe last checkpoint there is whole; maybe mend the reason, and resume?"
                        : "\nMaybe mend the reason, and begin anew?");
        failure = Optional.of(reason);
        log.error(reason, e);
        cancellation.cancel(reason);
    }

    /** Saves a state, and tells whether the thread was interrupted meanwhile. */
    private boolean save(RunState state) throws IOException {
        boolean interrupted = false;
        while (true) {
            try {
                write(state);
                return interrupted;
            } catch (ClosedByInterruptException e) {
                interrupted = Thread.interrupted();
            }
        }
    }

    /** Writes what the run begins with, and tells whether the thread was interrupted meanwhile. */
    private boolean begin(RunEvent.RunStarted event) throws IOException {
        String settings = event.settings().describe();
        boolean interrupted = false;
        if (from.isPresent()) {
            RunState state = from.get();
            if (state.phase() != RunState.Phase.ENDED) {
                // Another target opened the run again: that holds for whoever resumes it before its next checkpoint,
                // too.
                interrupted = save(state);
                folder.write(RunFolder.SETTINGS, settings);
            }
            append(EventLines.resumed(state.history().size() - 1).toString());
            return interrupted;
        }
        folder.write(RunFolder.SETTINGS, settings);
        folder.writeModel(RunFolder.INITIAL, event.network());
        interrupted = save(RunState.unmeasured(event.network(), event.settings().paretoCapacity(), Duration.ZERO));
        append(EventLines.started(settings, event.metric(), versions, modelSha256, event.network())
                .toString());
        return interrupted;
    }

    /** Models for people come first: a checkpoint that is there has all of them. */
    private void write(RunState state) throws IOException {
        NetworkGraph result = state.result().network();
        if (result != best) {
            folder.writeModel(RunFolder.BEST, result);
            writeRecipe(state);
            best = result;
        }
        Files.createDirectories(folder.path().resolve(RunFolder.PARETO));
        List<String> names = new ArrayList<>();
        for (ParetoArchive.Entry entry : state.archive().entries()) {
            String name = String.format(Locale.ROOT, "%s/generation-%03d.zip", RunFolder.PARETO, entry.generation());
            names.add(name);
            // Generation 0 is another model behind the initial epochs.
            if (pareto.get(name) != entry.network()) {
                folder.writeModel(name, entry.network());
                pareto.put(name, entry.network());
            }
        }
        folder.write(state, versions.getOrDefault("dl4j-growingnn", "unknown"), networks);
        folder.keepOnlyPareto(names);
        pareto.keySet().retainAll(names);
        events.getFD().sync();
    }

    /** A projection of the program's own has no name that a recipe could say. */
    private void writeRecipe(RunState state) throws IOException {
        try {
            folder.write(RunFolder.RECIPE, Recipe.of(state.result().journal()).toJson());
        } catch (IllegalArgumentException e) {
            log.warn("The run has no recipe: {}", e.getMessage());
        }
    }

    private void append(String line) throws IOException {
        events.write((line + "\n").getBytes(StandardCharsets.UTF_8));
    }

    /** A run whose data or model was refused leaves the folder to another try. What fails here costs no result. */
    @Override
    public void close() {
        try {
            events.close();
            if (from.isEmpty() && !known) {
                folder.forget();
            }
        } catch (IOException e) {
            log.warn("The folder {} cannot be left as it should be", folder, e);
        }
    }

    @Override
    public String toString() {
        return "the folder " + folder;
    }
}
