package org.growingnn.dl4j.run;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.graph.UnitSpace;
import org.growingnn.dl4j.metric.MetricChoice;
import org.growingnn.dl4j.search.Evaluated;
import org.growingnn.dl4j.search.SearchProgress;
import org.growingnn.dl4j.search.SearchResult;

/** Something that happened in a run. Events are told in the order in which things happen, on the thread that runs the optimisation. */
public sealed interface RunEvent {

    /**
     * The run begins, or goes on from a saved state.
     *
     * @param settings what defines it
     * @param metric what models are judged by, and why
     * @param network the network that it was given
     */
    record RunStarted(RunSettings settings, MetricChoice metric, NetworkGraph network) implements RunEvent {}

    /**
     * A search has evaluated a candidate, or failed to.
     *
     * @param generation number of the generation under way
     * @param candidate the candidate with its path of actions, its parameters, its grade or the reason why it has none, and the time that
     *     it took
     * @param progress state of the search
     */
    record CandidateEvaluated(int generation, Evaluated candidate, SearchProgress progress) implements RunEvent {}

    /**
     * The first candidate has told about how long the run will take.
     *
     * @param generation number of the generation under way
     * @param forecast what is foretold
     */
    record RunForecast(int generation, Forecast forecast) implements RunEvent {

        /**
         * Checks that nothing is missing.
         *
         * @param generation number of the generation under way
         * @param forecast what is foretold
         */
        public RunForecast {
            Objects.requireNonNull(forecast, "forecast");
        }
    }

    /**
     * A search has chosen an action.
     *
     * @param generation number of the generation under way
     * @param result the choice with all root actions and the tree
     */
    record SearchEnded(int generation, SearchResult result) implements RunEvent {}

    /**
     * A generation has ended, accepted or not; the first one, with number 0, is the initial model.
     *
     * @param generation what it did
     * @param widthsBefore number of units of every resizable space before it
     * @param widthsAfter number of units of every resizable space of the network that it made, even if that was taken back
     * @param network the network that it made, even if that was taken back
     */
    record GenerationEnded(
            Generation generation, Map<String, Long> widthsBefore, Map<String, Long> widthsAfter, NetworkGraph network)
            implements RunEvent {

        /**
         * Copies the maps.
         *
         * @param generation what it did
         * @param widthsBefore widths before it
         * @param widthsAfter widths behind it
         * @param network the network that it made
         */
        public GenerationEnded {
            widthsBefore = Collections.unmodifiableMap(new LinkedHashMap<>(widthsBefore));
            widthsAfter = Collections.unmodifiableMap(new LinkedHashMap<>(widthsAfter));
        }

        static GenerationEnded of(Generation generation, NetworkGraph before, NetworkGraph after) {
            return new GenerationEnded(generation, widths(before), widths(after), after);
        }

        private static Map<String, Long> widths(NetworkGraph network) {
            Map<String, Long> widths = new LinkedHashMap<>();
            network.spaces().stream()
                    .filter(UnitSpace::resizable)
                    .forEach(space -> widths.put(space.name(), space.size()));
            return widths;
        }
    }

    /**
     * A generation was taken back; {@link GenerationEnded} told before what it did.
     *
     * @param generation what it did
     * @param reason why it was taken back
     */
    record GenerationRejected(Generation generation, String reason) implements RunEvent {}

    /**
     * A step has ended: this is what to save, and where to go on from.
     *
     * @param state the new state
     */
    record StateReached(RunState state) implements RunEvent {}

    /**
     * The run is over.
     *
     * @param outcome how it ended
     */
    record RunEnded(Outcome outcome) implements RunEvent {}
}
