package org.growingnn.dl4j.search;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.growingnn.dl4j.action.Actions;
import org.growingnn.dl4j.action.AddNeurons;
import org.growingnn.dl4j.action.NoOp;
import org.growingnn.dl4j.action.PruneGlobally;
import org.growingnn.dl4j.action.RemoveNeurons;
import org.growingnn.dl4j.action.ResizeSpaces;
import org.growingnn.dl4j.action.StructuralAction;
import org.growingnn.dl4j.action.Swap;
import org.growingnn.dl4j.graph.Cost;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.graph.UnitSpace;
import org.growingnn.dl4j.projection.Allocations;
import org.growingnn.dl4j.projection.Criteria;
import org.growingnn.dl4j.projection.GlobalRanking;
import org.growingnn.dl4j.projection.Projection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Moves among networks at a target, see {@link Target}. */
final class TargetMoves implements Moves {

    private static final Logger log = LoggerFactory.getLogger(TargetMoves.class);

    /** Logarithms of the factors by which one space changes while all others pay, by 40 %; both directions tell slope and curvature. */
    private static final double[] STEPS = {0.35, -0.35};

    /** Twofold, and by 15 %. */
    private static final double[] OTHER_STEPS = {0.7, -0.7, 0.15, -0.15};

    /** Logarithm of the factor by which one space grows while another pays. */
    private static final double SWAP = 0.25;

    /** Of more spaces, pairs would outnumber everything else. */
    private static final int MOST_SWAPPED = 6;

    private final SearchTask task;
    private final Target target;
    private final Map<String, Projection> variants = new LinkedHashMap<>();
    private final Map<List<StructuralAction>, Optional<TargetBase>> bases = new LinkedHashMap<>();
    private final TargetBase root;

    TargetMoves(SearchTask task, Target target) {
        this.task = task;
        this.target = target;
        variants.put("", task.projection());
        target.variants().stream()
                .filter(variant -> !variant.name().equals(task.projection().name()))
                .forEach(variant -> variants.put(variant.name(), variant));
        this.root = base(List.of(), task.root());
    }

    @Override
    public Candidate start() {
        if (target.start().isPresent()) {
            // Nothing is nearer to it than itself.
            return Candidate.of(target.start().get().draft().orElseThrow(), new NoOp());
        }
        GlobalRanking ranking = ranking(task.root());
        Map<String, Integer> widths = new LinkedHashMap<>();
        ranking.reduceTo(target.costs()).forEach((space, units) -> widths.put(space, units.length));
        List<Integer> start = root.allocations().widths(widths);
        if (!root.allocations().fits(start)) {
            throw new IllegalArgumentException("The target " + target.costs()
                    + " cannot be met by making layers narrower: at the least widths the network is still too large."
                    + "\nMaybe allow more?");
        }
        return Candidate.of(new Draft(root, task.projection(), "", start, ""), new NoOp());
    }

    /** The same share of all spaces; empty if that does not meet the target. */
    Optional<Candidate> uniform() {
        double[] full = root.allocations().spaces().stream()
                .mapToDouble(UnitSpace::size)
                .toArray();
        return draft(root, "", root.allocations().filled(full, new boolean[full.length]), "uniform")
                .map(TargetMoves::candidate);
    }

    private GlobalRanking ranking(NetworkGraph network) {
        return new GlobalRanking(
                network, Criteria.share(Criteria.of(task.projection(), network)), target.limits(), target.kept());
    }

    private TargetBase base(List<StructuralAction> edits, NetworkGraph network) {
        Map<Cost, Double> aims = new EnumMap<>(target.costs());
        GlobalRanking any = new GlobalRanking(network, Criteria.random(0), target.limits(), target.kept());
        any.errors(aims.keySet(), any.narrowest()).forEach((cost, error) -> aims.merge(cost, -error, Double::sum));
        return new TargetBase(edits, network, new Allocations(network, target.limits(), target.kept(), aims), target);
    }

    @Override
    public List<Candidate> next(Candidate candidate, int most) {
        List<Candidate> all = next(candidate);
        return all.subList(0, Math.min(most, all.size()));
    }

    /** Lists what tells most first: not every search comes to the end of the list. */
    @Override
    public List<Candidate> next(Candidate candidate) {
        Draft from = candidate.draft().orElseThrow();
        Set<Draft.Key> known = new HashSet<>(Set.of(from.key()));
        return Stream.of(resizings(from, STEPS), variants(from), edits(from), resizings(from, OTHER_STEPS), swaps(from))
                .flatMap(moves -> moves)
                .filter(draft -> known.add(draft.key()))
                .map(TargetMoves::candidate)
                .filter(next -> task.allows(Actions.sequence(next.path())))
                .toList();
    }

