package org.growingnn.dl4j.spark;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.zoo.model.ResNet50;
import org.growingnn.dl4j.Dl4jGraphs;
import org.growingnn.dl4j.GrowingNN;
import org.growingnn.dl4j.action.Actions;
import org.growingnn.dl4j.action.StructuralAction;
import org.growingnn.dl4j.adapter.NetworkBytes;
import org.growingnn.dl4j.data.TrainingData;
import org.growingnn.dl4j.examples.Mnist;
import org.growingnn.dl4j.examples.TestModels;
import org.growingnn.dl4j.graph.Calibration;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.graph.Tensor;
import org.growingnn.dl4j.metric.Metrics;
import org.growingnn.dl4j.metric.Reading;
import org.growingnn.dl4j.projection.Projections;
import org.growingnn.dl4j.score.Measurement;
import org.growingnn.dl4j.score.Score;
import org.growingnn.dl4j.score.ScoreTerm;
import org.growingnn.dl4j.search.Cancellation;
import org.growingnn.dl4j.search.Candidate;
import org.growingnn.dl4j.search.CandidateExecutor;
import org.growingnn.dl4j.search.Evaluator;
import org.growingnn.dl4j.search.ThreadExecutor;
import org.growingnn.dl4j.training.BlasThreads;
import org.growingnn.dl4j.training.Calibrator;
import org.growingnn.dl4j.training.CandidateEvaluator;
import org.growingnn.dl4j.training.EvaluationTask;
import org.growingnn.dl4j.training.SimulationSet;
import org.growingnn.dl4j.training.SimulationSettings;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** What it costs to evaluate candidates on Spark: bytes, time beside threads in the same run, and how that grows with executors. */
@Command(
        name = "spark-speed",
        mixinStandardHelpOptions = true,
        description = "Evaluates the same candidates on threads and on Spark, in turns.")
final class SparkSpeed implements Callable<Integer> {

    private static final int WARM = 100;

    @Option(
            names = "--measure",
            defaultValue = "speed",
            description =
                    "speed (beside threads), bytes, growth (with evaluations that sleep), or model (by the numbers that are"
                            + " given; default: ${DEFAULT-VALUE})")
    private String measure;

    @Option(names = "--network", defaultValue = "lenet", description = "lenet or resnet50 (default: ${DEFAULT-VALUE})")
    private String network;

    @Option(
            names = {"-w", "--workers"},
            description = "start a cluster of so many workers on this machine; without it, local[2]")
    private int workers;

    @Option(names = "--candidates", defaultValue = "8", description = "of one turn (default: ${DEFAULT-VALUE})")
    private int candidates;

    @Option(names = "--runs", defaultValue = "7", description = "turns of each (default: ${DEFAULT-VALUE})")
    private int runs;

    @Option(names = "--trained", description = "bring trained networks back, as tree search does")
    private boolean trained;

    @Option(
            names = "--sleep",
            defaultValue = "2000",
            description = "milliseconds of an evaluation, for --measure growth (default: ${DEFAULT-VALUE})")
    private long sleep;

    @Option(
            names = "--slots",
            split = ",",
            defaultValue = "1,4,16,64",
            description = "candidates at once, for --measure growth and model (default: ${DEFAULT-VALUE})")
    private List<Integer> slots;

    @Option(names = "--seconds", defaultValue = "2", description = "of an evaluation, for --measure model")
    private double seconds;

    @Option(
            names = "--driver",
            defaultValue = "0.03",
            description = "seconds of the driver's processors, for --measure model")
    private double driver;

    @Option(names = "--cores", defaultValue = "2", description = "processors of the driver, for --measure model")
    private int cores;

    @Option(
            names = "--megabytes",
            defaultValue = "5",
            description = "of a candidate and its answer, for --measure model")
    private double megabytes;

    @Option(
            names = "--gigabits",
            defaultValue = "10",
            description = "per second of the driver's network, for --measure model")
    private double gigabits;

    @Option(names = "--batch", defaultValue = "400", description = "candidates of a generation, for --measure model")
    private int batch;

    private SparkSpeed() {}

