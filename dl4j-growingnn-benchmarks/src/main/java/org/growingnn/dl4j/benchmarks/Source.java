package org.growingnn.dl4j.benchmarks;

import java.nio.file.Path;
import org.deeplearning4j.nn.api.Model;
import org.growingnn.dl4j.examples.Mnist;
import picocli.CommandLine.Option;

/** Options of programs that start from a bundled model. */
final class Source {

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = "directory with MNIST's four IDX files; the bundled digits by default")
    private Path data;

    @Option(
            names = "--network",
            defaultValue = "lenet",
            description = "mlp, lenet or rescnn (default: ${DEFAULT-VALUE})")
    private String network;

    Mnist mnist() {
        return Mnist.find(data);
    }

    String network() {
        return network;
    }

    Model model() {
        return Protocol.bundled(network);
    }
}
