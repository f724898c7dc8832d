package org.growingnn.dl4j;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.growingnn.dl4j.folder.RunFolder;
import org.growingnn.dl4j.search.Cancellation;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A process that is killed at random moments, again and again, and resumed each time. */
class KilledRunTest {

    private static final int KILLS = 10;
    private static final int GENERATIONS = 25;

    /** Longer than it takes from one event to the next, and than the writing of a checkpoint. */
    private static final int LATEST_MILLIS = 400;

    @TempDir
    private Path directory;

    /** Begins or resumes the run in a folder. */
    public static void main(String[] arguments) {
        Path path = Path.of(arguments[0]);
        if (Files.isRegularFile(path.resolve("checkpoint.json"))) {
            RunFolderTest.optimizer(GENERATIONS).build().resume(RunFolder.open(path), Cancellation.never());
        } else {
            RunFolderTest.optimizer(GENERATIONS)
                    .folder(RunFolder.create(path))
                    .build()
                    .optimize(RunFolderTest.model());
        }
    }

    private Process start(Path folder) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx1g",
                "-XX:TieredStopAtLevel=1",
                KilledRunTest.class.getName(),
                folder.toString());
        builder.environment().put("CLASSPATH", System.getProperty("java.class.path"));
        return builder.redirectErrorStream(true).redirectOutput(log()).start();
    }

    private File log() {
        return directory.resolve("log.txt").toFile();
    }

    @Test
    void a_run_that_is_killed_ten_times_ends_with_the_model_of_one_that_was_not() throws Exception {
        Path folder = directory.resolve("run");
        Path events = folder.resolve(RunFolder.EVENTS);
        long seed = System.nanoTime();
        Random random = new Random(seed);
        int killed = 0;
        int generation = 0;
        while (killed < KILLS) {
            long before = Files.exists(events) ? Files.size(events) : 0;
            Process process = start(folder);
            try {
                while (process.isAlive() && (!Files.exists(events) || Files.size(events) == before)) {
                    Thread.sleep(5);
                }
                Thread.sleep(random.nextInt(LATEST_MILLIS));
            } finally {
                process.destroyForcibly();
            }
            assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
            killed++;
            if (Files.isRegularFile(folder.resolve("checkpoint.json"))) {
                int reached = RunFolder.open(folder).state().history().size();
                assertThat(reached)
                        .as("generations behind kill %d, seed %d", killed, seed)
                        .isGreaterThanOrEqualTo(generation);
                generation = reached;
            }
        }
        Process last = start(folder);
        assertThat(last.waitFor(3, TimeUnit.MINUTES)).isTrue();
        assertThat(last.exitValue()).as(Files.readString(log().toPath())).isZero();

        OptimizationResult whole = RunFolderTest.optimizer(GENERATIONS).build().optimize(RunFolderTest.model());
        OptimizationResult resumed =
                RunFolderTest.optimizer(GENERATIONS).build().resume(RunFolder.open(folder), Cancellation.never());
        assertThat(RunFolderTest.bits(resumed)).as("seed %d", seed).isEqualTo(RunFolderTest.bits(whole));
        assertThat(resumed.history()).hasSameSizeAs(whole.history());
    }
}
