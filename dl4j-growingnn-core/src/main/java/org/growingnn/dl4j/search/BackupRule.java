package org.growingnn.dl4j.search;

import java.util.Comparator;
import java.util.List;

/** Which of the grades along a rollout is backed up: the grade of the leaf comes first, those of the random actions behind it follow. */
public enum BackupRule {

    /** The last grade, as in the GrowingNN paper: what comes of going on, good or bad. */
    LAST {
        @Override
        Value of(List<Value> grades) {
            return grades.get(grades.size() - 1);
        }
    },

    /**
     * The best grade: what can be reached, since whoever follows the path may stop at its best place. Random actions that do harm
     * say nothing against the action that they follow. The best of several noisy grades is too high; it is so for every action that
     * is rolled out equally deep, but not for doing nothing, which nothing follows. In a simulation of three generations, 60
     * evaluations each and noise of 0.01, networks where effects add up end at 0.930 (last grade 0.912, mean 0.917), those with a
     * valley before the goal at 0.900 (0.900, 0.888), and those that should stay as they are, worth 0.900, at 0.895 (0.900, 0.900). With
     * rollouts of depth 0 all rules are one.
     */
    BEST {
        @Override
        Value of(List<Value> grades) {
            return grades.stream().max(Comparator.comparingDouble(Value::score)).orElseThrow();
        }
    },

    /** The mean of the grades: the least noisy, and the one on which random actions that do harm weigh as much as the action itself. */
    MEAN {
        @Override
        Value of(List<Value> grades) {
            return new Value(
                    grades.stream().mapToDouble(Value::score).average().orElseThrow(),
                    grades.stream().mapToDouble(Value::error).average().orElseThrow());
        }
    };

    /** A grade without the network that it belongs to. */
    record Value(double score, double error) {
        static Value of(Grade grade) {
            return new Value(grade.score(), grade.standardError());
        }
    }

    /** Combines the grades of one rollout, of which there is at least one. */
    abstract Value of(List<Value> grades);
}
