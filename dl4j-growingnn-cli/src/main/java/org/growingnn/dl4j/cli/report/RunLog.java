package org.growingnn.dl4j.cli.report;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;

/**
 * What the log of a run tells, as plain values. Of generations that were done twice, because the run was killed and resumed, only the
 * later ones are here. Numbers that are unknown are NaN or empty.
 *
 * @param name name of the run's folder
 * @param started when the run began; empty if its first line is missing
 * @param last time of the last line; empty if there is none
 * @param metric what the run judges models by
 * @param settings the settings as indented JSON; empty text if unknown
 * @param versions versions of programs and libraries by name
 * @param model SHA-256 of the model that was given; empty text if unknown
 * @param network the network as it was given
 * @param generations generations that are done, by number
 * @param searches searches that are done, by number of their generation
 * @param candidates candidates that were graded, by number of their generation
 * @param forecast what the run expects to take
 * @param resumed numbers of the generations behind which the run was resumed, in the order in which that happened
 * @param end how the run ended; empty while it is under way, or if it was killed
 * @param notes what was wrong with the log, for people
 */
public record RunLog(
        String name,
        Optional<Instant> started,
        Optional<Instant> last,
        RunLog.Metric metric,
        String settings,
        Map<String, String> versions,
        String model,
        Optional<RunLog.Network> network,
        List<RunLog.Generation> generations,
        Map<Integer, RunLog.Search> searches,
        Map<Integer, List<RunLog.Candidate>> candidates,
        Optional<RunLog.Forecast> forecast,
        List<Integer> resumed,
        Optional<RunLog.End> end,
        List<String> notes) {

    /**
     * What a run judges models by.
     *
     * @param name its name, such as "accuracy"
     * @param reason why it was chosen
     */
    public record Metric(String name, String reason) {

        /**
         * Checks that nothing is missing.
         *
         * @param name its name
         * @param reason why it was chosen
         */
        public Metric {
            Objects.requireNonNull(name, "name");
            Objects.requireNonNull(reason, "reason");
        }
    }

    /**
     * A network's structure.
     *
     * @param parameters number of parameters
     * @param macs multiply-accumulates for one example
     * @param inputs what goes in
     * @param outputs names of the vertices that come out
     * @param vertices layers and vertices in topological order
     */
    public record Network(
            long parameters,
            OptionalLong macs,
            List<RunLog.Input> inputs,
            List<String> outputs,
            List<RunLog.Vertex> vertices) {

        /**
         * Copies the lists.
         *
         * @param parameters number of parameters
         * @param macs multiply-accumulates for one example
         * @param inputs what goes in
         * @param outputs names of the vertices that come out
         * @param vertices layers and vertices
         */
        public Network {
            Objects.requireNonNull(macs, "macs");
            inputs = List.copyOf(inputs);
            outputs = List.copyOf(outputs);
            vertices = List.copyOf(vertices);
        }
    }

    /**
     * An input of a network.
     *
     * @param name its name
     * @param shape such as "1x28x28"; empty text if unknown
     */
    public record Input(String name, String shape) {

        /**
         * Checks that nothing is missing.
         *
         * @param name its name
         * @param shape its shape
         */
        public Input {
            Objects.requireNonNull(name, "name");
            Objects.requireNonNull(shape, "shape");
        }
    }

    /**
     * A layer or vertex of a network.
     *
     * @param name its name
     * @param type such as "ConvolutionLayer"
     * @param inputs names of vertices and inputs that it takes
     * @param shape of what it computes for one example, such as "20x24x24"; empty text if unknown
     * @param parameters number of its parameters
     * @param macs its multiply-accumulates for one example
     * @param space unit space that it computes; empty if none
     * @param units number of its units
     * @param resizable whether that may be changed
     * @param reason why not; empty if it may or nobody knows
     */
    public record Vertex(
            String name,
            String type,
            List<String> inputs,
            String shape,
            long parameters,
            OptionalLong macs,
            Optional<String> space,
            OptionalLong units,
            boolean resizable,
            Optional<String> reason) {

        /**
         * Copies the list.
         *
         * @param name its name
         * @param type its type
         * @param inputs what it takes
         * @param shape its shape
         * @param parameters number of its parameters
         * @param macs its multiply-accumulates
         * @param space unit space that it computes
         * @param units number of its units
         * @param resizable whether that may be changed
         * @param reason why not
         */
        public Vertex {
            Objects.requireNonNull(name, "name");
            Objects.requireNonNull(type, "type");
            inputs = List.copyOf(inputs);
            Objects.requireNonNull(shape, "shape");
            Objects.requireNonNull(macs, "macs");
            Objects.requireNonNull(space, "space");
            Objects.requireNonNull(units, "units");
            Objects.requireNonNull(reason, "reason");
        }
    }

    /**
     * What a generation did.
     *
     * @param number 0 for the initial model
     * @param action the action that was chosen; empty if none was
     * @param rejection why the generation was taken back; empty if it was accepted
     * @param trainingMetric the metric on training data
     * @param validationMetric the metric on validation data
     * @param validationError standard error of the latter
     * @param goodness its place on [0, 1]; higher is better, whatever the metric is
     * @param loss mean training loss
     * @param costs what the network takes, by name
     * @param reduction share of the initial parameters that is gone
     * @param score grade of the model
     * @param epochs epochs trained
     * @param evaluations candidates graded
     * @param elapsedSeconds time that the run has been under way
     * @param widthsBefore units of each space before
     * @param widthsAfter units of each space after
     * @param network what was accepted
     */
    public record Generation(
            int number,
            Optional<String> action,
            Optional<String> rejection,
            double trainingMetric,
            double validationMetric,
            double validationError,
            double goodness,
            double loss,
            Map<String, Long> costs,
            double reduction,
            double score,
            long epochs,
            long evaluations,
            double elapsedSeconds,
            Map<String, Long> widthsBefore,
            Map<String, Long> widthsAfter,
            Optional<RunLog.Network> network) {

        /**
         * Copies the maps.
         *
         * @param number 0 for the initial model
         * @param action the action
         * @param rejection why it was taken back
         * @param trainingMetric the metric on training data
         * @param validationMetric the metric on validation data
         * @param validationError standard error of the latter
         * @param goodness its place on [0, 1]
         * @param loss mean training loss
         * @param costs what the network takes
         * @param reduction share of the initial parameters that is gone
         * @param score grade of the model
         * @param epochs epochs trained
         * @param evaluations candidates graded
         * @param elapsedSeconds time that the run has been under way
         * @param widthsBefore units of each space before
         * @param widthsAfter units of each space after
         * @param network what was accepted
         */
        public Generation {
            Objects.requireNonNull(action, "action");
            Objects.requireNonNull(rejection, "rejection");
            costs = ordered(costs);
            widthsBefore = ordered(widthsBefore);
            widthsAfter = ordered(widthsAfter);
            Objects.requireNonNull(network, "network");
        }

        /**
         * Tells whether the run went on from this generation.
         *
         * @return false if it was taken back
         */
        public boolean accepted() {
            return rejection.isEmpty();
        }

        /**
         * Tells a cost of the network.
         *
         * @param cost its name: "parameters", "macs", "latency"
         * @return empty if it is unknown
         */
        public OptionalLong cost(String cost) {
            Long value = costs.get(cost);
            return value == null ? OptionalLong.empty() : OptionalLong.of(value);
        }
    }

    /**
     * A candidate that a search graded.
     *
     * @param actions what it is made by
     * @param parameters number of its parameters
     * @param score its grade
     * @param failure why it could not be graded
     * @param evaluations candidates graded in this search so far
     * @param searchSeconds time that the search has been under way
     * @param expectedSeconds about how long all of it takes
     */
    public record Candidate(
            List<String> actions,
            long parameters,
            double score,
            Optional<String> failure,
            long evaluations,
            double searchSeconds,
            double expectedSeconds) {

        /**
         * Copies the list.
         *
         * @param actions what it is made by
         * @param parameters number of its parameters
         * @param score its grade
         * @param failure why it could not be graded
         * @param evaluations candidates graded so far
         * @param searchSeconds time that the search has been under way
         * @param expectedSeconds about how long all of it takes
         */
        public Candidate {
            actions = List.copyOf(actions);
            Objects.requireNonNull(failure, "failure");
        }
    }

    /**
     * A search that is done.
     *
     * @param chosen the action that was chosen
     * @param score its grade
     * @param evaluations candidates graded
     * @param seconds time that it took
     * @param complete whether all that it meant to try was tried
     * @param failures candidates that could not be graded
     * @param tree what was visited
     */
    public record Search(
            String chosen,
            double score,
            long evaluations,
            double seconds,
            boolean complete,
            long failures,
            Optional<RunLog.Node> tree) {

        /**
         * Checks that nothing is missing.
         *
         * @param chosen the action that was chosen
         * @param score its grade
         * @param evaluations candidates graded
         * @param seconds time that it took
         * @param complete whether all was tried
         * @param failures candidates that could not be graded
         * @param tree what was visited
         */
        public Search {
            Objects.requireNonNull(chosen, "chosen");
            Objects.requireNonNull(tree, "tree");
        }
    }

    /**
     * A node of a search's tree.
     *
     * @param action what leads to it
     * @param visits how often it was tried
     * @param mean mean of the values found through it
     * @param best the best grade at or below it
     * @param children what follows
     * @param omitted number of children that the log leaves out
     */
    public record Node(String action, long visits, double mean, double best, List<RunLog.Node> children, long omitted) {

        /**
         * Copies the list.
         *
         * @param action what leads to it
         * @param visits how often it was tried
         * @param mean mean of the values found through it
         * @param best the best grade at or below it
         * @param children what follows
         * @param omitted number of children that the log leaves out
         */
        public Node {
            Objects.requireNonNull(action, "action");
            children = List.copyOf(children);
        }
    }

    /**
     * What a run expects to take.
     *
     * @param generation the generation whose first candidate it was made behind
     * @param searchSeconds a search
     * @param trainingSeconds the training of a generation
     * @param lastSeconds the training at the end
     * @param runSeconds all of it
     */
    public record Forecast(
            int generation, double searchSeconds, double trainingSeconds, double lastSeconds, double runSeconds) {}

    /**
     * How a run ended.
     *
     * @param status finished, stopped, cancelled or failed
     * @param reason why, for people
     * @param elapsedSeconds time that it has been under way
     * @param generation number of the generation whose model was returned; empty if unknown
     * @param network what was returned
     * @param pareto models that no other one beats
     */
    public record End(
            String status,
            String reason,
            double elapsedSeconds,
            Optional<Integer> generation,
            Optional<RunLog.Network> network,
            List<RunLog.Point> pareto) {

        /**
         * Copies the list.
         *
         * @param status how it ended
         * @param reason why
         * @param elapsedSeconds time that it has been under way
         * @param generation number of the generation whose model was returned
         * @param network what was returned
         * @param pareto models that no other one beats
         */
        public End {
            Objects.requireNonNull(status, "status");
            Objects.requireNonNull(reason, "reason");
            Objects.requireNonNull(generation, "generation");
            Objects.requireNonNull(network, "network");
            pareto = List.copyOf(pareto);
        }
    }

    /**
     * A model that no other one beats.
     *
     * @param generation its number
     * @param metric the metric on validation data
     * @param goodness its place on [0, 1]
     * @param parameters number of parameters
     * @param macs multiply-accumulates for one example
     * @param latencySeconds of a forward pass
     */
    public record Point(
            int generation, double metric, double goodness, long parameters, OptionalLong macs, double latencySeconds) {

        /**
         * Checks that nothing is missing.
         *
         * @param generation its number
         * @param metric the metric
         * @param goodness its place on [0, 1]
         * @param parameters number of parameters
         * @param macs multiply-accumulates
         * @param latencySeconds of a forward pass
         */
        public Point {
            Objects.requireNonNull(macs, "macs");
        }
    }

    /**
     * Copies lists and maps.
     *
     * @param name name of the run's folder
     * @param started when the run began
     * @param last time of the last line
     * @param metric what the run judges models by
     * @param settings the settings
     * @param versions versions by name
     * @param model SHA-256 of the model
     * @param network the network as it was given
     * @param generations generations that are done
     * @param searches searches that are done
     * @param candidates candidates that were graded
     * @param forecast what the run expects to take
     * @param resumed where the run was resumed
     * @param end how the run ended
     * @param notes what was wrong with the log
     */
    public RunLog {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(started, "started");
        Objects.requireNonNull(last, "last");
        Objects.requireNonNull(metric, "metric");
        Objects.requireNonNull(settings, "settings");
        versions = ordered(versions);
        Objects.requireNonNull(model, "model");
        Objects.requireNonNull(network, "network");
        generations = List.copyOf(generations);
        searches = ordered(new TreeMap<>(searches));
        Map<Integer, List<Candidate>> copied = new TreeMap<>();
        candidates.forEach((number, some) -> copied.put(number, List.copyOf(some)));
        candidates = ordered(copied);
        Objects.requireNonNull(forecast, "forecast");
        resumed = List.copyOf(resumed);
        Objects.requireNonNull(end, "end");
        notes = List.copyOf(notes);
    }

    /**
     * Reads the log in a run's folder. The run may be writing it meanwhile.
     *
     * @param runFolder the folder
     * @return what it tells; what cannot be read is told by the notes
     * @throws IOException if there is no log, or it cannot be read
     */
    public static RunLog read(Path runFolder) throws IOException {
        return LogReader.read(runFolder);
    }

    /**
     * Looks for a generation that is done.
     *
     * @param number its number
     * @return empty if there is none
     */
    public Optional<Generation> generation(int number) {
        return generations.stream().filter(some -> some.number() == number).findFirst();
    }

    /** Unmodifiable, in the order in which it was filled. */
    private static <K, V> Map<K, V> ordered(Map<K, V> map) {
        return Collections.unmodifiableMap(new LinkedHashMap<>(map));
    }
}
