package org.growingnn.dl4j.data;

/**
 * Where a reader stands in data that is passed over again and again. It says everything that is needed to go on reading later, in another
 * process, too, as long as the data is equal.
 *
 * @param pass number of the pass, ≥ 0
 * @param batch number of the batch that is read next, ≥ 0; equal to the number of batches at the end of a pass
 */
public record Position(long pass, long batch) {

    /** The first batch of the first pass. */
    public static final Position START = new Position(0, 0);

    /**
     * Checks the ranges.
     *
     * @param pass number of the pass
     * @param batch number of the batch
     */
    public Position {
        if (pass < 0 || batch < 0) {
            throw new IllegalArgumentException("The position (pass " + pass + ", batch " + batch
                    + ") must not be negative.\nMaybe Position.START?");
        }
    }
}
