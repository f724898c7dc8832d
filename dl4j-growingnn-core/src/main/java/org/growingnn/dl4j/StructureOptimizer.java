package org.growingnn.dl4j;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.deeplearning4j.nn.api.Model;
import org.growingnn.dl4j.adapter.ModelReader;
import org.growingnn.dl4j.adapter.ModelWriter;
import org.growingnn.dl4j.data.HoldOut;
import org.growingnn.dl4j.data.TrainingData;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.run.DataSettings;
import org.growingnn.dl4j.run.GenerationLoop;
import org.growingnn.dl4j.run.OptimizationListener;
import org.growingnn.dl4j.run.RunSettings;
import org.growingnn.dl4j.run.SettingsBuilder;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;
import org.nd4j.linalg.dataset.api.iterator.MultiDataSetIterator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Optimises the structure of a trained model: alternates searching for a structural change, applying it without throwing away
 * what was learned, and training, until the model is as small or as good as asked for.
 *
 * <pre>{@code
 * OptimizationResult result = StructureOptimizer.builder()
 *         .train(trainIterator)
 *         .validation(testIterator)
 *         .generations(20)
 *         .score(Score.accuracy(1.0).relativeParameters(1.0))
 *         .stopWhen(Stoppers.accuracyAndReduction(0.95, 0.85))
 *         .build()
 *         .optimize(model);
 * ComputationGraph smaller = result.graph();
 * }</pre>
 *
 * <p>An optimiser may be used for several models, one after the other. The models that go in are never modified.
 */
public final class StructureOptimizer {

    private static final Logger log = LoggerFactory.getLogger(StructureOptimizer.class);

    private final TrainingData training;
    private final Optional<TrainingData> validation;
    private final RunSettings settings;
    private final List<OptimizationListener> listeners;

    private StructureOptimizer(Builder builder) {
        this.training = builder.training;
        this.validation = Optional.ofNullable(builder.validation);
        this.settings = builder.settings();
        this.listeners = List.copyOf(builder.listeners);
    }

    /**
     * Starts with the defaults.
     *
     * @return a builder; only {@code train} must be set
     */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Optimises a model.
     *
     * @param model an initialised {@link org.deeplearning4j.nn.graph.ComputationGraph} or {@link
     *     org.deeplearning4j.nn.multilayer.MultiLayerNetwork}; not modified
     * @return the optimised model with the history of the run
     * @throws IllegalArgumentException if the model is null, not initialised, has no layer that the actions can change, or has
     *     a loss that is not a number; or if the data is empty, has no labels or contains NaN
     */
    public OptimizationResult optimize(Model model) {
        // Reading without input types checks the model before any data is touched.
        NetworkGraph untyped = ModelReader.read(model, List.of());
        training.check(untyped);
        NetworkGraph network = ModelReader.read(model, training.inputTypes(untyped));
        HoldOut data = validation
                .map(given -> new HoldOut(training, given))
                .orElseGet(() -> HoldOut.of(
                        training,
                        settings.data().holdOutShare().orElse(DataSettings.DEFAULT_HOLD_OUT_SHARE),
                        settings.seed()));
        GenerationLoop.Outcome outcome =
                new GenerationLoop(settings, data.training(), data.validation(), listeners).run(network);
        return new OptimizationResult(
                ModelWriter.toComputationGraph(outcome.network()),
                outcome.network(),
                network,
                outcome.history(),
                outcome.actions(),
                outcome.pareto(),
                Provenance.of(settings, network));
    }

    /** Collects data, settings and listeners; each method returns the builder. */
    public static final class Builder extends SettingsBuilder<Builder> {

        private TrainingData training;
        private TrainingData validation;
        private final List<OptimizationListener> listeners = new ArrayList<>();

        private Builder() {}

        @Override
        protected Builder self() {
            return this;
        }

        /**
         * Sets the training data. Required.
         *
         * @param iterator features and labels; must support resetting
         * @return this builder
         */
        public Builder train(DataSetIterator iterator) {
            training = TrainingData.of(iterator);
            return this;
        }

        /**
         * Sets the training data, for models with several inputs or outputs. Required.
         *
         * @param iterator features and labels; must support resetting
         * @return this builder
         */
        public Builder train(MultiDataSetIterator iterator) {
            training = TrainingData.of(iterator);
            return this;
        }

        /**
         * Sets the data by which models are judged. Without it, a share of every class of the training data is held out and
         * both parts are kept in memory; pass validation data if the training data is too large for that.
         *
         * @param iterator features and labels; must support resetting
         * @return this builder
         */
        public Builder validation(DataSetIterator iterator) {
            validation = TrainingData.of(iterator);
            return this;
        }

        /**
         * Sets the data by which models are judged, for models with several inputs or outputs.
         *
         * @param iterator features and labels; must support resetting
         * @return this builder
         */
        public Builder validation(MultiDataSetIterator iterator) {
            validation = TrainingData.of(iterator);
            return this;
        }

        /**
         * Adds a listener.
         *
         * @param value told about every generation
         * @return this builder
         */
        public Builder listener(OptimizationListener value) {
            listeners.add(Objects.requireNonNull(value, "listener"));
            return this;
        }

        /**
         * Finishes.
         *
         * @return the optimiser
         * @throws IllegalStateException if there is no training data, if settings contradict each other, or if a share to hold out was
         *     chosen although there is validation data
         */
        public StructureOptimizer build() {
            if (training == null) {
                throw new IllegalStateException("There is no training data.\nMaybe call train(iterator)?");
            }
            settings().data().holdOutShare().ifPresent(share -> {
                if (validation != null) {
                    throw new IllegalStateException("The data.holdOutShare (" + share
                            + ") says to hold out training data for validation, but there is validation data.\n"
                            + "Maybe leave out either holdOut(...) or validation(...)?");
                }
            });
            settings().contradictions().stream().findFirst().ifPresent(reason -> {
                throw new IllegalStateException(reason);
            });
            settings().warnings().forEach(log::warn);
            return new StructureOptimizer(this);
        }
    }
}
