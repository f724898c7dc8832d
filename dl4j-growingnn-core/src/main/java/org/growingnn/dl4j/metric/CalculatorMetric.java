package org.growingnn.dl4j.metric;

import java.util.Objects;
import java.util.function.Function;
import org.deeplearning4j.earlystopping.scorecalc.ScoreCalculator;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.MultiDataSet;
import org.nd4j.linalg.dataset.api.iterator.MultiDataSetIterator;

/** A metric made of a calculator for early stopping, which passes over the data itself. */
record CalculatorMetric(
        String name, Function<MultiDataSetIterator, ? extends ScoreCalculator<? super ComputationGraph>> calculator)
        implements Metric {

    CalculatorMetric {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(calculator, "calculator");
    }

    @Override
    public Meter meter(Pass pass) {
        return new Meter() {

            @Override
            public void add(MultiDataSet batch, INDArray[] outputs) {
                // Calculators pass over the data themselves.
            }

            @Override
            public Reading reading(double loss, double lossError) {
                ScoreCalculator<? super ComputationGraph> made = calculator.apply(new DataIterator(pass.data()));
                return Reading.of(
                        made.calculateScore(pass.model()), 0, made.minimizeScore() ? Scale.LOWER : Scale.HIGHER);
            }
        };
    }
}
