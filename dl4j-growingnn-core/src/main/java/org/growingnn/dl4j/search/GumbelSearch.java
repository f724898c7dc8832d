package org.growingnn.dl4j.search;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** One run of a {@link GumbelTreeSearch}. */
final class GumbelSearch {

    /** Evaluations of a round at least: enough for some moves and what follows them. */
    private static final int SHORTEST_ROUND = 8;

    /** How many rounds a budget is divided into. */
    private static final int ROUNDS = 10;

    /** One part of so many of the evaluations is spent at most on what first moves do alone. */
    private static final int SWEEP = 2;

    /** How often a round may look for an unknown network before it counts as one that has none. */
    private static final int PATIENCE = 50;

    /** See {@link AdditiveModel#fit}. */
    private static final double RIDGE = 0.02;

    /** How many differences that a move made elsewhere weigh as much as the model. */
    private static final double EQUAL_WEIGHT = 2;

    /** Differences of this size, on [0, 1], make one move e times as likely as the other. */
    private static final double TEMPERATURE = 0.15;

    /** What a network that was a root already is worth less, on [0, 1], each time. */
    private static final double USED = 0.1;

    /** How many moves visits to unknown networks go on, by turns: one grade tells of several moves, but the model's errors add up. */
    private static final int[] FURTHER = {0, 1, 3};

    private final GumbelTreeSearch settings;
    private final SearchTask task;
    private final Grading grading;
    /** What widths are compared with; null without a target. */
    private final @Nullable Draft origin;

    private final Map<Object, Node> nodes = new HashMap<>();
    private final Map<Object, Integer> rooted = new HashMap<>();
    private final Map<String, Mean> differences = new HashMap<>();
    private AdditiveModel model = AdditiveModel.fit(List.of(), new double[0], RIDGE);
    private double low;
    private double high = 1;
    private int modelled;
    private int visited;

    /** A network with what was found at and below it. Networks that several orders of moves lead to are one node. */
    private static final class Node {
        private final Candidate candidate;
        private final Map<String, Double> features;
        private @Nullable List<Edge> edges;
        private double grade = Double.NaN;
        private double best = Double.NEGATIVE_INFINITY;
        private int visits;
        private int pending;
        private boolean failed;
        /** Whether nothing unknown is left at and below it. */
        private boolean closed;

        Node(Candidate candidate, Map<String, Double> features) {
            this.candidate = candidate;
            this.features = features;
        }

        boolean graded() {
            return !Double.isNaN(grade);
        }
    }

    /** What leads from a network to one that is one move away. */
    private record Edge(String move, Node child) {}

    /** The differences that a move has made. */
    private static final class Mean {
        private double sum;
        private int count;
    }

    GumbelSearch(GumbelTreeSearch settings, SearchTask task) {
        this.settings = settings;
        this.task = task;
        this.grading = new Grading(task, settings.budget());
        this.origin = grading.start().draft().orElse(null);
    }

    SearchResult search() {
        if (!grading.begin()) {
            return grading.result();
        }
        Node start = node(grading.start());
        grade(List.of(List.of(start)));
        // What moves do alone is what the model needs most.
        grade(edges(start).stream()
                .limit(grading.ledger().evaluationsLeft() / SWEEP)
                .map(edge -> List.of(start, edge.child))
                .toList());
        int round = 0;
        Optional<Node> root = graded().isEmpty() ? Optional.of(start) : root();
        while (root.isPresent() && !grading.exhausted()) {
            rooted.merge(grading.key(root.get().candidate), 1, Integer::sum);
            int before = grading.ledger().evaluations();
            round(root.get(), round++);
            // A round that finds nothing unknown would find nothing next time, either.
            root.get().closed |= grading.ledger().evaluations() == before;
            root = root();
        }
        return grading.result();
    }

    /** The best network, unless rounds from there found nothing better. */
    private Optional<Node> root() {
        return nodes.values().stream()
                .filter(node -> node.graded() && !node.closed)
                .max(Comparator.comparingDouble((Node node) ->
                                scaled(node.grade) - USED * rooted.getOrDefault(grading.key(node.candidate), 0))
                        .thenComparing(node -> node.candidate.path().toString()));
    }

    private int evaluationsOfRound() {
        int all = settings.budget().maxEvaluations().orElse(SHORTEST_ROUND * ROUNDS);
        return Math.min(Math.max(SHORTEST_ROUND, all / ROUNDS), grading.ledger().evaluationsLeft());
    }

