package org.growingnn.dl4j.cli;

import org.growingnn.dl4j.data.TrainingData;
import org.nd4j.linalg.dataset.api.iterator.MultiDataSetIterator;

/**
 * Data that was opened for a model.
 *
 * @param role what the data is for, such as "data" or "test data", for messages
 * @param source what the user named
 * @param batches the batches, normalised
 */
record Data(String role, String source, Batches batches) {

    boolean labelled() {
        return batches.labelled();
    }

    MultiDataSetIterator iterator() {
        return batches.iterator();
    }

    /** Gives the data to the library. */
    TrainingData trainingData() {
        return TrainingData.of(iterator()).named(role + " (" + source + ")");
    }

    /**
     * Insists on labels.
     *
     * @param purpose what they are needed for, as in "is needed to …"
     * @throws InputException if there are none
     */
    Data requireLabels(String purpose) {
        if (!labelled()) {
            throw new InputException("The " + role + " " + source + " has no labels, which are needed to " + purpose
                    + ".\nMaybe name the column with --label, or the file as IMAGES,LABELS?");
        }
        return this;
    }
}
