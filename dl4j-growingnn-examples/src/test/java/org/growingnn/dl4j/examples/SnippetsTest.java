package org.growingnn.dl4j.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.StringWriter;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.deeplearning4j.datasets.iterator.utilty.ListDataSetIterator;
import org.deeplearning4j.util.ModelSerializer;
import org.growingnn.dl4j.Dl4jGraphs;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.MultiDataSet;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;

/** What README and docs show of Java compiles and runs, with less data and fewer steps. */
public class SnippetsTest {

    private static final Pattern SNIPPET = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);
    private static final int EXAMPLES = 60;
    private static final int BATCH = 30;

    private static final String BRIEF =
            ".generations(1).epochsPerGeneration(0).fineTuneEpochs(0).simulation(new SimulationSettings(20, 0.5, 1, 10))";

    /** What would take long; every one of them must be there. */
    private static final Map<String, String> SHORTER = new LinkedHashMap<>(Map.of(
            ".generations(20).epochsPerGeneration(1)", ".generations(1).epochsPerGeneration(1)",
            "Duration.ofSeconds(30)).maxEvaluations(200)", "Duration.ofSeconds(2)).maxEvaluations(2)",
            ".folder(folder).build()", ".folder(folder)" + BRIEF + ".build()",
            "Stoppers.left(Cost.LATENCY, 0.5)).build()", "Stoppers.left(Cost.LATENCY, 0.5))" + BRIEF + ".build()",
            ".pruneFrozenLayers(true).build()", ".pruneFrozenLayers(true)" + BRIEF + ".build()",
            ".settings(settings)", ".settings(settings).generations(1)",
            ".rounds(5,", ".rounds(2,",
            "model.fit(train, 10)", "model.fit(train, 1)"));

    private static final List<String> PACKAGES = List.of(
            "java.io",
            "java.nio.file",
            "java.time",
            "java.util",
            "java.util.stream",
            "org.deeplearning4j.nn.conf.inputs",
            "org.deeplearning4j.nn.conf.layers",
            "org.deeplearning4j.nn.graph",
            "org.deeplearning4j.nn.multilayer",
            "org.deeplearning4j.util",
            "org.growingnn.dl4j",
            "org.growingnn.dl4j.action",
            "org.growingnn.dl4j.examples.extension",
            "org.growingnn.dl4j.folder",
            "org.growingnn.dl4j.graph",
            "org.growingnn.dl4j.metric",
            "org.growingnn.dl4j.projection",
            "org.growingnn.dl4j.run",
            "org.growingnn.dl4j.score",
            "org.growingnn.dl4j.search",
            "org.growingnn.dl4j.testing",
            "org.growingnn.dl4j.training",
            "org.growingnn.dl4j.worker",
            "org.nd4j.evaluation.regression",
            "org.nd4j.linalg.api.buffer",
            "org.nd4j.linalg.dataset.api",
            "org.nd4j.linalg.dataset.api.iterator",
            "org.nd4j.linalg.dataset.api.preprocessor");

    @TempDir
    private static Path directory;

    @TestFactory
    Stream<DynamicTest> every_snippet_compiles_and_runs() throws IOException {
        List<Path> pages = new ArrayList<>(List.of(Repository.testModels("../README.md")));
        try (Stream<Path> docs = Files.list(Repository.testModels("../docs"))) {
            docs.filter(page -> page.toString().endsWith(".md")).sorted().forEach(pages::add);
        }
        List<DynamicTest> tests = new ArrayList<>();
        StringBuilder all = new StringBuilder();
        for (Path page : pages) {
            Matcher matcher = SNIPPET.matcher(Files.readString(page));
            while (matcher.find()) {
                String snippet = matcher.group(1);
                all.append(snippet);
                String name = "Snippet" + tests.size();
                tests.add(DynamicTest.dynamicTest(
                        page.getFileName() + ": " + snippet.lines().findFirst().orElse(""), () -> run(name, snippet)));
            }
        }
        assertThat(tests).hasSizeGreaterThan(8);
        assertThat(all.toString()).contains(SHORTER.keySet());
        return tests.stream();
    }

    private static void run(String name, String snippet) throws Exception {
        Path folder = Files.createDirectories(directory.resolve(name));
        Path source = Files.writeString(folder.resolve(name + ".java"), source(name, snippet, folder));
        compile(source);
        ModelSerializer.writeModel(
                TestModels.lenet(), folder.resolve("model.zip").toFile(), true);
        Files.writeString(
                folder.resolve("settings.json"), "{\"training\": {\"epochsPerGeneration\": 1, \"fineTuneEpochs\": 0}}");
        try (URLClassLoader loader =
                new URLClassLoader(new URL[] {folder.toUri().toURL()}, SnippetsTest.class.getClassLoader())) {
            ((Callable<?>) loader.loadClass(name).getDeclaredConstructor().newInstance()).call();
        }
    }

    private static String source(String name, String snippet, Path folder) {
        String code = snippet.replaceAll("(\\w+) = \\.\\.\\.", "$1 = this.$1");
        for (Map.Entry<String, String> entry : SHORTER.entrySet()) {
            code = code.replace(entry.getKey(), entry.getValue());
        }
        // Files are the test's own.
        code = code.replaceAll(
                "\"(run|\\w+\\.zip)\"",
                "\"" + Matcher.quoteReplacement(folder.toString().replace("\\", "\\\\")) + "/$1\"");
        StringBuilder text = new StringBuilder();
        PACKAGES.forEach(used -> text.append("import ").append(used).append(".*;\n"));
        return text.append("public class ")
                .append(name)
                .append(" implements java.util.concurrent.Callable<Object> {\n")
                .append("    DataSetIterator train = org.growingnn.dl4j.examples.SnippetsTest.digits();\n")
                .append("    DataSetIterator validation = org.growingnn.dl4j.examples.SnippetsTest.digits();\n")
                .append("    DataSetIterator test = org.growingnn.dl4j.examples.SnippetsTest.digits();\n")
                .append("    DataSetIterator iterator = train;\n")
                .append("    MultiDataSet batch = org.growingnn.dl4j.examples.SnippetsTest.batch();\n")
                .append("    InputType inputType = InputType.feedForward(784);\n")
                .append("    ComputationGraph model = org.growingnn.dl4j.examples.SnippetsTest.model();\n")
                .append("    MultiLayerNetwork imported = org.growingnn.dl4j.examples.SnippetsTest.chain();\n")
                .append("    Path path = Path.of(\"")
                .append(folder.resolve("settings.json").toString().replace("\\", "\\\\"))
                .append("\");\n    public Object call() throws Exception {\n")
                .append(code)
                .append("        return null;\n    }\n}\n")
                .toString();
    }

    private static void compile(Path source) throws IOException {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        StringWriter messages = new StringWriter();
        try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
            Iterable<? extends JavaFileObject> sources = files.getJavaFileObjects(source);
            boolean compiled = compiler.getTask(
                            messages,
                            files,
                            null,
                            List.of("-proc:none", "-classpath", System.getProperty("java.class.path")),
                            null,
                            sources)
                    .call();
            assertThat(compiled)
                    .as("%s%n%s", messages, Files.readString(source))
                    .isTrue();
        }
    }

    /** A few digits, for the snippets. */
    public static DataSetIterator digits() {
        List<DataSet> few = new ArrayList<>();
        DataSetIterator all = Mnist.bundled().train(BATCH, 1);
        while (few.size() * BATCH < EXAMPLES) {
            few.add(all.next());
        }
        return new ListDataSetIterator<>(few, BATCH);
    }

    /** Two digits, on which latency is measured quickly. */
    public static MultiDataSet batch() {
        return DataSet.merge(digits().next().asList().subList(0, 2)).toMultiDataSet();
    }

    /** The model of the snippets. */
    public static org.deeplearning4j.nn.graph.ComputationGraph model() {
        return TestModels.lenet();
    }

    /** A model that is a chain. */
    public static org.deeplearning4j.nn.multilayer.MultiLayerNetwork chain() {
        return Dl4jGraphs.toMultiLayerNetwork(Dl4jGraphs.read(TestModels.mlp()));
    }
}
