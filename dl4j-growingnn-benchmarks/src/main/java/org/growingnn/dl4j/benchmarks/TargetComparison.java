package org.growingnn.dl4j.benchmarks;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.weights.WeightInit;
import org.growingnn.dl4j.Dl4jGraphs;
import org.growingnn.dl4j.GrowingNN;
import org.growingnn.dl4j.PruningResult;
import org.growingnn.dl4j.PruningTarget;
import org.growingnn.dl4j.StructuralPruner;
import org.growingnn.dl4j.action.ActionGenerator;
import org.growingnn.dl4j.action.Actions;
import org.growingnn.dl4j.action.LayerActions.Kind;
import org.growingnn.dl4j.action.StructuralAction;
import org.growingnn.dl4j.data.TrainingData;
import org.growingnn.dl4j.examples.Mnist;
import org.growingnn.dl4j.graph.Cost;
import org.growingnn.dl4j.graph.LatencyTable;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.graph.UnitSpace;
import org.growingnn.dl4j.metric.Metrics;
import org.growingnn.dl4j.metric.Reading;
import org.growingnn.dl4j.projection.Criteria;
import org.growingnn.dl4j.projection.Projection;
import org.growingnn.dl4j.projection.Projections;
import org.growingnn.dl4j.score.Score;
import org.growingnn.dl4j.search.BeamSearch;
import org.growingnn.dl4j.search.BestFirstSearch;
import org.growingnn.dl4j.search.Cancellation;
import org.growingnn.dl4j.search.Evaluation;
import org.growingnn.dl4j.search.Evaluator;
import org.growingnn.dl4j.search.Failure;
import org.growingnn.dl4j.search.Grade;
import org.growingnn.dl4j.search.GumbelTreeSearch;
import org.growingnn.dl4j.search.HalvingBeamSearch;
import org.growingnn.dl4j.search.MonteCarloTreeSearch;
import org.growingnn.dl4j.search.RandomSequences;
import org.growingnn.dl4j.search.SearchResult;
import org.growingnn.dl4j.search.SearchStrategy;
import org.growingnn.dl4j.search.SearchTask;
import org.growingnn.dl4j.search.SuccessiveHalving;
import org.growingnn.dl4j.search.Target;
import org.growingnn.dl4j.search.ThreadExecutor;
import org.growingnn.dl4j.search.WithoutSearch;
import org.growingnn.dl4j.training.AnswerDivergence;
import org.growingnn.dl4j.training.Calibrator;
import org.growingnn.dl4j.training.CandidateEvaluator;
import org.growingnn.dl4j.training.SimulationSettings;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * What each search strategy makes of the same target with the same number of evaluations: test accuracy right after pruning, and after
 * training the result for some steps.
 *
 * <p>Strategies that choose one move at a time ({@code mcts}, {@code paper}, {@code halving}) search anew from what they chose until the
 * evaluations are spent. {@code ranking} and {@code uniform} grade nothing.
 */
@Command(
        name = "target-comparison",
        mixinStandardHelpOptions = true,
        description = "Compares search strategies at a target that has to be met exactly.")
public final class TargetComparison implements Callable<Integer> {

    private static final int BATCH = 128;
    private static final int CALIBRATION_BATCHES = 20;
    private static final int BLOCKS = 10;
    private static final int BLOCK_UNITS = 48;
    private static final String BASELINE = "gumbel";
    private static final String PATTERN = "pattern";

    /** What a table of letters is to a network of blocks. */
    private static final TabularTasks.Task LETTERS = TabularTasks.TASKS.get("letters");

