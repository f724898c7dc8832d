package org.growingnn.dl4j.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.deeplearning4j.nn.api.Model;
import picocli.CommandLine.Option;

/** The file that a model is written to. */
final class OutputFile {

    @Option(
            names = {"-o", "--out"},
            paramLabel = "FILE",
            required = true,
            description = "where to write the model, a zip of Deeplearning4j")
    private Path out = Path.of("");

    @Option(names = "--force", description = "replace files that exist")
    private boolean force;

    Path path() {
        return out;
    }

    /**
     * Sees before any work whether the file can be written.
     *
     * @param original the model that was read, which is never written to
     * @throws InputException if it cannot
     */
    void require(LoadedModel original) {
        try {
            if (Files.exists(out) && Files.isSameFile(out, original.path())) {
                throw new InputException(
                        "--out " + out + " is the model that is read, which is never changed.\nMaybe another name?");
            }
        } catch (IOException e) {
            throw Inputs.unreadable(out, "file", e);
        }
        requireWritable(out, "--out", force);
    }

    /**
     * Sees whether a file can be written.
     *
     * @param file the file
     * @param option the option that names it
     * @param force whether it may be replaced
     * @throws InputException if it cannot
     */
    static void requireWritable(Path file, String option, boolean force) {
        Path parent = file.toAbsolutePath().getParent();
        if (Files.isDirectory(file)) {
            throw new InputException(option + " " + file + " is a directory.\nMaybe name a file in it?");
        }
        if (Files.exists(file) && !force) {
            throw new InputException(option + " " + file + " exists.\nMaybe another name, or --force to replace it?");
        }
        if (parent == null || !Files.isDirectory(parent)) {
            throw new InputException("The directory of " + option + " " + file + " does not exist.\nMaybe create it?");
        }
        if (!Files.isWritable(parent) || Files.exists(file) && !Files.isWritable(file)) {
            throw new InputException(option + " " + file + " may not be written.\nMaybe its permissions are wrong?");
        }
    }

    /** Writes a model, with everything else that the original's file holds. */
    void write(Model model, boolean updater, LoadedModel original) throws IOException {
        Models.write(model, updater, original, out);
    }
}
