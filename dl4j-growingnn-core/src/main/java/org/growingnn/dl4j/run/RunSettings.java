package org.growingnn.dl4j.run;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.growingnn.dl4j.action.ActionGenerator;
import org.growingnn.dl4j.action.CombinedActions;
import org.growingnn.dl4j.action.InputActions;
import org.growingnn.dl4j.action.LayerActions;
import org.growingnn.dl4j.action.NeuronActions;
import org.growingnn.dl4j.graph.Cost;
import org.growingnn.dl4j.graph.LatencyTable;
import org.growingnn.dl4j.metric.Metric;
import org.growingnn.dl4j.metric.Metrics;
import org.growingnn.dl4j.search.Execution;
import org.growingnn.dl4j.search.RandomSearch;
import org.growingnn.dl4j.training.SimulationSettings;
import org.growingnn.dl4j.value.Ranges;
import org.growingnn.dl4j.value.Records;

/**
 * Everything that defines a run besides model and data: a tree of records, each of which checks its own values. The tree is the one place
 * for a setting; the builder's methods, the JSON form and a result's provenance follow from it. {@code docs/settings.md} lists all.
 *
 * @param seed what all randomness derives from
 * @param deterministic whether the result must depend on the seed only: nothing may then be limited by time
 * @param workers number of threads or processes that evaluate candidates, ≥ 1; the result does not depend on it
 * @param execution whether they are threads of this process or processes of their own
 * @param generations number of generations at most, ≥ 1
 * @param paretoCapacity number of accepted models that are kept beside the returned one, ≥ 2
 * @param metric what models are judged by; automatic to choose it by outputs and labels
 * @param stopper decides when to end before all generations have run
 * @param latencies what the layers of the model take, for goals and scores of latency; without it, latency is unknown
 * @param data how the data is used
 * @param training how to train
 * @param search how to search
 * @param acceptance which generations are kept
 */
