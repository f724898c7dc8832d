package org.growingnn.dl4j.zoo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Tries every neuron action on every model of Deeplearning4j's zoo, one model at a time in a process of its own. */
@Command(
        name = "zoo-coverage",
        mixinStandardHelpOptions = true,
        description = "Tries every neuron action on every model of Deeplearning4j's zoo.")
public final class ZooCoverage implements Callable<Integer> {

    @Option(names = "--models", split = ",", description = "names of zoo classes, or KerasFunctional; all by default")
    private List<String> models;

    @Option(
            names = "--sample",
            defaultValue = "7",
            description = "trains every how many-th resized network (default: ${DEFAULT-VALUE})")
    private int sample;

    @Option(names = "--heap", defaultValue = "4g", description = "Java heap of a run (default: ${DEFAULT-VALUE})")
    private String heap;

    @Option(names = "--memory", defaultValue = "12g", description = "memory of a run (default: ${DEFAULT-VALUE})")
    private String memory;

    @Option(names = "--out", paramLabel = "FILE", description = "Markdown file to write, such as docs/zoo.md")
    private Path out;

    @Option(
            names = "--reports",
            paramLabel = "DIR",
            description = "directory for one report per model; a model whose report is there is not run again")
    private Path reports;

    private ZooCoverage() {}

    /**
     * Runs the models.
     *
     * @param arguments see {@code --help}
     */
    public static void main(String[] arguments) {
        System.exit(new CommandLine(new ZooCoverage()).execute(arguments));
    }

    @Override
    public Integer call() throws Exception {
        List<Specimen> specimens = models == null
                ? Specimens.all()
                : models.stream().map(Specimens::named).toList();
        List<ModelReport> results = new ArrayList<>();
        for (Specimen specimen : specimens) {
            ModelReport report = report(specimen);
            results.add(report);
            System.out.println(ZooTable.line(report));
            report.failures().forEach(failure -> System.out.println("  failed: " + failure));
        }
        String text = ZooTable.of(results);
        System.out.println();
        System.out.println(text);
        if (out != null) {
            Files.writeString(out, text);
        }
        return results.stream().allMatch(report -> report.failures().isEmpty()) ? 0 : 1;
    }

    private ModelReport report(Specimen specimen) throws IOException, InterruptedException {
        if (reports == null) {
            Path file = Files.createTempFile("zoo", ".json");
            try {
                return run(specimen, file);
            } finally {
                Files.delete(file);
            }
        }
        Path file = Files.createDirectories(reports).resolve(specimen.name() + ".json");
        return Files.exists(file) ? ModelReport.read(file) : run(specimen, file);
    }

    /** Runs a model in a process of its own, so that its memory goes back to the system. */
    private ModelReport run(Specimen specimen, Path file) throws IOException, InterruptedException {
        long started = System.nanoTime();
        int exit = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx" + heap,
                        "-Dorg.bytedeco.javacpp.maxphysicalbytes=" + memory,
                        "-classpath",
                        System.getProperty("java.class.path"),
                        ModelRun.class.getName(),
                        specimen.name(),
                        Integer.toString(sample),
                        file.toString())
                .inheritIO()
                .start()
                .waitFor();
        return exit == 0
                ? ModelReport.read(file)
                : ModelReport.failed(
                        specimen, "", "The process ended with " + exit + ".", (System.nanoTime() - started) / 1e9);
    }
}