    @Option(
            names = "--network",
            defaultValue = "lenet",
            description = "mlp, lenet, rescnn, lstm, or blocks for a residual perceptron of " + BLOCKS
                    + " blocks on the table of letters (default: ${DEFAULT-VALUE})")
    private String network;

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = "directory with MNIST's IDX files, or with the gzipped tables")
    private @Nullable Path data;

    @Option(
            names = "--methods",
            split = ",",
            defaultValue = "gumbel,greedy,beam,best-first,halving,random,mcts,paper,ranking,uniform",
            description =
                    "what to compare, besides these gumbel-without-model, halving-beam, and pattern for StructuralPruner.searchWidths,"
                            + " where parameters are all that is limited (default: ${DEFAULT-VALUE})")
    private List<String> methods;

    @Option(
            names = "--seeds",
            split = ",",
            defaultValue = "1,2,3,4,5",
            description = "seeds of the examples that calibrate and grade, and of searches (default: ${DEFAULT-VALUE})")
    private List<Integer> seeds;

    @Option(
            names = "--left",
            split = ",",
            defaultValue = "PARAMETERS=0.05",
            description =
                    "shares of the original's costs to leave: PARAMETERS, MACS, LATENCY (default: ${DEFAULT-VALUE})")
    private Map<Cost, Double> left;

    @Option(names = "--layers", split = ",", description = "actions on layers to search, too: ${COMPLETION-CANDIDATES}")
    private Set<Kind> layers = Set.of();

    @Option(
            names = "--variants",
            description = "searches choose among criteria that select units, too",
            defaultValue = "false")
    private boolean variants;

    @Option(
            names = "--evaluations",
            defaultValue = "200",
            description = "networks that a search grades (default: ${DEFAULT-VALUE})")
    private int evaluations;

    @Option(
            names = "--examples",
            defaultValue = "1000",
            description = "examples that grade (default: ${DEFAULT-VALUE})")
    private int examples;

    @Option(
            names = "--epochs",
            defaultValue = "0",
            description =
                    "epochs on as many examples before a network is graded by its likelihood; 0 grades it as it is, by how far its"
                            + " answers are from the original's, without labels (default: ${DEFAULT-VALUE})")
    private int epochs;

    @Option(
            names = "--steps",
            defaultValue = "0",
            description = "training steps of the result, batches of " + BATCH + " (default: ${DEFAULT-VALUE})")
    private int steps;

    @Option(names = "--rate", defaultValue = "3e-3", description = "learning rate (default: ${DEFAULT-VALUE})")
    private double rate;

    @Option(names = "--workers", defaultValue = "1", description = "threads (default: ${DEFAULT-VALUE})")
    private int workers;

    @Option(names = "--out", paramLabel = "FILE", description = "where to write the table, too")
    private File out;

    private TargetComparison() {}

    /**
     * Runs the benchmark.
     *
     * @param arguments see {@code --help}
     */
    public static void main(String[] arguments) {
        System.exit(new CommandLine(new TargetComparison())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .execute(arguments));
    }

    /** A network with data for one seed. */
    private record Problem(
            NetworkGraph network,
            Function<Integer, DataSetIterator> training,
            Function<ComputationGraph, Double> test) {}

    /**
     * One run of one method.
     *
     * @param grade the search's own
     * @param pruned test accuracy right after pruning, %
     * @param trained test accuracy after training, %
     * @param evaluations networks that were graded
     * @param seconds wall time of the search
     */
    private record Run(double grade, double pruned, double trained, int evaluations, double seconds) {}

    @Override
    public Integer call() throws IOException {
        GrowingNN.useOneDnn();
        Nd4j.factory().blas().setMaxThreads(1);
        Map<String, List<Run>> runs = new LinkedHashMap<>();
        List<Double> before = new ArrayList<>();
        for (int seed : seeds) {
            Problem problem = problem(seed);
            before.add(100 * problem.test.apply(Dl4jGraphs.toComputationGraph(problem.network)));
            NetworkGraph calibrated = calibrated(problem, problem.network, seed);
            Evaluator evaluator = evaluator(problem, seed);
            for (String method : methods) {
                Run run = run(method, problem, calibrated, evaluator, seed);
                runs.computeIfAbsent(method, name -> new ArrayList<>()).add(run);
            }
        }
        table(before, runs).show(out);
        return 0;
    }

    private Problem problem(int seed) throws IOException {
        if (network.equals("blocks")) {
            Table table = Table.read(data.resolve(LETTERS.file()), LETTERS.target(), seed);
            ComputationGraph model = blocks(table.train(), seed);
            return new Problem(
                    Dl4jGraphs.read(model),
                    each -> {
                        DataSet order = table.train().copy();
                        order.shuffle(each);
                        return TabularTasks.batches(order);
                    },
                    pruned -> TabularTasks.measure(pruned, table.test(), LETTERS.measure()));
        }
        Mnist digits = Mnist.find(data);
        Mnist mnist = network.equals("lstm") ? digits.asSeries() : digits;
        return new Problem(
                Dl4jGraphs.read(Protocol.bundled(network)),
                each -> mnist.train(BATCH, each),
                pruned -> Protocol.testAccuracy(pruned, mnist));
    }

    /** Blocks of two dense layers around which their input passes. */
    private static ComputationGraph blocks(DataSet train, long seed) {
        ComputationGraphConfiguration.GraphBuilder builder = new NeuralNetConfiguration.Builder()
                .seed(seed)
                .updater(new Adam(LETTERS.rate()))
                .weightInit(WeightInit.RELU)
                .activation(Activation.RELU)
                .graphBuilder()
                .addInputs("in")
                .setInputTypes(InputType.feedForward(train.getFeatures().columns()))
                .addLayer("stem", dense(Activation.RELU), "in");
        String last = "stem";
        for (int block = 1; block <= BLOCKS; block++) {
            String sum = "sum" + block;
            builder.addLayer("inner" + block, dense(Activation.RELU), last)
                    .addLayer("outer" + block, dense(Activation.TANH), "inner" + block)
                    .addVertex(sum, new ElementWiseVertex(ElementWiseVertex.Op.Add), last, "outer" + block);
            last = sum;
        }
        ComputationGraph model = new ComputationGraph(builder.addLayer(
                        "out",
                        new OutputLayer.Builder(LossFunction.MCXENT)
                                .nOut(train.getLabels().columns())
                                .activation(Activation.SOFTMAX)
                                .build(),
                        last)
                .setOutputs("out")
                .build());
        model.init();
        DataSet order = train.copy();
        int rounds = LETTERS.epochs() / 2;
        for (int epoch = 0; epoch < rounds; epoch++) {
            order.shuffle(seed + epoch);
            model.setLearningRate(LETTERS.rate() * (1 - (double) epoch / rounds));
            model.fit(TabularTasks.batches(order));
        }
        return model;
    }

    private static DenseLayer dense(Activation activation) {
        return new DenseLayer.Builder().nOut(BLOCK_UNITS).activation(activation).build();
    }

    private static NetworkGraph calibrated(Problem problem, NetworkGraph network, int seed) {
        return Calibrator.withExamples(CALIBRATION_BATCHES * BATCH)
                .withSquaredGradients(true)
                .withSeed(seed)
                .calibrate(network, TrainingData.of(problem.training.apply(seed)));
    }

    private Evaluator evaluator(Problem problem, int seed) {
        TrainingData other = TrainingData.of(problem.training.apply(1000 + seed));
        if (epochs > 0) {
            return new CandidateEvaluator(
                    other,
                    new SimulationSettings(2 * examples, 0.5, epochs, 32),
                    Score.accuracy(0).likelihood(1),
                    problem.network,
                    OptionalDouble.of(rate),
                    Metrics.accuracy(),
                    Reading.NONE,
                    seed);
        }
        AnswerDivergence divergence = AnswerDivergence.from(problem.network, other, 0, examples, Long.MAX_VALUE);
        return (candidate, evaluation, cancellation) -> {
            double distance = divergence.of(candidate);
            Evaluation told = Double.isFinite(distance)
                    ? new Grade(-distance, candidate)
                    : new Failure("Its answers are no numbers.");
            return told;
        };
    }

    private Run run(String method, Problem problem, NetworkGraph calibrated, Evaluator evaluator, int seed) {
        NetworkGraph root = left.containsKey(Cost.LATENCY) ? timed(calibrated) : calibrated;
        Map<Cost, Double> goals = new EnumMap<>(Cost.class);
        left.forEach((cost, share) -> goals.put(cost, share * cost.of(root)));
        Target target = Target.of(goals, changed -> calibrated(problem, changed, seed))
                .withVariants(variants ? criteria() : List.of());
        long start = System.nanoTime();
        Found found = method.equals(PATTERN)
                ? patterned(problem, seed)
                : Found.of(searched(method, root, target, evaluator, seed));
        double seconds = (System.nanoTime() - start) / 1e9;
        NetworkGraph pruned = found.network;
        goals.forEach((cost, most) -> {
            if (cost.of(pruned) > most) {
                throw new IllegalStateException(method + " misses " + most + " " + cost + ": " + cost.of(pruned));
            }
        });
        double grade = evaluator
                .evaluate(pruned, seed, Cancellation.never())
                .orElseThrow()
                .score();
        ComputationGraph model = Dl4jGraphs.toComputationGraph(pruned);
        double right = 100 * problem.test.apply(model);
        double trained = Double.NaN;
        if (steps > 0) {
            DataSetIterator batches = problem.training.apply(2000 + seed);
            for (int step = 0; step < steps; step++) {
                if (!batches.hasNext()) {
                    batches.reset();
                }
                model.setLearningRate(rate * (1 - (step + 0.5) / steps));
                model.fit(batches.next());
            }
            trained = 100 * problem.test.apply(model);
        }
        Run run = new Run(grade, right, trained, found.evaluations, seconds);
        Map<String, Long> widths = new LinkedHashMap<>();
        pruned.spaces().stream().filter(UnitSpace::resizable).forEach(space -> widths.put(space.name(), space.size()));
        System.out.printf(
                Locale.ROOT,
                "seed %d, %-12s grade %.5f, %.2f %% at once, %.2f %% trained, %d evaluations, %.1f s, %s %s%n",
                seed,
                method,
                run.grade,
                run.pruned,
                run.trained,
                run.evaluations,
                run.seconds,
                widths.values(),
                found.path.size() > 1 ? found.path : "");
        return run;
    }

    /**
     * What a method came to.
     *
     * @param path what led from the original to it
     * @param evaluations networks that were graded, at most
     */
    private record Found(NetworkGraph network, List<StructuralAction> path, int evaluations) {

        static Found of(SearchResult result) {
            return new Found(result.chosen().network(), result.chosen().path(), result.evaluations());
        }
    }

    /** Grades on other examples than the searches do, as many as {@link StructuralPruner.Builder#searchWidths} takes. */
    private Found patterned(Problem problem, int seed) {
        if (!left.keySet().equals(Set.of(Cost.PARAMETERS))) {
            throw new IllegalArgumentException(
                    "The method '" + PATTERN + "' knows limits of PARAMETERS alone, not " + left.keySet() + ".");
        }
        PruningResult result = StructuralPruner.to(PruningTarget.reduction(1 - left.get(Cost.PARAMETERS)))
                .calibrate(problem.training.apply(seed))
                .calibrationBatches(CALIBRATION_BATCHES)
                .searchWidths(evaluations)
                .prune(Dl4jGraphs.toComputationGraph(problem.network));
        return new Found(result.network(), List.of(), evaluations);
    }

    /** Searches, and searches again where a strategy chooses one move. */
    private SearchResult searched(String method, NetworkGraph root, Target target, Evaluator evaluator, int seed) {
        ActionGenerator edits = layers.isEmpty()
                ? graph -> java.util.stream.Stream.empty()
                : Actions.layers().only(layers.toArray(Kind[]::new));
        Projection projection = Projections.refitted(Projections.selection(Criteria.taylor()));
        SearchResult result = null;
        int spent = 0;
        try (ThreadExecutor executor = new ThreadExecutor(workers)) {
            while (true) {
                Target from = result == null ? target : target.from(result.chosen());
                SearchTask task = new SearchTask(
                                root,
                                edits,
                                projection,
                                evaluator,
                                Set.of(),
                                seed + 31L * spent,
                                executor,
                                Cancellation.never(),
                                (evaluated, progress) -> {})
                        .to(from);
                int rest = evaluations - spent;
                SearchResult found = strategy(method, rest, task).search(task);
                spent += found.evaluations();
                boolean moved = result == null
                        || !found.chosen().path().equals(result.chosen().path());
                result = found;
                if (!List.of("mcts", "paper", "halving").contains(method) || !moved || spent >= evaluations) {
                    return new SearchResult(
                            result.chosen(), result.score(), List.of(), spent, result.elapsed(), result.complete());
                }
            }
        }
    }

    private SearchStrategy strategy(String method, int rest, SearchTask task) {
        // As many as it takes to try every move once, and as many again.
        Function<Integer, Integer> once = times -> Math.min(
                rest, times * task.rootActions(Integer.MAX_VALUE).candidates().size());
        return switch (method) {
            case BASELINE -> GumbelTreeSearch.create().maxEvaluations(rest);
            case "gumbel-without-model" ->
                GumbelTreeSearch.create().withoutModel().maxEvaluations(rest);
            case "greedy" -> BeamSearch.ofWidth(1).maxEvaluations(rest);
            case "beam" -> BeamSearch.ofWidth(4).maxEvaluations(rest);
            case "halving-beam" -> HalvingBeamSearch.ofWidth(4).maxEvaluations(rest);
            case "best-first" -> BestFirstSearch.create().maxEvaluations(rest);
            case "halving" -> SuccessiveHalving.create().maxEvaluations(once.apply(2));
            case "random" -> RandomSequences.ofDepth(4).maxEvaluations(rest);
            case "mcts" ->
                MonteCarloTreeSearch.builder()
                        .maxEvaluations(once.apply(2))
                        .rolloutDepth(1)
                        .build();
            case "paper" ->
                MonteCarloTreeSearch.paper().maxEvaluations(once.apply(3)).build();
            case "ranking" -> new WithoutSearch(WithoutSearch.Allocation.RANKING);
            case "uniform" -> new WithoutSearch(WithoutSearch.Allocation.UNIFORM);
            default -> throw new IllegalArgumentException("There is no method '" + method + "'.");
        };
    }

    private static List<Projection> criteria() {
        return List.of(
                Projections.refitted(Projections.selection(Criteria.fisher())),
                Projections.refitted(Projections.selection(Criteria.pivotedQr())),
                Projections.refitted(Projections.selection(Criteria.activation())));
    }

    /** A device that computes eight units at a time, each multiply-accumulate in a tenth of a nanosecond. */
    private static NetworkGraph timed(NetworkGraph network) {
        List<LatencyTable.Layer> rows = network.order().stream()
                .map(name -> {
                    double weights = LatencyTable.Size.of(network, name).weights();
                    double perWeight = weights > 0 ? 0.1 * network.macs(name) / weights : 0;
                    return new LatencyTable.Layer(name, 100, 0, weights > 0 ? 1 : 0, perWeight);
                })
                .toList();
        LatencyTable table = new LatencyTable(1, 0, rows).withKinds(network).inMultiplesOf(8);
        return network.with(network.origin().withLatencies(table));
    }

    private MarkdownTable table(List<Double> before, Map<String, List<Run>> runs) {
        MarkdownTable table = new MarkdownTable(
                String.format(
                        Locale.ROOT,
                        "%s, %s %% test accuracy; left of it: %s%s; %d evaluations at most, on %d examples%s; mean of %d seeds ± 95 %%"
                                + " confidence interval",
                        network,
                        sample(
                                        before.stream()
                                                .map(each -> new Run(0, each, 0, 0, 0))
                                                .toList(),
                                        Run::pruned)
                                .format(2),
                        left,
                        layers.isEmpty() ? "" : ", with " + layers,
                        evaluations,
                        examples,
                        epochs > 0 ? " after " + epochs + " epochs" : "",
                        seeds.size()),
                List.of(
                        "method",
                        "grade",
                        "less gumbel's",
                        "test accuracy at once, %",
                        "less gumbel's",
                        "after " + steps + " steps, %",
                        "less gumbel's",
                        "evaluations",
                        "s"));
        runs.forEach((method, of) -> table.row(List.of(
                method,
                sample(of, Run::grade).format(4),
                difference(method, runs, Run::grade, 4),
                sample(of, Run::pruned).format(2),
                difference(method, runs, Run::pruned, 2),
                steps > 0 ? sample(of, Run::trained).format(2) : "",
                steps > 0 ? difference(method, runs, Run::trained, 2) : "",
                sample(of, Run::evaluations).format(0),
                sample(of, Run::seconds).format(0))));
        return table;
    }

    private static String difference(
            String method, Map<String, List<Run>> runs, ToDoubleFunction<Run> value, int digits) {
        return method.equals(BASELINE) || !runs.containsKey(BASELINE)
                ? ""
                : sample(runs.get(method), value)
                        .minus(sample(runs.get(BASELINE), value))
                        .format(digits);
    }

    private static Sample sample(List<Run> runs, ToDoubleFunction<Run> value) {
        return new Sample(runs.stream().mapToDouble(value).toArray());
    }
}
