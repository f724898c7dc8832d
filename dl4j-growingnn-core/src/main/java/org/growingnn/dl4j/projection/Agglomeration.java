package org.growingnn.dl4j.projection;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Agglomerative clustering by Ward's criterion with weights: two clusters are joined where the weighted squared error grows least.
 * Distances of joined clusters follow from the formula of Lance and Williams (1967), the order of joining from chains of nearest
 * neighbours (Murtagh 1983), which takes time and memory of the square of the number of points.
 */
final class Agglomeration {

    private final int points;
    private final List<Join> joins = new ArrayList<>();

    private record Join(int first, int second, double height) {}

    /** Tells the squared distance of two points. */
    @FunctionalInterface
    interface Distance {
        double between(int first, int second);
    }

    /** Clusters points of given weights, each greater than 0. */
    Agglomeration(double[] weights, Distance distance) {
        points = weights.length;
        double[] weight = weights.clone();
        double[][] cost = new double[points][points];
        for (int i = 0; i < points; i++) {
            for (int j = 0; j < i; j++) {
                cost[i][j] = weight[i] * weight[j] / (weight[i] + weight[j]) * distance.between(i, j);
                cost[j][i] = cost[i][j];
            }
        }
        boolean[] gone = new boolean[points];
        double[] heights = new double[points];
        int[] chain = new int[points];
        int length = 0;
        for (int left = points; left > 1; ) {
            if (length == 0) {
                int start = 0;
                while (gone[start]) {
                    start++;
                }
                chain[length++] = start;
            }
            int top = chain[length - 1];
            // Of equally near neighbours the previous link is preferred, so that the chain ends.
            int nearest = length > 1 ? chain[length - 2] : -1;
            for (int i = 0; i < points; i++) {
                if (i != top && !gone[i] && (nearest < 0 || cost[top][i] < cost[top][nearest])) {
                    nearest = i;
                }
            }
            if (length < 2 || nearest != chain[length - 2]) {
                chain[length++] = nearest;
                continue;
            }
            length -= 2;
            join(Math.min(top, nearest), Math.max(top, nearest), weight, cost, gone, heights);
            left--;
        }
        joins.sort(Comparator.comparingDouble(Join::height));
    }

    /** Joins the second cluster into the first; a cluster is known by its lowest point. */
    private void join(int first, int second, double[] weight, double[][] cost, boolean[] gone, double[] heights) {
        double height = cost[first][second];
        // Ward's heights never fall, but for rounding, on which the order of joining must not depend.
        heights[first] = Math.max(height, Math.max(heights[first], heights[second]));
        joins.add(new Join(first, second, heights[first]));
        gone[second] = true;
        for (int k = 0; k < points; k++) {
            if (!gone[k] && k != first) {
                cost[first][k] = ((weight[first] + weight[k]) * cost[first][k]
                                + (weight[second] + weight[k]) * cost[second][k]
                                - weight[k] * height)
                        / (weight[first] + weight[second] + weight[k]);
                cost[k][first] = cost[first][k];
            }
        }
        weight[first] += weight[second];
    }

    /**
     * Cuts the tree.
     *
     * @param count number of clusters, 1 to the number of points
     * @return the points of each cluster, those that were joined early close to each other
     */
    List<List<Integer>> clusters(int count) {
        List<List<Integer>> members = new ArrayList<>();
        for (int i = 0; i < points; i++) {
            members.add(new ArrayList<>(List.of(i)));
        }
        for (Join join : joins.subList(0, points - count)) {
            members.get(join.first).addAll(members.get(join.second));
            members.set(join.second, List.of());
        }
        return members.stream().filter(cluster -> !cluster.isEmpty()).toList();
    }

    /** Lists all points so that those that were joined early are close. */
    List<Integer> order() {
        return clusters(1).get(0);
    }
}
