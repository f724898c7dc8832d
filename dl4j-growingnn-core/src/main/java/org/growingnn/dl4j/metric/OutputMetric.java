package org.growingnn.dl4j.metric;

import java.util.ArrayList;
import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.MultiDataSet;

/** A metric that speaks of one output, and is taken of each output of a network that has several. */
interface OutputMetric extends Metric {

    /** Starts measuring one output. */
    OutputMeter meter(OutputTask task, boolean errors);

    @Override
    default Meter meter(Pass pass) {
        return new Outputs(
                pass.network().outputs().stream()
                        .map(output ->
                                new Output(output, 1, meter(OutputTask.of(pass.network(), output), pass.errors())))
                        .toList(),
                pass.network().outputs());
    }

    /** The meter of an output and how much the output counts. */
    record Output(String name, double weight, OutputMeter meter) {}

    /** Hands every output its labels and predictions. */
    record Outputs(List<Output> measured, List<String> outputs) implements Meter {

        @Override
        public void add(MultiDataSet batch, INDArray[] predictions) {
            for (Output output : measured) {
                int i = outputs.indexOf(output.name);
                output.meter.add(batch.getLabels(i), predictions[i], LabelMasks.of(batch, i));
            }
        }

        @Override
        public Reading reading(double loss, double lossError) {
            List<Reading.Part> parts = new ArrayList<>();
            measured.forEach(output -> parts.add(new Reading.Part(output.name, output.weight, output.meter.reading())));
            return Reading.of(parts);
        }
    }
}
