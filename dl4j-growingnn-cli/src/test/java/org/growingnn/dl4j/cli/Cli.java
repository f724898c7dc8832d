package org.growingnn.dl4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URISyntaxException;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.nd4j.shade.jackson.core.JsonProcessingException;
import org.nd4j.shade.jackson.databind.JsonNode;

/** Runs commands as users do, in processes of their own, or in this one where only the answer counts. */
final class Cli {

    private static final long MOST_SECONDS = 120;

    private Cli() {}

    /**
     * What a command left.
     *
     * @param code its exit code
     * @param out its standard output
     * @param err its standard error
     */
    record Result(int code, String out, String err) {

        Result done() {
            assertThat(code).as(err).isEqualTo(ExitCode.DONE);
            return this;
        }

        /** Checks that there is one message, and nothing else. */
        Result refused(String... parts) {
            assertThat(code).as(err).isEqualTo(ExitCode.WRONG_INPUT);
            assertThat(out).isEmpty();
            assertThat(err).startsWith("growingnn: ").contains(parts).doesNotContain("\tat ");
            return this;
        }

        JsonNode json() {
            try {
                return Json.read(out);
            } catch (JsonProcessingException e) {
                throw new AssertionError("No JSON: " + out, e);
            }
        }
    }

    static Path repository(String file) {
        return Path.of(System.getProperty("growingnn.repository", "..")).resolve(file);
    }

    static String model(String name) {
        return repository("src-test-models/" + name + "/model.zip").toString();
    }

    static String mnist() {
        return repository("src-test-models/mnist").toString();
    }

    /** Finds a file of the tests' own. */
    static Path resource(String name) {
        try {
            return Path.of(Cli.class.getResource("/" + name).toURI());
        } catch (URISyntaxException e) {
            throw new AssertionError(name, e);
        }
    }

    /** Starts a process. */
    static Result start(Object... arguments) throws IOException, InterruptedException {
        return start(command("-Xmx1g", arguments));
    }

    /** Gives the command line of a process. */
    static List<String> command(String heap, Object... arguments) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:-UsePerfData",
                heap,
                "-Dorg.bytedeco.javacpp.maxPhysicalBytes=0",
                "-classpath",
                System.getProperty("java.class.path"),
                GrowingnnCommand.class.getName()));
        for (Object argument : arguments) {
            command.add(argument.toString());
        }
        return command;
    }

    /** Starts a process. */
    static Result start(List<String> command) throws IOException, InterruptedException {
        File out = File.createTempFile("growingnn", ".out");
        File err = File.createTempFile("growingnn", ".err");
        try {
            ProcessBuilder builder =
                    new ProcessBuilder(command).redirectOutput(out).redirectError(err);
            builder.environment().put("OMP_NUM_THREADS", "1");
            Process process = builder.start();
            if (!process.waitFor(MOST_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new AssertionError("It takes longer than " + MOST_SECONDS + " s: " + command);
            }
            return new Result(process.exitValue(), text(out), text(err));
        } finally {
            Files.delete(out.toPath());
            Files.delete(err.toPath());
        }
    }

    private static String text(File file) throws IOException {
        return Files.readString(file.toPath(), Charset.defaultCharset()).replace("\r\n", "\n");
    }

    /** Runs a command in this process. */
    static Result run(Object... arguments) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        String[] texts = new String[arguments.length];
        for (int i = 0; i < texts.length; i++) {
            texts[i] = arguments[i].toString();
        }
        int code = GrowingnnCommand.run(new PrintStream(out), new PrintStream(err), texts);
        return new Result(code, out.toString(Charset.defaultCharset()), err.toString(Charset.defaultCharset()));
    }
}
