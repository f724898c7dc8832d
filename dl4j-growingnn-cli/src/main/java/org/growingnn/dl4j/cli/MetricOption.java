package org.growingnn.dl4j.cli;

import java.util.function.Supplier;
import org.growingnn.dl4j.metric.Metric;
import org.growingnn.dl4j.metric.Metrics;
import picocli.CommandLine.Option;

/** What "good" means. */
final class MetricOption {

    /** The names of metrics. */
    enum Name {
        AUTO(Metrics::automatic),
        ACCURACY(Metrics::accuracy),
        MACRO_F1(Metrics::macroF1),
        F1(Metrics::f1),
        MEAN_F1(Metrics::meanF1),
        AUC(Metrics::auc),
        R2(Metrics::r2),
        POOLED_R2(Metrics::pooledR2),
        MAE(Metrics::meanAbsoluteError),
        RMSE(Metrics::rootMeanSquaredError),
        LOSS(Metrics::loss);

        private final Supplier<Metric> metric;

        Name(Supplier<Metric> metric) {
            this.metric = metric;
        }

        /** Writes the name as it is typed. */
        @Override
        public String toString() {
            return Names.hyphenated(this);
        }
    }

    @Option(
            names = "--metric",
            paramLabel = "NAME",
            defaultValue = "auto",
            description =
                    "what models are judged by: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}, by what the model"
                            + " is trained for and what the labels are like)")
    private Name name = Name.AUTO;

    /** Tells whether one was chosen. */
    boolean given() {
        return name != Name.AUTO;
    }

    Metric metric() {
        return name.metric.get();
    }
}