    private void round(Node root, int number) {
        int evaluations = evaluationsOfRound();
        List<Edge> arms = arms(root, evaluations, number);
        if (arms.isEmpty()) {
            root.closed = true;
            return;
        }
        int phases = Math.max(1, 32 - Integer.numberOfLeadingZeros(arms.size() - 1));
        int start = grading.ledger().evaluations();
        for (int phase = 0; phase < phases && !grading.exhausted(); phase++) {
            int until = start + Math.max(1, evaluations * (phase + 1) / phases);
            play(root, arms, until);
            List<Edge> ranked = new ArrayList<>(arms);
            ranked.sort(
                    Comparator.comparingDouble((Edge edge) -> value(root, edge)).reversed());
            arms = new ArrayList<>(ranked.subList(0, Math.max(1, (ranked.size() + 1) / 2)));
        }
    }

    /** Draws moves without replacement, with the probabilities of the softmax of what they promise. */
    private List<Edge> arms(Node root, int evaluations, int number) {
        List<Edge> open = edges(root).stream()
                .filter(edge -> !edge.child.failed && !edge.child.closed)
                .toList();
        int most = Math.min(settings.considered(), Math.max(2, evaluations / 2));
        SplittableRandom random = new SplittableRandom(Seeds.derive(task.seed(), "gumbel", number));
        Map<Edge, Double> drawn = new LinkedHashMap<>();
        for (Edge edge : open) {
            double gumbel = -Math.log(-Math.log(random.nextDouble(Double.MIN_NORMAL, 1)));
            drawn.put(edge, value(root, edge) / TEMPERATURE + gumbel);
        }
        return drawn.entrySet().stream()
                .sorted(Map.Entry.<Edge, Double>comparingByValue().reversed())
                .limit(most)
                .map(Map.Entry::getKey)
                .collect(Collectors.toCollection(ArrayList::new));
    }

    /** Visits arms in turns until so many evaluations were made, or nothing unknown is found. */
    private void play(Node root, List<Edge> arms, int until) {
        int idle = 0;
        int turn = 0;
        while (grading.ledger().evaluations() < until && !grading.exhausted() && idle < PATIENCE) {
            int before = grading.ledger().evaluations();
            List<List<Node>> paths = new ArrayList<>();
            int most = Math.min(settings.batchSize(), until - before);
            for (int tries = 0; paths.size() < most && tries < arms.size(); tries++) {
                Node arm = arms.get(turn++ % arms.size()).child;
                List<Node> path = descend(root, arm);
                if (!path.isEmpty()) {
                    goOn(path);
                    path.forEach(node -> node.pending++);
                    paths.add(path);
                }
            }
            if (paths.isEmpty()) {
                return;
            }
            grade(paths);
            idle = grading.ledger().evaluations() == before ? idle + 1 : 0;
        }
    }

    /** Finds a network without a grade below an arm; none if what is free there is known. */
    private List<Node> descend(Node root, Node arm) {
        List<Node> path = new ArrayList<>(List.of(root));
        Set<Node> seen = new HashSet<>(path);
        Node node = arm;
        while (true) {
            if (node.failed || !seen.add(node)) {
                return List.of();
            }
            path.add(node);
            if (!node.graded()) {
                return node.pending == 0 ? path : List.of();
            }
            Node from = node;
            Optional<Edge> next = chosen(
                    from,
                    edge -> !edge.child.failed
                            && !edge.child.closed
                            && !seen.contains(edge.child)
                            && (edge.child.graded() || edge.child.pending == 0));
            if (next.isEmpty()) {
                node.closed = edges(node).stream().allMatch(edge -> edge.child.failed || edge.child.closed);
                return List.of();
            }
            node = next.get().child;
        }
    }

    /** Lengthens a path that ends at an unknown network by moves that the model expects to be better, as far as another unknown one. */
    private void goOn(List<Node> path) {
        int most = FURTHER[visited++ % FURTHER.length];
        if (origin == null || !settings.foretells()) {
            return;
        }
        int known = path.size();
        for (int step = 0; step < most; step++) {
            Node from = last(path);
            Optional<Edge> next = edges(from).stream()
                    .filter(edge -> !edge.child.failed && !path.contains(edge.child) && difference(from, edge) > 0)
                    .max(Comparator.comparingDouble(edge -> difference(from, edge)));
            if (next.isEmpty()) {
                break;
            }
            path.add(next.get().child);
        }
        while (path.size() > known && (last(path).graded() || last(path).pending > 0)) {
            path.remove(path.size() - 1);
        }
    }

