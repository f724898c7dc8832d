package org.growingnn.dl4j.benchmarks;

import java.io.File;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DepthwiseConvolution2D;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.growingnn.dl4j.Dl4jGraphs;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.training.Calibrator;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** How long calibration without labels takes, next to a forward pass over the same images, and how much memory. */
@Command(
        name = "calibration-speed",
        mixinStandardHelpOptions = true,
        description = "Calibrates a network of the shape of MobileNetV2 with random weights on random images.")
public final class CalibrationSpeed implements Callable<Integer> {

    /** Expansion, channels, repetitions and first stride of each group of blocks. */
    private static final int[][] GROUPS = {
        {1, 16, 1, 1}, {6, 24, 2, 2}, {6, 32, 3, 2}, {6, 64, 4, 2}, {6, 96, 3, 1}, {6, 160, 3, 2}, {6, 320, 1, 1}
    };

    @Option(names = "--images", defaultValue = "48", description = "number of images (default: ${DEFAULT-VALUE})")
    private int images;

    @Option(names = "--size", defaultValue = "224", description = "height and width (default: ${DEFAULT-VALUE})")
    private int size;

    @Option(
            names = "--forward",
            defaultValue = "8",
            description = "images in each batch of the forward pass (default: ${DEFAULT-VALUE})")
    private int forward;

    @Option(
            names = "--only",
            defaultValue = "CALIBRATION",
            description = "what to do: ${COMPLETION-CANDIDATES}; a process that does one thing tells what that takes"
                    + " (default: ${DEFAULT-VALUE})")
    private Part only;

    @Option(
            names = "--memory",
            defaultValue = "0",
            description = "limit of the calibrator's native memory, MiB; 0 for none (default: ${DEFAULT-VALUE})")
    private long memory;

    @Option(names = "--out", paramLabel = "FILE", description = "where to write the table, too")
    private File out;

    private String last = "in";

    private enum Part {
        FORWARD,
        CALIBRATION
    }

    private CalibrationSpeed() {}

    /**
     * Runs the benchmark.
     *
     * @param arguments see {@code --help}
     */
    public static void main(String[] arguments) {
        System.exit(new CommandLine(new CalibrationSpeed()).execute(arguments));
    }

    @Override
    public Integer call() throws IOException {
        ComputationGraph model = network();
        NetworkGraph network = Dl4jGraphs.read(model, InputType.convolutional(size, size, 3));
        Nd4j.getRandom().setSeed(1);
        INDArray data = Nd4j.rand(images, 3, size, size);
        // What calibration takes stands beside a model that exists already.
        System.gc();
        long before = ProcessMemory.residentMebibytes();
        long start = System.nanoTime();
        if (only == Part.FORWARD) {
            pass(model, data);
        } else {
            Calibrator calibrator = new Calibrator().momentsOnly();
            (memory == 0 ? calibrator : calibrator.withNativeMemory(memory << 20))
                    .calibrate(network, List.of(new MultiDataSet(data, null)));
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        long peak = ProcessMemory.peakMebibytes();

        MarkdownTable table = new MarkdownTable(
                images + " images of " + size + " x " + size,
                List.of("what", "limit, MiB", "parameters", "s", "resident before, MiB", "peak, MiB", "more, MiB"));
        table.row(List.of(
                only == Part.FORWARD ? "forward pass in batches of " + forward : "calibration without labels",
                only == Part.FORWARD || memory == 0 ? "" : String.valueOf(memory),
                String.valueOf(network.parameterCount()),
                String.format(Locale.ROOT, "%.1f", seconds),
                String.valueOf(before),
                String.valueOf(peak),
                String.valueOf(peak - before)));
        table.show(out);
        return 0;
    }

    private void pass(ComputationGraph model, INDArray data) {
        for (int from = 0; from < data.size(0); from += forward) {
            model.output(data.get(NDArrayIndex.interval(from, Math.min(data.size(0), from + forward)))
                    .dup('c'));
        }
    }

    private ComputationGraph network() {
        GraphBuilder builder =
                new NeuralNetConfiguration.Builder().seed(1).graphBuilder().addInputs("in");
        convolution(builder, "first", 3, 2, 32, true);
        int channels = 32;
        int block = 0;
        for (int[] group : GROUPS) {
            for (int i = 0; i < group[2]; i++) {
                int stride = i == 0 ? group[3] : 1;
                String name = "block" + block++;
                List<String> start = new ArrayList<>(List.of(last));
                if (group[0] > 1) {
                    convolution(builder, name + "-expand", 1, 1, group[0] * channels, true);
                }
                depthwise(builder, name + "-depthwise", stride);
                convolution(builder, name + "-project", 1, 1, group[1], false);
                if (stride == 1 && channels == group[1]) {
                    start.add(last);
                    builder.addVertex(
                            name + "-add",
                            new ElementWiseVertex(ElementWiseVertex.Op.Add),
                            start.toArray(String[]::new));
                    last = name + "-add";
                }
                channels = group[1];
            }
        }
        convolution(builder, "last", 1, 1, 1280, true);
        builder.addLayer("pool", new GlobalPoolingLayer.Builder(PoolingType.AVG).build(), last)
                .addLayer(
                        "out",
                        new OutputLayer.Builder(LossFunction.MCXENT)
                                .nOut(1000)
                                .activation(Activation.SOFTMAX)
                                .build(),
                        "pool")
                .setOutputs("out")
                .setInputTypes(InputType.convolutional(size, size, 3));
        ComputationGraph model = new ComputationGraph(builder.build());
        model.init();
        return model;
    }

    private void convolution(
            GraphBuilder builder, String name, int kernel, int stride, int channels, boolean activated) {
        builder.addLayer(
                name,
                new ConvolutionLayer.Builder(kernel, kernel)
                        .stride(stride, stride)
                        .convolutionMode(ConvolutionMode.Same)
                        .hasBias(false)
                        .nOut(channels)
                        .activation(Activation.IDENTITY)
                        .build(),
                last);
        normalised(builder, name, activated);
    }

    private void depthwise(GraphBuilder builder, String name, int stride) {
        builder.addLayer(
                name,
                new DepthwiseConvolution2D.Builder(3, 3)
                        .stride(stride, stride)
                        .convolutionMode(ConvolutionMode.Same)
                        .hasBias(false)
                        .depthMultiplier(1)
                        .activation(Activation.IDENTITY)
                        .build(),
                last);
        normalised(builder, name, true);
    }

    private void normalised(GraphBuilder builder, String name, boolean activated) {
        builder.addLayer(name + "-norm", new BatchNormalization(), name);
        last = name + "-norm";
        if (activated) {
            builder.addLayer(
                    name + "-relu",
                    new ActivationLayer.Builder().activation(Activation.RELU6).build(),
                    last);
            last = name + "-relu";
        }
    }
}
