package org.growingnn.dl4j.graph;

/**
 * A run of {@code inner × size} consecutive positions that belong to one unit space, unit by unit: the positions of unit
 * {@code u} are {@code u · inner … u · inner + inner − 1}. A convolution's channel that is flattened into a dense layer
 * row by row has {@code inner = height · width}.
 *
 * @param space identifier of the unit space, see {@link NetworkGraph#space(Block)}
 * @param size number of units of the space, or {@link Layout#UNKNOWN}
 * @param inner positions per unit, ≥ 1
 */
public record Block(int space, long size, int inner) {

    /**
     * Checks the ranges.
     *
     * @param space identifier of the unit space
     * @param size number of units, or {@link Layout#UNKNOWN}
     * @param inner positions per unit, ≥ 1
     */
    public Block {
        if (inner < 1) {
            throw new IllegalArgumentException("A block needs at least one position per unit, not " + inner + ".");
        }
    }

    /**
     * Gives the number of positions.
     *
     * @return {@code inner · size}, or {@link Layout#UNKNOWN}
     */
    public long length() {
        return size == Layout.UNKNOWN ? Layout.UNKNOWN : size * inner;
    }
}