    private static Candidate candidate(Draft draft) {
        List<StructuralAction> path = draft.path();
        return Candidate.of(draft, path.isEmpty() ? new NoOp() : path.get(path.size() - 1));
    }

    private Optional<Draft> draft(TargetBase base, String variant, List<Integer> widths, String move) {
        return widths.isEmpty() && !base.allocations().spaces().isEmpty()
                ? Optional.empty()
                : Optional.of(new Draft(base, variants.get(variant), variant, List.copyOf(widths), move));
    }

    /** Layers are changed in the network with all units; widths keep their proportions and use up what the change leaves. */
    private Stream<Draft> edits(Draft from) {
        List<StructuralAction> found;
        try (Stream<StructuralAction> generated =
                task.actions().generate(from.base().network())) {
            found = generated
                    .limit(Listing.MOST)
                    .filter(action -> !aboutWidths(action))
                    .toList();
        }
        return found.stream().flatMap(edit -> {
            List<StructuralAction> edits = new ArrayList<>(from.base().edits());
            edits.add(edit);
            return bases.computeIfAbsent(List.copyOf(edits), more -> edited(from.base(), more, edit)).stream()
                    .flatMap(base -> {
                        double[] wanted =
                                base
                                        .allocations()
                                        .widths(from.base().allocations().named(from.widths()))
                                        .stream()
                                        .mapToDouble(Integer::doubleValue)
                                        .toArray();
                        return draft(
                                base,
                                from.variant(),
                                base.allocations().filled(wanted, new boolean[wanted.length]),
                                edit.toString())
                                .stream();
                    });
        });
    }

    private Optional<TargetBase> edited(TargetBase base, List<StructuralAction> edits, StructuralAction edit) {
        try {
            return Optional.of(base(edits, edit.apply(base.network(), task.projection())));
        } catch (RuntimeException e) {
            log.warn("The action {} cannot be applied after {}: {}", edit, base.edits(), e.getMessage());
            return Optional.empty();
        }
    }

    /** Widths follow from the target. */
    private static boolean aboutWidths(StructuralAction action) {
        return action instanceof RemoveNeurons
                || action instanceof AddNeurons
                || action instanceof PruneGlobally
                || action instanceof ResizeSpaces
                || action instanceof Swap
                || action instanceof NoOp;
    }

    private Stream<Draft> variants(Draft from) {
        return variants.keySet().stream()
                .filter(variant -> !variant.equals(from.variant()))
                .flatMap(variant -> draft(from.base(), variant, from.widths(), "variant " + variant).stream());
    }

    private Stream<Draft> resizings(Draft from, double[] steps) {
        List<UnitSpace> spaces = from.base().allocations().spaces();
        List<Draft> drafts = new ArrayList<>();
        for (double step : steps) {
            for (int s = 0; s < spaces.size(); s++) {
                boolean[] fixed = new boolean[spaces.size()];
                fixed[s] = true;
                changed(from, s, step, fixed, spaces.get(s).name() + " " + step).ifPresent(drafts::add);
            }
        }
        return drafts.stream();
    }

    private Stream<Draft> swaps(Draft from) {
        List<UnitSpace> spaces = from.base().allocations().spaces();
        List<Draft> drafts = new ArrayList<>();
        for (int into = 0; into < spaces.size() && spaces.size() <= MOST_SWAPPED; into++) {
            for (int payer = 0; payer < spaces.size(); payer++) {
                if (payer != into) {
                    boolean[] fixed = new boolean[spaces.size()];
                    Arrays.fill(fixed, true);
                    fixed[payer] = false;
                    String key = spaces.get(into).name() + " from "
                            + spaces.get(payer).name();
                    changed(from, into, SWAP, fixed, key).ifPresent(drafts::add);
                }
            }
        }
        return drafts.stream();
    }

    private Optional<Draft> changed(Draft from, int space, double step, boolean[] fixed, String move) {
        Allocations allocations = from.base().allocations();
        double[] wanted =
                from.widths().stream().mapToDouble(Integer::doubleValue).toArray();
        wanted[space] = Math.min(
                allocations.changed(space, from.widths().get(space), step),
                allocations.spaces().get(space).size());
        return wanted[space] < 1
                ? Optional.empty()
                : draft(from.base(), from.variant(), allocations.filled(wanted, fixed), move);
    }
}
