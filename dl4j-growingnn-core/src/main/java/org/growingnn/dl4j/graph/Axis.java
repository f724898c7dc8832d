package org.growingnn.dl4j.graph;

import java.util.List;

/**
 * One axis of a parameter array.
 *
 * @param role what the axis does with its units
 * @param layout the unit spaces that index it; empty for {@link Role#FREE}
 * @param statistic what the values on a {@link Role#FOLLOWS} axis say about their units
 */
public record Axis(Role role, Layout layout, Statistic statistic) {

    private static final Axis FREE = new Axis(Role.FREE, new Layout(List.of()), Statistic.VALUE);

    /**
     * Makes an axis that indexes units computed by the layer.
     *
     * @param layout the produced units
     * @return the axis
     */
    public static Axis produces(Layout layout) {
        return new Axis(Role.PRODUCES, layout, Statistic.VALUE);
    }

    /**
     * Makes an axis that indexes arriving units which the layer mixes.
     *
     * @param layout the arriving units
     * @return the axis
     */
    public static Axis consumes(Layout layout) {
        return new Axis(Role.CONSUMES, layout, Statistic.VALUE);
    }

    /**
     * Makes an axis that holds one value per arriving unit.
     *
     * @param layout the arriving units
     * @return the axis
     */
    public static Axis follows(Layout layout) {
        return follows(layout, Statistic.VALUE);
    }

    /**
     * Makes an axis that holds one statistic per arriving unit.
     *
     * @param layout the arriving units
     * @param statistic what the values say about them
     * @return the axis
     */
    public static Axis follows(Layout layout, Statistic statistic) {
        return new Axis(Role.FOLLOWS, layout, statistic);
    }

    /**
     * Makes an axis that has nothing to do with units.
     *
     * @return the axis
     */
    public static Axis free() {
        return FREE;
    }
}