public record RunSettings(
        long seed,
        boolean deterministic,
        int workers,
        Execution execution,
        int generations,
        int paretoCapacity,
        Metric metric,
        Stopper stopper,
        Optional<LatencyTable> latencies,
        DataSettings data,
        TrainingSettings training,
        SearchSettings search,
        AcceptanceSettings acceptance) {

    /** What holds unless something else is said; as many workers as there are processors. */
    public static final RunSettings DEFAULT = new RunSettings(
            42,
            false,
            Runtime.getRuntime().availableProcessors(),
            Execution.threads(),
            15,
            ParetoArchive.DEFAULT_CAPACITY,
            Metrics.automatic(),
            Stoppers.never(),
            Optional.empty(),
            DataSettings.DEFAULT,
            TrainingSettings.DEFAULT,
            SearchSettings.DEFAULT,
            AcceptanceSettings.DEFAULT);

    /**
     * Checks the ranges.
     *
     * @param seed what all randomness derives from
     * @param deterministic whether the result must depend on the seed only
     * @param workers number of threads or processes
     * @param execution whether they are threads of this process or processes of their own
     * @param generations number of generations at most
     * @param paretoCapacity number of accepted models that are kept
     * @param metric what models are judged by; automatic to choose it by outputs and labels
     * @param stopper decides when to end
     * @param latencies what the layers of the model take
     * @param data how the data is used
     * @param training how to train
     * @param search how to search
     * @param acceptance which generations are kept
     */
    public RunSettings {
        Ranges.requireAtLeast("workers", workers, 1);
        Objects.requireNonNull(execution, "execution");
        Ranges.requireAtLeast("generations", generations, 1);
        Ranges.requireAtLeast("paretoCapacity", paretoCapacity, 2);
        Objects.requireNonNull(metric, "metric");
        Objects.requireNonNull(stopper, "stopper");
        Objects.requireNonNull(latencies, "latencies");
        Objects.requireNonNull(data, "data");
        Objects.requireNonNull(training, "training");
        Objects.requireNonNull(search, "search");
        Objects.requireNonNull(acceptance, "acceptance");
    }

    /**
     * Reads settings from JSON, in which everything may be left out.
     *
     * @param json an object such as {@code {"generations": 20, "search": {"strategy": "greedy"}}}; {@code docs/settings.md} lists all names
     * @return the settings
     * @throws IllegalArgumentException if it is no JSON, if a name, a type or a value is not allowed, with its path, value and place and
     *     with what is allowed, or if settings contradict each other
     */
    public static RunSettings fromJson(String json) {
        return DEFAULT.withJson(json);
    }

    /**
     * Reads settings from YAML, with the same names as in JSON.
     *
     * @param yaml a mapping, in which everything may be left out
     * @return the settings
     * @throws IllegalArgumentException as {@link #fromJson}
     */
    public static RunSettings fromYaml(String yaml) {
        return DEFAULT.withYaml(yaml);
    }

    /**
     * Replaces some settings.
     *
     * @param json an object as for {@link #fromJson}; what it leaves out stays as it is here
     * @return the changed settings
     * @throws IllegalArgumentException as {@link #fromJson}
     */
    public RunSettings withJson(String json) {
        return consistent(SettingsJson.FORM.read(json, this));
    }

    /**
     * Replaces some settings.
     *
     * @param yaml a mapping as for {@link #fromYaml}; what it leaves out stays as it is here
     * @return the changed settings
     * @throws IllegalArgumentException as {@link #fromJson}
     */
    public RunSettings withYaml(String yaml) {
        return consistent(SettingsJson.FORM.readYaml(yaml, this));
    }

    private static RunSettings consistent(RunSettings settings) {
        settings.contradictions().stream().findFirst().ifPresent(reason -> {
            throw new IllegalArgumentException(reason);
        });
        return settings;
    }

    /**
     * Writes the settings as JSON, all of them, so that they hold whatever the defaults may become.
     *
     * @return indented JSON, which {@link #fromJson} turns into equal settings
     * @throws IllegalArgumentException if a setting is code of the program's own, such as a lambda, with the setting's path
     */
    public String toJson() {
        return SettingsJson.FORM.write(this, DEFAULT);
    }

    /**
     * Describes the settings like {@link #toJson()}, with the text of code of the program's own where there is some.
     *
     * @return indented JSON
     */
    public String describe() {
        return SettingsJson.FORM.describe(this, DEFAULT);
    }

    /**
     * Copies the settings with another value of one of them.
     *
     * @param path the setting's path, such as {@code training.initialEpochs}
     * @param value the value, of the class that the record's component has
     * @return the changed copy
     * @throws IllegalArgumentException if the value is not allowed
     */
    public RunSettings with(String path, Object value) {
        return Records.with(this, path, value);
    }

    /** What stopper and score must know of each network, besides its parameters. */
    Set<Cost> costs() {
        Set<Cost> costs = EnumSet.noneOf(Cost.class);
        costs.addAll(stopper.limits(cost -> 0).keySet());
        costs.addAll(search.score().costs());
        return costs;
    }

    /** Whether score, floors or stopper speak of accuracy, so that a network must be judged by it. */
    boolean speakOfAccuracy() {
        return search.score().speaksOfAccuracy() || acceptance.accuracyFloor() > 0 || speaksOfAccuracy(stopper);
    }

    private static boolean speaksOfAccuracy(Stopper some) {
        if (some instanceof CombinedStoppers.And several) {
            return several.stoppers().stream().anyMatch(RunSettings::speaksOfAccuracy);
        }
        return some instanceof Stoppers.Accuracy
                || some instanceof CombinedStoppers.Or several
                        && several.stoppers().stream().anyMatch(RunSettings::speaksOfAccuracy);
    }

    /**
     * Lists what cannot hold at once.
     *
     * @return one reason each; none if all is well
     */
    public List<String> contradictions() {
        List<String> reasons = new ArrayList<>();
        if (deterministic && !search.strategy().isDeterministic()) {
            reasons.add("The search.strategy (" + search.strategy()
                    + ") is limited by time, so its result depends on the machine's speed, but the run must be deterministic.\n"
                    + "Maybe limit it by maxEvaluations instead?");
        }
        if (deterministic && !stopper.isDeterministic()) {
            reasons.add("The stopper (" + stopper
                    + ") is limited by time, so its result depends on the machine's speed, but the run must be deterministic.\n"
                    + "Maybe limit the generations instead?");
        }
        if (search.meetGoalIn().isPresent() && stopper.limits(cost -> 0).isEmpty()) {
            reasons.add("The search.meetGoalIn (" + search.meetGoalIn().getAsInt()
                    + ") has networks meet the stopper's costs exactly, but the stopper (" + stopper + ") names none.\n"
                    + "Maybe stopWhen(Stoppers.left(Cost.PARAMETERS, 0.1))?");
        }
        if (costs().contains(Cost.LATENCY)) {
            addLatencyContradictions(reasons);
        }
        return reasons;
    }

    private void addLatencyContradictions(List<String> reasons) {
        String wanted = stopper.limits(cost -> 0).containsKey(Cost.LATENCY)
                ? "The stopper (" + stopper
                : "The search.score (" + search.score();
        if (latencies.isEmpty()) {
            reasons.add(wanted
                    + ") speaks of latency, but there is no table of latencies to tell it by.\n"
                    + "Maybe measure one by new LatencyMeter().table(Dl4jGraphs.read(model, inputType), batch), and give it by"
                    + " latencies(table)?");
        }
        if (leavesOutInputs(search.actions())) {
            reasons.add(wanted + ") speaks of latency, which contradicts the search.actions (" + search.actions()
                    + "): what it takes to select features was not measured.\n"
                    + "Maybe do not leave out inputs, since that saves no time?");
        }
    }

    private static boolean leavesOutInputs(ActionGenerator some) {
        return some instanceof InputActions
                || some instanceof CombinedActions several
                        && several.generators().stream().anyMatch(RunSettings::leavesOutInputs);
    }

    /**
     * Lists settings that have no effect beside the others.
     *
     * @return one sentence each, which names the setting and its value
     */
    public List<String> warnings() {
        List<String> warnings = new ArrayList<>();
        SimulationSettings simulation = search.simulation();
        if (!training.trains()) {
            training.distillation()
                    .ifPresent(teacher -> warnings.add("The training.distillation (" + teacher
                            + ") has no effect, because all numbers of epochs are 0."));
            if (!training.schedule().equals(TrainingSettings.DEFAULT.schedule())) {
                warnings.add("The training.schedule (" + training.schedule()
                        + ") has no effect, because all numbers of epochs are 0.");
            }
            training.batchesPerEpoch()
                    .ifPresent(batches -> warnings.add("The training.batchesPerEpoch (" + batches
                            + ") has no effect, because all numbers of epochs are 0."));
            if (simulation.epochs() == 0) {
                training.learningRate()
                        .ifPresent(rate -> warnings.add("The training.learningRate (" + rate
                                + ") has no effect, because neither the run nor its candidates are trained."));
            }
        }
        if (simulation.epochs() == 0 && simulation.gradingShare() > 0) {
            warnings.add("The search.simulation.gradingShare (" + simulation.gradingShare()
                    + ") leaves examples out of grading for nothing, because candidates are not trained;"
                    + " maybe SimulationSettings.untrained(samples)");
        }
        if (search.strategy() instanceof RandomSearch && !simulation.equals(SimulationSettings.DEFAULT)) {
            warnings.add(
                    "The search.simulation (" + simulation + ") has no effect, because random search grades nothing.");
        }
        addStopperWarnings(stopper, warnings);
        addActionWarnings(search.actions(), warnings);
        return warnings;
    }

    private static void addActionWarnings(ActionGenerator some, List<String> warnings) {
        if (some instanceof CombinedActions several) {
            several.generators().forEach(generator -> addActionWarnings(generator, warnings));
        } else if (some instanceof LayerActions layers
                && !layers.kinds().contains(LayerActions.Kind.ADD_SEQUENTIAL)
                && !layers.kinds().contains(LayerActions.Kind.ADD_RESIDUAL)) {
            String reason =
                    ") has no effect, because the kinds of actions on layers (" + layers.kinds() + ") add none.";
            layers.maximumParameters().ifPresent(limit -> warnings.add("The maximumParameters (" + limit + reason));
            layers.maximumMacs().ifPresent(limit -> warnings.add("The maximumMacs (" + limit + reason));
            layers.maximumDepth().ifPresent(limit -> warnings.add("The maximumDepth (" + limit + reason));
        } else if (some instanceof NeuronActions neurons && neurons.additions().isEmpty()) {
            neurons.maximumParameters()
                    .ifPresent(limit -> warnings.add("The maximumParameters (" + limit
                            + ") has no effect, because the actions on neurons (" + neurons + ") add none."));
        }
    }

    private void addStopperWarnings(Stopper some, List<String> warnings) {
        if (some instanceof CombinedStoppers.And several) {
            several.stoppers().forEach(stopper -> addStopperWarnings(stopper, warnings));
        } else if (some instanceof CombinedStoppers.Or several) {
            several.stoppers().forEach(stopper -> addStopperWarnings(stopper, warnings));
        } else if (some instanceof Stoppers.NoImprovement age && age.generations() >= generations) {
            warnings.add("The stopper (" + age + ") has no effect, because there are no more than " + generations
                    + " generations.");
        } else if (some instanceof Stoppers.Accuracy goal && goal.accuracy() < acceptance.accuracyFloor()) {
            warnings.add("The stopper's accuracy (" + goal.accuracy() + ") is below the acceptance.accuracyFloor ("
                    + acceptance.accuracyFloor() + "), so that every accepted generation reaches it.");
        }
    }
}