    /**
     * Runs the benchmark.
     *
     * @param arguments see {@code --help}
     */
    public static void main(String[] arguments) {
        GrowingNN.useOneDnn();
        System.exit(new CommandLine(new SparkSpeed()).execute(arguments));
    }

    @Override
    @SuppressWarnings("try") // The lease is only held.
    public Integer call() throws IOException, InterruptedException {
        try (BlasThreads single = BlasThreads.single()) {
            switch (measure) {
                case "bytes" -> bytes();
                case "growth" -> growth();
                case "model" -> model();
                case "speed" -> {
                    if (workers == 0) {
                        speed("local[2]");
                    } else {
                        try (StandaloneCluster cluster = StandaloneCluster.start(workers)) {
                            speed(cluster.url());
                        }
                    }
                }
                default ->
                    throw new IllegalArgumentException(
                            "--measure (" + measure + ") must be speed, bytes, growth or model.");
            }
        }
        return 0;
    }

    private ComputationGraph live() {
        if (network.equals("lenet")) {
            return TestModels.lenet();
        }
        ComputationGraph resnet = ResNet50.builder()
                .numClasses(1000)
                .inputShape(new int[] {3, 96, 96})
                .build()
                .init();
        // Nobody has trained it: with the weights that it draws, answers overflow.
        resnet.params().muli(0.05);
        return resnet;
    }

    /** Images of noise suffice to pass through a network that nobody has trained. */
    private static MultiDataSet noise(int examples) {
        INDArray labels = Nd4j.zeros(examples, 1000);
        IntStream.range(0, examples).forEach(i -> labels.putScalar(i, i, 1));
        return new MultiDataSet(Nd4j.rand('c', examples, 3, 96, 96), labels);
    }

    private CandidateEvaluator evaluator(NetworkGraph root, SimulationSettings settings, Score score) {
        SimulationSet set = network.equals("lenet")
                ? SimulationSet.draw(TrainingData.of(Mnist.bundled().train(100, 1)), settings, 1)
                : new SimulationSet(List.of(noise(settings.batchSize())), List.of(noise(settings.batchSize())), true);
        return new CandidateEvaluator(
                set, settings, score, root, OptionalDouble.empty(), Metrics.accuracy(), Reading.NONE);
    }

