package org.growingnn.dl4j.projection;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import org.growingnn.dl4j.graph.Calibration;
import org.growingnn.dl4j.graph.Calibration.Moments;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.junit.jupiter.api.Test;

/** Moments follow a resizing when they are asked for. */
class CarriedCalibrationTest {

    private static final int UNITS = 300;

    private static NetworkGraph calibrated(NetworkGraph network) {
        Map<String, Moments> moments = new LinkedHashMap<>();
        for (String name : network.order().subList(1, network.order().size())) {
            double[] matrix = new double[(UNITS + 1) * (UNITS + 1)];
            Random random = new Random(3);
            Arrays.setAll(matrix, i -> random.nextDouble());
            moments.put(name, new Moments(List.of("W"), UNITS, 1000, matrix, false));
        }
        return network.with(Optional.of(new Calibration(Map.of(), moments, Map.of())));
    }

    private static Map<String, UnitMap> halves(NetworkGraph network) {
        Map<String, int[]> kept = new LinkedHashMap<>();
        network.spaces().stream()
                .filter(space -> space.resizable())
                .forEach(space ->
                        kept.put(space.name(), IntStream.range(0, UNITS / 2).toArray()));
        return GlobalRanking.maps(network, kept);
    }

    private static long allocated(NetworkGraph network, Map<String, UnitMap> maps) {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        Resizer.resize(network, maps, false);
        return threads.getCurrentThreadAllocatedBytes() - before;
    }

    @Test
    void a_step_behind_which_nobody_asks_for_moments_does_not_copy_them() {
        NetworkGraph network = RefitSolutionTest.chain(20, UNITS, UNITS, UNITS, UNITS, UNITS, 10);
        NetworkGraph calibrated = calibrated(network);
        Map<String, UnitMap> maps = halves(network);
        allocated(network, maps);

        long alone = allocated(network, maps);
        assertThat(allocated(calibrated, maps)).isLessThan(alone + alone / 10);
    }

    @Test
    void moments_that_are_asked_for_are_those_of_the_units_that_are_left() {
        NetworkGraph calibrated = calibrated(RefitSolutionTest.chain(20, UNITS, UNITS, UNITS, 10));
        Moments before = calibrated.calibration().orElseThrow().moments().get("d3");
        NetworkGraph reduced = Resizer.resize(calibrated, halves(calibrated), false);
        Moments after = reduced.calibration().orElseThrow().moments().get("d3");

        assertThat(after.features()).isEqualTo(UNITS / 2);
        int size = UNITS / 2 + 1;
        for (int i = 0; i < UNITS / 2; i++) {
            for (int j = 0; j < UNITS / 2; j++) {
                assertThat(after.matrix()[i * size + j]).isEqualTo(before.matrix()[i * (UNITS + 1) + j]);
            }
        }
        assertThat(reduced.calibration().orElseThrow().moments().get("d3")).isSameAs(after);
    }
}
