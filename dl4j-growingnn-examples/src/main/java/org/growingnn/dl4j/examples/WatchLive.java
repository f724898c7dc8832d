package org.growingnn.dl4j.examples;

import java.util.concurrent.Callable;
import org.deeplearning4j.config.DL4JSystemProperties;
import org.deeplearning4j.core.storage.StatsStorage;
import org.deeplearning4j.ui.api.UIServer;
import org.deeplearning4j.ui.model.stats.StatsListener;
import org.deeplearning4j.ui.model.storage.InMemoryStatsStorage;
import org.growingnn.dl4j.OptimizationResult;
import org.growingnn.dl4j.StructureOptimizer;
import org.growingnn.dl4j.run.Stoppers;
import org.growingnn.dl4j.score.Score;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Shows the training of a run live in Deeplearning4j's own user interface. */
@Command(
        name = "watch-live",
        mixinStandardHelpOptions = true,
        description = {
            "Shrinks the trained perceptron of src-test-models while Deeplearning4j's UIServer shows its training.",
            "The server answers every machine that reaches this one, without a password."
        })
public final class WatchLive implements Callable<Integer> {

    private static final int BATCH = 64;
    private static final int EVERY = 5;

    @Option(names = "--seed", defaultValue = "42", description = "random seed (default: ${DEFAULT-VALUE})")
    private long seed;

    @Option(
            names = "--seconds",
            description = "how long to go on showing the run when it is over; until Ctrl-C by default")
    private Long seconds;

    @Option(names = "--port", defaultValue = "9000", description = "port of the server (default: ${DEFAULT-VALUE})")
    private int port;

    private WatchLive() {}

    /**
     * Runs the example.
     *
     * @param arguments see {@code --help}
     */
    public static void main(String[] arguments) {
        System.exit(new CommandLine(new WatchLive()).execute(arguments));
    }

    @Override
    public Integer call() throws InterruptedException {
        System.setProperty(DL4JSystemProperties.UI_SERVER_PORT_PROPERTY, String.valueOf(port));
        StatsStorage storage = new InMemoryStatsStorage();
        UIServer server = UIServer.getInstance();
        server.attach(storage);
        System.out.printf(
                "Watch the run at %s/train/overview; the server listens on all of this machine's addresses.%n%n",
                server.getAddress());

        OptimizationResult result = StructureOptimizer.builder()
                .train(Mnist.bundled().train(BATCH, seed))
                .generations(8)
                .epochsPerGeneration(1)
                .fineTuneEpochs(2)
                .score(Score.accuracy(1).compression(1))
                .maxDrop(0.03)
                .stopWhen(Stoppers.reduction(0.9))
                .seed(seed)
                .listener(new ProgressLines(System.out))
                .trainingListeners(new StatsListener(storage, EVERY))
                .build()
                .optimize(TestModels.mlp());

        System.out.printf(
                "%n%,d -> %,d parameters; %s%n",
                result.initialParameters(),
                result.parameters(),
                seconds == null ? "end the program by Ctrl-C" : "the page stays for " + seconds + " seconds");
        Thread.sleep(seconds == null ? Long.MAX_VALUE : 1000 * seconds);
        server.stop();
        return 0;
    }
}
