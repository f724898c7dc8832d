package org.growingnn.dl4j.cli;

import java.util.List;
import java.util.Optional;
import org.growingnn.dl4j.adapter.DataShapes;
import org.growingnn.dl4j.graph.Layout;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.metric.OutputTask;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Writes classes and numbers as the labels that a model's one output is compared with.
 *
 * @param output the output's name
 * @param form how labels are written
 * @param units number of the output's units
 */
record LabelEncoder(String output, LabelEncoder.Form form, int units) {

    /** How labels are written. */
    enum Form {
        /** A 1 in the column of the class. */
        ONE_HOT,
        /** A 1 in the column of the class, and −1 in the others. */
        SIGNS,
        /** The number of the class. */
        CLASS_NUMBER,
        /** 0 or 1 in one column. */
        ANSWER,
        /** Numbers, as they are. */
        NUMBERS
    }

    /**
     * Looks at the output of a model.
     *
     * @param loaded a model with one output
     * @param source the data, for messages
     * @throws InputException if its labels are no rows of a table
     */
    static LabelEncoder of(LoadedModel loaded, String source) {
        NetworkGraph network = loaded.network();
        String output = network.outputs().get(0);
        long units = network.signal(output).units().length();
        Optional<DataShapes.Labels> shape = DataShapes.labels(network, output);
        if (units == Layout.UNKNOWN || shape.isPresent() && shape.get().rank() != 2) {
            throw new InputException("The output '" + output + "' of " + loaded.path() + " takes labels of "
                    + shape.map(labels -> labels.rank() + " dimensions").orElse("an unknown number") + ", but " + source
                    + " has one for each example.\nMaybe save the batches by DataSet.save(…)?");
        }
        OutputTask task = OutputTask.of(network, output);
        Form form = switch (task.loss()) {
            case CLASSES, OTHER -> task.classNumbers() ? Form.CLASS_NUMBER : units == 1 ? Form.NUMBERS : Form.ONE_HOT;
            case MARGINS -> Form.SIGNS;
            case YES_OR_NO -> units == 1 ? Form.ANSWER : Form.ONE_HOT;
            case NUMBERS -> Form.NUMBERS;
        };
        return new LabelEncoder(output, form, Math.toIntExact(units));
    }

    /** Counts the classes that the output tells apart. */
    int classes() {
        return units == 1 ? 2 : units;
    }

    /** Tells whether labels are numbers that mean what they are. */
    boolean wantsNumbers() {
        return form == Form.NUMBERS;
    }

    /**
     * Tells that there are other classes than the output has units.
     *
     * @param found how many there are
     * @param where in which data
     * @param names some of them
     * @return what to throw
     */
    InputException mismatch(int found, String where, List<String> names) {
        List<String> some = names.subList(0, Math.min(names.size(), 12));
        return new InputException("The labels of " + where + " have " + found + " different classes " + some
                + (some.size() < names.size() ? " and so on" : "") + ", but the output '" + output
                + "' of the model has " + units + (units == 1 ? " unit" : " units")
                + ".\nMaybe the model was made for other data, or the labels are in another place?");
    }

    /** Writes classes, which are less than {@link #classes()}. */
    INDArray classes(int[] numbers) {
        float[][] rows = new float[numbers.length][form == Form.CLASS_NUMBER ? 1 : units];
        for (int i = 0; i < numbers.length; i++) {
            if (form == Form.CLASS_NUMBER || units == 1) {
                rows[i][0] = form == Form.SIGNS ? 2 * numbers[i] - 1 : numbers[i];
                continue;
            }
            for (int unit = 0; unit < units; unit++) {
                rows[i][unit] = unit == numbers[i] ? 1 : form == Form.SIGNS ? -1 : 0;
            }
        }
        return Nd4j.create(rows).castTo(DataType.FLOAT);
    }
}