    /** The child with the largest {@code q + c · P · √N / (1 + n)}. */
    private Optional<Edge> chosen(Node from, Predicate<Edge> open) {
        List<Edge> edges = edges(from);
        double[] weights =
                edges.stream().mapToDouble(edge -> promise(from, edge)).toArray();
        double greatest = Arrays.stream(weights).max().orElse(0);
        Arrays.setAll(weights, i -> Math.exp((weights[i] - greatest) / TEMPERATURE));
        double sum = Arrays.stream(weights).sum();
        double started = Math.sqrt(Math.max(1, from.visits + from.pending));
        Edge chosen = null;
        double most = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < weights.length; i++) {
            Edge edge = edges.get(i);
            if (open.test(edge)) {
                double visits = edge.child.visits + edge.child.pending;
                double priority =
                        value(from, edge) + settings.explorationConstant() * weights[i] / sum * started / (1 + visits);
                if (priority > most) {
                    most = priority;
                    chosen = edge;
                }
            }
        }
        return Optional.ofNullable(chosen);
    }

    /** The best found at or below a child; before, what it promises. */
    private double value(Node from, Edge edge) {
        return edge.child.visits > 0 ? scaled(edge.child.best) : promise(from, edge);
    }

    private double promise(Node from, Edge edge) {
        if (edge.child.graded()) {
            return scaled(edge.child.grade);
        }
        if (!settings.foretells()) {
            return scaled(grade(from));
        }
        return scaled(grade(from) + difference(from, edge));
    }

    /** How much better a move is expected to make a network. */
    private double difference(Node from, Edge edge) {
        double foretold = model.of(edge.child.features) - model.of(from.features);
        Mean mean = differences.get(edge.move);
        return mean == null ? foretold : (EQUAL_WEIGHT * foretold + mean.sum) / (EQUAL_WEIGHT + mean.count);
    }

    /** A network that could not be graded stands for the others as well as any. */
    private double grade(Node node) {
        return node.graded() ? node.grade : low;
    }

    /** On [0, 1] for what was seen; what is foretold may be better than all of it. */
    private double scaled(double grade) {
        return Math.max(0, (grade - low) / (high - low));
    }

    private Node node(Candidate candidate) {
        return nodes.computeIfAbsent(grading.key(candidate), key -> new Node(candidate, features(candidate)));
    }

    private Map<String, Double> features(Candidate candidate) {
        if (origin != null) {
            return candidate.draft().orElseThrow().features(origin);
        }
        Map<String, Double> features = new TreeMap<>();
        candidate.path().forEach(action -> features.merge(action.toString(), 1.0, Double::sum));
        return features;
    }

    private List<Edge> edges(Node node) {
        if (node.edges == null) {
            List<Candidate> following =
                    node.candidate == grading.start() ? grading.first() : grading.next(node.candidate);
            node.edges = following.stream()
                    .map(next -> new Edge(
                            next.draft()
                                    .map(Draft::move)
                                    .orElseGet(() -> next.action().toString()),
                            node(next)))
                    .filter(edge -> edge.child != node)
                    .toList();
            if (node.edges.isEmpty()) {
                node.closed = true;
            }
        }
        return node.edges;
    }

    /** Grades the ends of paths and backs up the best. */
    private void grade(List<List<Node>> paths) {
        grading.grade(paths.stream().map(path -> last(path).candidate).toList());
        for (List<Node> path : paths) {
            Node leaf = last(path);
            path.forEach(node -> node.pending = Math.max(0, node.pending - 1));
            Optional<Grading.Graded> graded = grading.known(leaf.candidate);
            if (graded.isEmpty()) {
                continue;
            }
            if (graded.get().failed()) {
                leaf.failed = true;
                leaf.closed = true;
                continue;
            }
            leaf.grade = graded.get().score();
            for (Node node : path) {
                node.visits++;
                node.best = Math.max(node.best, leaf.grade);
            }
            if (path.size() > 1) {
                credit(path.get(path.size() - 2), leaf);
            }
        }
        learn();
    }

    private static Node last(List<Node> path) {
        return path.get(path.size() - 1);
    }

    private void credit(Node parent, Node leaf) {
        for (Edge edge : edges(parent)) {
            if (edge.child == leaf) {
                Mean mean = differences.computeIfAbsent(edge.move, move -> new Mean());
                if (parent.graded()) {
                    mean.sum += Math.max(leaf.grade, low) - Math.max(parent.grade, low);
                    mean.count++;
                }
            }
        }
    }

    private List<Grading.Graded> graded() {
        return grading.all().stream().filter(graded -> !graded.failed()).toList();
    }

    /** The worse half tells where not to go, but not how good networks differ. */
    private void learn() {
        List<Grading.Graded> able =
                grading.all().stream().filter(graded -> !graded.failed()).toList();
        if (able.size() == modelled || able.isEmpty()) {
            return;
        }
        modelled = able.size();
        double[] sorted =
                able.stream().mapToDouble(Grading.Graded::score).sorted().toArray();
        high = sorted[sorted.length - 1];
        low = sorted[sorted.length / 2];
        if (!(high > low)) {
            low = high - 1e-9;
        }
        double floor = low - (high - low);
        double[] clipped = able.stream()
                .mapToDouble(graded -> Math.max(graded.score(), floor))
                .toArray();
        model = AdditiveModel.fit(
                able.stream().map(graded -> node(graded.candidate()).features).toList(), clipped, RIDGE);
    }
}