    private static List<Candidate> some(NetworkGraph root, List<StructuralAction> actions, int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> Candidate.root(root).then(actions.get(i % actions.size()), Projections.importance()))
                .toList();
    }

    private void speed(String master) {
        NetworkGraph root = Dl4jGraphs.read(live());
        SimulationSettings settings =
                network.equals("lenet") ? SimulationSettings.DEFAULT : new SimulationSettings(16, 0.5, 1, 8);
        CandidateEvaluator all = evaluator(root, settings, Score.accuracy(1).relativeParameters(1));
        Evaluator evaluator = trained ? all : all.gradesOnly();
        List<StructuralAction> actions = Actions.neurons().generate(root).toList();
        try (CandidateExecutor spark = SparkExecution.on(master).executor(1);
                CandidateExecutor threads = new ThreadExecutor(spark.parallelism())) {
            long begin = System.nanoTime();
            spark.requireAble(evaluator, root);
            System.out.printf(
                    "%s on %s, %d at once, %s; check %.1f s%n",
                    network,
                    master.replaceFirst(":\\d+$", ""),
                    spark.parallelism(),
                    evaluator == all ? "trained networks" : "grades only",
                    (System.nanoTime() - begin) / 1e9);
            warmUp(threads, root, actions);
            warmUp(spark, root, actions);
            turn(threads, evaluator, root, actions);
            turn(spark, evaluator, root, actions);
            double[] times = new double[runs];
            double[] processors = new double[runs];
            for (int run = 0; run < runs; run++) {
                // Who comes first changes, so that what the machine does besides favours nobody.
                Cost first = cost(run % 2 == 0 ? threads : spark, evaluator, root, actions);
                Cost second = cost(run % 2 == 0 ? spark : threads, evaluator, root, actions);
                Cost here = run % 2 == 0 ? first : second;
                Cost there = run % 2 == 0 ? second : first;
                times[run] = there.seconds / here.seconds;
                processors[run] = there.processors / here.processors;
                System.out.printf(
                        "threads %.2f s (%.2f s of processors), spark %.2f s (%.2f s)%n",
                        here.seconds, here.processors, there.seconds, there.processors);
            }
            show("time", times);
            show("processor time of all processes", processors);
        }
    }

    /** Many quick evaluations: the first ones load classes and are interpreted, which a run of thousands does not notice. */
    private void warmUp(CandidateExecutor executor, NetworkGraph root, List<StructuralAction> actions) {
        Evaluator quick = evaluator(root, SimulationSettings.untrained(2), Score.accuracy(1))
                .gradesOnly();
        executor.evaluate(
                quick,
                some(root, actions, WARM),
                1,
                Cancellation.never(),
                evaluated -> evaluated.evaluation().orElseThrow());
    }

    private static void show(String what, double[] ratios) {
        Arrays.sort(ratios);
        System.out.printf(
                "%s on spark, relative to threads: median %.3f, least %.3f, most %.3f%n",
                what, ratios[ratios.length / 2], ratios[0], ratios[ratios.length - 1]);
    }

    private record Cost(double seconds, double processors) {}

    private Cost cost(
            CandidateExecutor executor, Evaluator evaluator, NetworkGraph root, List<StructuralAction> actions) {
        double before = processorSeconds();
        double seconds = turn(executor, evaluator, root, actions);
        return new Cost(seconds, processorSeconds() - before);
    }

    /** Of this process and of the cluster's, however many others the machine works for. */
    private static double processorSeconds() {
        return Stream.concat(
                        Stream.of(ProcessHandle.current()),
                        ProcessHandle.current().descendants())
                .flatMap(process -> process.info().totalCpuDuration().stream())
                .mapToDouble(time -> time.toNanos() / 1e9)
                .sum();
    }

    private double turn(
            CandidateExecutor executor, Evaluator evaluator, NetworkGraph root, List<StructuralAction> actions) {
        long begin = System.nanoTime();
        executor.evaluate(
                evaluator,
                some(root, actions, candidates),
                1,
                Cancellation.never(),
                evaluated -> evaluated.evaluation().orElseThrow());
        return (System.nanoTime() - begin) / 1e9;
    }

    private void bytes() throws IOException {
        ComputationGraph live = live();
        boolean lenet = network.equals("lenet");
        NetworkGraph root = Dl4jGraphs.read(live);
        CandidateEvaluator evaluator = evaluator(
                root,
                lenet ? SimulationSettings.DEFAULT : new SimulationSettings(16, 0.5, 1, 8),
                Score.accuracy(1).relativeParameters(1));
        List<StructuralAction> actions =
                Actions.neurons().remove(0.25, 0.5).generate(root).toList();
        List<Candidate> list = some(root, actions, lenet ? actions.size() : 8);
        EvaluationTask task = EvaluationTask.of(evaluator);
        long requests = 0;
        long paths = 0;
        for (Candidate candidate : list) {
            requests += EvaluationTask.evaluation(candidate.network(), 1).length;
            paths += candidate.path().toString().length();
        }
        byte[] request = EvaluationTask.evaluation(root, 1);
        byte[] answer = task.answer(request, Cancellation.never());
        byte[] grades = EvaluationTask.of(evaluator.gradesOnly()).answer(request, Cancellation.never());
        ByteArrayOutputStream base = new ByteArrayOutputStream();
        NetworkBytes.write(root, new DataOutputStream(base));
        System.out.printf(
                "%s, %,d parameters, %d root actions%nsimulation set and settings: %,d bytes, once for each executor%n",
                network, root.parameterCount(), actions.size(), task.toBytes().length);
        System.out.printf(
                "candidate as configuration and parameters: %,d bytes, mean of %d%n",
                requests / list.size(), list.size());
        System.out.printf(
                "answer: %,d bytes with the trained network, %,d with grades only%n", answer.length, grades.length);
        System.out.printf(
                "candidate as path of actions: %,d bytes, and for each executor and generation the base model, %,d bytes",
                paths / list.size(), base.size());
        if (lenet) {
            NetworkGraph calibrated = new Calibrator()
                    .calibrate(root, TrainingData.of(Mnist.bundled().train(100, 1)));
            System.out.printf(
                    ", and its calibration, %,d bytes",
                    numbers(calibrated.calibration().orElseThrow()));
        }
        System.out.println();
    }

    /** Bytes of all numbers, without any form around them. */
    private static long numbers(Calibration calibration) {
        long bytes = 0;
        for (Map<String, Map<String, Tensor>> gradients :
                List.of(calibration.gradients(), calibration.squaredGradients())) {
            for (Map<String, Tensor> byKey : gradients.values()) {
                bytes += byKey.values().stream()
                        .mapToLong(tensor -> tensor.length() * (tensor.isDouble() ? Double.BYTES : Float.BYTES))
                        .sum();
            }
        }
        for (double[] matrix : calibration.moments().values().stream()
                .map(Calibration.Moments::matrix)
                .distinct()
                .toList()) {
            bytes += (long) matrix.length * Double.BYTES;
        }
        for (Calibration.Activations activations : calibration.activations().values()) {
            bytes += (long) (activations.mean().length + activations.products().length) * Double.BYTES;
        }
        return bytes;
    }

    /** Takes time and no processor. */
    private record Sleep(long millis) implements ScoreTerm {

        @Override
        public String name() {
            return "sleep";
        }

        @Override
        public double grade(Measurement measurement) {
            try {
                Thread.sleep(millis);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            return 0.5;
        }
    }

    /** Whole candidates of the network go to as many threads of Spark's, which sleep instead of training: what is left is the driver. */
    private void growth() {
        // The score is computed three times for each grade: once for it, and twice for its error.
        NetworkGraph root = Dl4jGraphs.read(live());
        Evaluator evaluator = evaluator(root, new SimulationSettings(2, 0, 0, 2), Score.of(new Sleep(sleep / 3), 1))
                .gradesOnly();
        List<StructuralAction> actions = Actions.neurons().generate(root).toList();
        System.out.println("at once | candidates/s | of what sleeping alone allows | processor time for each, s");
        for (int count : slots) {
            try (CandidateExecutor spark =
                    SparkExecution.on("local[" + count + "]").executor(1)) {
                candidates = 4 * count;
                turn(spark, evaluator, root, actions);
                Cost cost = cost(spark, evaluator, root, actions);
                double each = cost.processors / candidates;
                double speed = candidates / cost.seconds;
                System.out.printf("%d | %.2f | %.2f | %.3f%n", count, speed, speed / (count / (sleep / 1000.0)), each);
            }
        }
    }

    /**
     * Says what a formula and a simulation of queues expect. A candidate is written by one of the driver's processors, goes through its
     * network, is evaluated on an executor, and the next one follows. Evaluations take different times, as those of different widths do.
     */
    private void model() {
        System.out.println("executors | formula: candidates/s | simulated | with one generation of " + batch
                + " | share of ideal");
        double wire = megabytes * 8 / 1000 / gigabits;
        for (int count : slots) {
            double bound = Math.min(cores / driver, 1 / wire);
            double formula = Math.min(count / (seconds + driver + wire), bound);
            double steady = simulated(count, 100 * count, wire);
            double once = simulated(count, batch, wire);
            System.out.printf(
                    "%d | %.2f | %.2f | %.2f | %.2f%n", count, formula, steady, once, once / (count / seconds));
        }
    }

    private double simulated(int executors, int count, double wire) {
        SplittableRandom random = new SplittableRandom(1);
        PriorityQueue<Double> free = new PriorityQueue<>(Collections.nCopies(executors, 0.0));
        PriorityQueue<Double> processors = new PriorityQueue<>(Collections.nCopies(cores, 0.0));
        double network = 0;
        double end = 0;
        for (int i = 0; i < count; i++) {
            // Whoever has an answer asks for the next candidate.
            double asked = free.remove();
            double written = Math.max(asked, processors.remove()) + driver;
            processors.add(written);
            network = Math.max(network, written) + wire;
            // From two thirds to four thirds of the mean.
            double done = network + seconds * (2 + 2 * random.nextDouble()) / 3;
            free.add(done);
            end = Math.max(end, done);
        }
        return count / end;
    }
}
