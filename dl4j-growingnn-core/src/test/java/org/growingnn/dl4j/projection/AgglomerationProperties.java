package org.growingnn.dl4j.projection;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

class AgglomerationProperties {

    private static final int DIMENSIONS = 3;

    @Property(tries = 100)
    void clusters_are_those_of_joining_where_the_weighted_squared_error_grows_least(
            @ForAll @IntRange(min = 1, max = 12) int points, @ForAll long seed) {
        Random random = new Random(seed);
        double[][] point = new double[points][DIMENSIONS];
        double[] weight = new double[points];
        for (int i = 0; i < points; i++) {
            weight[i] = 0.1 + random.nextDouble();
            for (int d = 0; d < DIMENSIONS; d++) {
                point[i][d] = random.nextGaussian();
            }
        }
        Agglomeration agglomeration = new Agglomeration(weight, (i, j) -> {
            double sum = 0;
            for (int d = 0; d < DIMENSIONS; d++) {
                sum += (point[i][d] - point[j][d]) * (point[i][d] - point[j][d]);
            }
            return sum;
        });

        List<Set<Integer>> clusters = new ArrayList<>();
        for (int i = 0; i < points; i++) {
            clusters.add(new HashSet<>(Set.of(i)));
        }
        while (true) {
            assertThat(agglomeration.clusters(clusters.size()).stream()
                            .map(HashSet::new)
                            .collect(Collectors.toSet()))
                    .isEqualTo(new HashSet<>(clusters));
            if (clusters.size() == 1) {
                break;
            }
            joinBest(clusters, point, weight);
        }
        assertThat(agglomeration.order()).hasSize(points).doesNotHaveDuplicates();
    }

    private static void joinBest(List<Set<Integer>> clusters, double[][] point, double[] weight) {
        Set<Integer> first = null;
        Set<Integer> second = null;
        double least = Double.POSITIVE_INFINITY;
        for (Set<Integer> a : clusters) {
            for (Set<Integer> b : clusters) {
                if (a == b) {
                    continue;
                }
                Set<Integer> both = new HashSet<>(a);
                both.addAll(b);
                double growth = error(both, point, weight) - error(a, point, weight) - error(b, point, weight);
                if (growth < least) {
                    least = growth;
                    first = a;
                    second = b;
                }
            }
        }
        clusters.remove(second);
        // Sets must not change while they are elements of a list that is searched by equality.
        clusters.remove(first);
        Set<Integer> joined = new HashSet<>(first);
        joined.addAll(second);
        clusters.add(joined);
    }

    private static double error(Set<Integer> cluster, double[][] point, double[] weight) {
        double error = 0;
        for (int d = 0; d < DIMENSIONS; d++) {
            double total = 0;
            double mean = 0;
            for (int i : cluster) {
                total += weight[i];
                mean += weight[i] * point[i][d];
            }
            mean /= total;
            for (int i : cluster) {
                error += weight[i] * (point[i][d] - mean) * (point[i][d] - mean);
            }
        }
        return error;
    }
}
