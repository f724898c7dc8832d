package org.growingnn.dl4j.search;

import java.util.List;
import java.util.function.Consumer;
import org.growingnn.dl4j.graph.NetworkGraph;

/**
 * Where candidates are evaluated: threads of this process, other processes, a cluster. Candidates of one call are independent of each
 * other. An implementation evaluates each of them once, turns what an evaluation throws into a {@link Failure}, and never lets the
 * order in which evaluations end show.
 *
 * <p>Once the cancellation is requested, or the calling thread interrupted, no further candidate is started, those under way are
 * awaited, what was graded all the same is handed over, and the call returns normally. The interrupt is left to be seen by the caller.
 */
public interface CandidateExecutor extends AutoCloseable {

    /**
     * Makes sure, before a run begins, that variants of a network can be evaluated here. The default, for executors within this process,
     * does nothing.
     *
     * @param evaluator will grade candidates, or one like it will
     * @param root the network that candidates stem from
     * @throws IllegalArgumentException if the evaluator or the network cannot be taken to where candidates are evaluated, with what of it
     *     cannot and what to do instead
     * @throws IllegalStateException if nothing can be evaluated there, with the reason
     */
    default void requireAble(Evaluator evaluator, NetworkGraph root) {}

    /**
     * Evaluates candidates and hands results over on the calling thread, in the order of the candidates; those that were cancelled are
     * left out.
     *
     * @param evaluator grades candidates
     * @param candidates what to evaluate
     * @param seed the same for all of them
     * @param cancellation asks to end
     * @param receiver gets the results
     */
    void evaluate(
            Evaluator evaluator,
            List<Candidate> candidates,
            long seed,
            Cancellation cancellation,
            Consumer<Evaluated> receiver);

    /**
     * Previews candidates and hands results over on the calling thread, in the order of the candidates; those that were cancelled are
     * left out.
     *
     * @param evaluator previews candidates
     * @param candidates what to preview
     * @param cancellation asks to end
     * @param receiver gets the results
     */
    void preview(
            Evaluator evaluator, List<Candidate> candidates, Cancellation cancellation, Consumer<Previewed> receiver);

    /**
     * Makes the networks of candidates in this process, before the search compares them. What does not apply shows when its network is
     * asked for. The default does nothing, so that networks are made one after another when they are asked for.
     *
     * @param candidates whose networks to make
     * @param cancellation asks to end
     */
    default void prepare(List<Candidate> candidates, Cancellation cancellation) {}

    /**
     * Tells how many evaluations run side by side. It must not influence what a search finds, unless the search is limited in time.
     *
     * @return 1 unless overridden
     */
    default int parallelism() {
        return 1;
    }

    /** Ends and awaits all work; nothing goes on afterwards. */
    @Override
    void close();
}
