package org.growingnn.dl4j.examples;

import java.nio.file.Files;
import java.nio.file.Path;

/** Finds the models and data that lie beside the sources in the directory {@code src-test-models}. */
final class Repository {

    static final String PROPERTY = "growingnn.repository";

    private static final String DIRECTORY = "src-test-models";

    private Repository() {}

    /**
     * Returns a file or directory under {@code src-test-models} of the repository that the system property
     * {@code growingnn.repository} names, or else of the nearest parent of the working directory that has it.
     */
    static Path testModels(String name) {
        String configured = System.getProperty(PROPERTY);
        if (configured != null) {
            Path path = Path.of(configured, DIRECTORY, name).toAbsolutePath();
            if (!Files.exists(path)) {
                throw new IllegalStateException("The system property " + PROPERTY + " (" + configured
                        + ") must name the repository, but " + path + " does not exist.\n"
                        + "Maybe it names a module: give the directory that contains " + DIRECTORY + ".");
            }
            return path;
        }
        Path working = Path.of("").toAbsolutePath();
        for (Path directory = working; directory != null; directory = directory.getParent()) {
            Path path = directory.resolve(DIRECTORY).resolve(name);
            if (Files.exists(path)) {
                return path;
            }
        }
        throw new IllegalStateException("Neither the working directory (" + working + ") nor a parent of it contains "
                + DIRECTORY + "/" + name + ".\nMaybe the program runs outside the repository: add -D" + PROPERTY
                + "=path/to/dl4j-growingnn.");
    }
}
