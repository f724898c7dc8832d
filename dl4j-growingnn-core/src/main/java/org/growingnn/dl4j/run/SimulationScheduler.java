package org.growingnn.dl4j.run;

import java.util.List;
import org.growingnn.dl4j.value.Ranges;

/** Decides before every generation whether a search takes place or the model is only trained. */
@FunctionalInterface
public interface SimulationScheduler {

    /**
     * Decides.
     *
     * @param history all generations so far, the initial model first
     * @return true to search
     */
    boolean simulate(List<Generation> history);

    /**
     * Searches in every generation.
     *
     * @return the scheduler
     */
    static SimulationScheduler always() {
        return new Always();
    }

    /**
     * Searches when training no longer helps: the metric on training data improved by less than δ in the last generation.
     *
     * @param delta least improvement to go on training without a search; the paper's is 0.01
     * @return the scheduler
     */
    static SimulationScheduler progressCheck(double delta) {
        return new ProgressCheck(delta);
    }

    /**
     * Searches when the metric on training data of the last generations has no upward trend: the slope of the least-squares line is
     * not positive.
     *
     * @param window number of generations to look at, ≥ 2
     * @return the scheduler
     */
    static SimulationScheduler overfitCheck(int window) {
        return new OverfitCheck(window);
    }

    /** Searches in every generation. */
    record Always() implements SimulationScheduler {

        @Override
        public boolean simulate(List<Generation> history) {
            return true;
        }
    }

    /**
     * Searches when the metric on training data improved by less than δ in the last generation.
     *
     * @param delta least improvement to go on training without a search, 0 to 1
     */
    record ProgressCheck(double delta) implements SimulationScheduler {

        /**
         * Checks the range.
         *
         * @param delta least improvement
         */
        public ProgressCheck {
            Ranges.requireShare("delta", delta);
        }

        @Override
        public boolean simulate(List<Generation> history) {
            int last = history.size() - 1;
            return last < 1
                    || history.get(last).trainingGoodness()
                                    - history.get(last - 1).trainingGoodness()
                            < delta;
        }
    }

    /**
     * Searches when the metric on training data of the last generations has no upward trend.
     *
     * @param window number of generations to look at, ≥ 2
     */
    record OverfitCheck(int window) implements SimulationScheduler {

        /**
         * Checks the range.
         *
         * @param window number of generations to look at
         */
        public OverfitCheck {
            Ranges.requireAtLeast("window", window, 2);
        }

        @Override
        public boolean simulate(List<Generation> history) {
            List<Generation> recent = history.subList(Math.max(0, history.size() - window), history.size());
            double middle = (recent.size() - 1) / 2.0;
            double slope = 0;
            for (int i = 0; i < recent.size(); i++) {
                slope += (i - middle) * recent.get(i).trainingGoodness();
            }
            return slope <= 0;
        }
    }
}
