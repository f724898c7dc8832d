package org.growingnn.dl4j;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Enumeration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.util.ModelSerializer;
import org.growingnn.dl4j.search.MonteCarloTreeSearch;
import org.growingnn.dl4j.training.SimulationSettings;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;

class PlainModelTest {

    @TempDir
    private Path directory;

    private static ComputationGraph optimized() {
        return StructureOptimizer.builder()
                .epochsPerGeneration(1)
                .train(TestData.clouds(300, 50, 1))
                .generations(3)
                .search(MonteCarloTreeSearch.builder().maxEvaluations(14).build())
                .simulation(new SimulationSettings(60, 0.5, 1, 15))
                .build()
                .optimize(TestData.trainedGraph())
                .graph();
    }

    @Test
    void a_saved_result_loads_runs_and_trains_in_a_process_without_this_library() throws Exception {
        ComputationGraph model = optimized();
        DataSet data = TestData.cloud(6, 9);
        File zip = directory.resolve("model.zip").toFile();
        ModelSerializer.writeModel(model, zip, true);
        File examples = directory.resolve("examples.bin").toFile();
        data.save(examples);
        Path program = directory.resolve("LoadModel.java");
        try (InputStream source = PlainModelTest.class.getResourceAsStream("/plain/LoadModel.java")) {
            Files.copy(source, program);
        }

        List<String> lines = run(program, zip, examples);

        List<String> expected = new ArrayList<>(List.of("without the library"));
        INDArray output = model.outputSingle(data.getFeatures());
        for (long i = 0; i < output.length(); i++) {
            expected.add("output " + output.getFloat(i));
        }
        expected.add("fitted true " + (model.getIterationCount() + 1));
        assertThat(lines).containsSubsequence(expected);
    }

    private List<String> run(Path program, File zip, File examples) throws IOException, InterruptedException {
        String classPath = Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(entry -> entry.endsWith(".jar") && !entry.contains("dl4j-growingnn"))
                .collect(Collectors.joining(File.pathSeparator));
        Path log = directory.resolve("output.txt");
        ProcessBuilder builder = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                program.toString(),
                zip.toString(),
                examples.toString());
        // An environment variable, because class paths are longer than some systems allow on a command line.
        builder.environment().put("CLASSPATH", classPath);
        Process process =
                builder.redirectErrorStream(true).redirectOutput(log.toFile()).start();
        assertThat(process.waitFor(3, TimeUnit.MINUTES)).as("finished").isTrue();
        List<String> lines = Files.readAllLines(log);
        assertThat(process.exitValue()).as(String.join("\n", lines)).isZero();
        return lines;
    }

    @Test
    void a_saved_result_names_no_class_of_this_library() throws IOException {
        File zip = directory.resolve("model.zip").toFile();
        ModelSerializer.writeModel(optimized(), zip, true);
        try (ZipFile file = new ZipFile(zip)) {
            Enumeration<? extends ZipEntry> entries = file.entries();
            while (entries.hasMoreElements()) {
                ZipEntry entry = entries.nextElement();
                String content = new String(file.getInputStream(entry).readAllBytes(), StandardCharsets.ISO_8859_1);
                assertThat(content).as(entry.getName()).doesNotContain("growingnn");
            }
        }
    }
}
