package org.growingnn.dl4j;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.IntStream;
import net.jqwik.api.Assume;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.constraints.LongRange;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.util.ModelSerializer;
import org.growingnn.dl4j.graph.Cost;
import org.growingnn.dl4j.graph.LatencyTable;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.graph.UnitSpace;
import org.growingnn.dl4j.projection.Criteria;
import org.growingnn.dl4j.projection.GlobalRanking;
import org.growingnn.dl4j.projection.GlobalRanking.Limits;
import org.growingnn.dl4j.projection.Resizer;
import org.growingnn.dl4j.testing.RandomNetwork;
import org.growingnn.dl4j.testing.RandomNetworks;

/** Targets of costs are met, alone and in pairs, and not one unit is removed that they would have allowed. */
class PruningTargetProperties {

    /** Widths are written into the configuration, whose compressed length changes by some bytes with them. */
    private static final int DIGITS = 24;

    private static PruningTarget atMost(Cost cost, long most) {
        return switch (cost) {
            case PARAMETERS -> PruningTarget.parametersAtMost(most);
            case MACS -> PruningTarget.macsAtMost(most);
            case MEMORY -> PruningTarget.memory(most);
            case FILE_SIZE -> PruningTarget.fileSize(most);
            case LATENCY -> PruningTarget.latency(Duration.ofNanos(most));
        };
    }

    private static boolean known(Cost cost, NetworkGraph network) {
        try {
            return cost.of(network) > 0;
        } catch (IllegalStateException unknown) {
            assertThat(cost).isIn(Cost.MACS, Cost.MEMORY);
            return false;
        }
    }

    private static NetworkGraph narrowest(NetworkGraph network) {
        GlobalRanking ranking = new GlobalRanking(network, Criteria.random(0), space -> Limits.NONE, space -> false);
        return Resizer.resize(network, GlobalRanking.maps(network, ranking.narrowest()), false);
    }

    /** Makes the network that has the widths of a pruned one, but for one space. */
    private static NetworkGraph withOneMore(NetworkGraph initial, NetworkGraph pruned, String space) {
        Map<String, int[]> kept = new TreeMap<>();
        for (UnitSpace before : initial.spaces()) {
            int width = Math.toIntExact(pruned.spaceNamed(before.name()).size())
                    + (before.name().equals(space) ? 1 : 0);
            if (before.resizable() && width < before.size()) {
                kept.put(before.name(), IntStream.range(0, width).toArray());
            }
        }
        return Resizer.resize(initial, GlobalRanking.maps(initial, kept), false);
    }

    private static LatencyTable table(NetworkGraph network, Random random) {
        return new LatencyTable(
                1,
                random.nextInt(1000),
                network.order().stream()
                        .map(name -> new LatencyTable.Layer(
                                name,
                                random.nextInt(1000),
                                random.nextDouble(),
                                random.nextInt(3) * random.nextDouble(),
                                random.nextInt(2) * random.nextDouble()))
                        .toList());
    }

    static long saved(Model model) {
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        try {
            ModelSerializer.writeModel(model, file, false);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return file.size();
    }

    @Property(tries = 10, shrinking = ShrinkingMode.OFF)
    void costs_alone_and_in_pairs_are_met_within_one_unit_of_one_layer(
            @ForAll @LongRange(min = 0, max = 100_000) long seed) {
        Random random = new Random(seed);
        RandomNetwork made = random.nextInt(3) == 0 ? RandomNetworks.chain(seed) : RandomNetworks.graph(seed);
        NetworkGraph read = made.read();
        LatencyTable table = table(read, random);
        NetworkGraph initial = read.with(read.origin().withLatencies(table));
        NetworkGraph least = narrowest(initial);
        List<Cost> costs = new ArrayList<>(List.of(Cost.values()));
        costs.removeIf(cost -> !known(cost, initial) || cost.of(least) >= cost.of(initial));
        Assume.that(!costs.isEmpty());
        Collections.shuffle(costs, random);
        Map<Cost, Long> goals = new TreeMap<>();
        PruningTarget target = null;
        for (Cost cost : costs.subList(0, Math.min(costs.size(), 1 + random.nextInt(2)))) {
            long goal = cost.of(least) + (long) (random.nextDouble() * (cost.of(initial) - cost.of(least)));
            goals.put(cost, goal);
            target = target == null ? atMost(cost, goal) : target.and(atMost(cost, goal));
        }

        StructuralPruner.Builder pruner = StructuralPruner.to(target);
        if (goals.containsKey(Cost.LATENCY)) {
            pruner.latencies(table);
        }
        PruningResult result = pruner.prune(made.model(), made.inputTypes().toArray(InputType[]::new));

        assertThat(result.reached()).hasSize(goals.size());
        for (PruningResult.Reached reached : result.reached()) {
            assertThat(reached.met()).as("%s", reached).isTrue();
            assertThat(reached.goal()).isEqualTo(goals.get(reached.cost()));
            assertThat(reached.before()).isEqualTo(reached.cost().of(initial));
            assertThat(reached.after()).isEqualTo(reached.cost().of(result.network()));
        }
        assertThat(saved(result.graph())).isLessThanOrEqualTo(Cost.FILE_SIZE.of(result.network()));
        for (UnitSpace space : initial.spaces()) {
            if (space.resizable() && result.network().spaceNamed(space.name()).size() < space.size()) {
                NetworkGraph larger = withOneMore(initial, result.network(), space.name());
                assertThat(goals)
                        .as("one more unit of %s in %s", space.name(), result.reached())
                        .anySatisfy((cost, goal) -> assertThat(cost.of(larger))
                                .isGreaterThan(cost == Cost.FILE_SIZE ? goal - DIGITS : goal));
            }
        }
    }
}
