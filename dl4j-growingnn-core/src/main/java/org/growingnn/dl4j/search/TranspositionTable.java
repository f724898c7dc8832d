package org.growingnn.dl4j.search;

import java.util.HashMap;
import java.util.Map;
import org.growingnn.dl4j.graph.ContentHash;
import org.jspecify.annotations.Nullable;

/**
 * What is known about candidates, whatever the path that led to them: by all that an evaluation depends on, which is the content of the
 * network and the seed. Networks of equal structure that kept other units, or were trained for another time, do not share a grade.
 */
final class TranspositionTable {

    /** What identifies an evaluation. */
    private record Key(ContentHash content, long seed) {}

    /** A grade without its network, or else a failure. */
    record Known(BackupRule.@Nullable Value value, @Nullable Failure failure) {
        private static Known of(Evaluation evaluation) {
            return evaluation instanceof Grade grade
                    ? new Known(BackupRule.Value.of(grade), null)
                    : new Known(null, (Failure) evaluation);
        }
    }

    private final long seed;
    private final Map<Object, Known> known = new HashMap<>();

    TranspositionTable(long seed) {
        this.seed = seed;
    }

    /**
     * What identifies a candidate. One whose network cannot be made is like no other: the same path may stand for the variant of
     * another network, such as that of a trained parent.
     */
    Object key(Candidate candidate) {
        try {
            return new Key(candidate.content(), seed);
        } catch (RuntimeException | OutOfMemoryError e) {
            // The reason shows when the executor meets it.
            return candidate;
        }
    }

    @Nullable
    Known get(Object key) {
        return known.get(key);
    }

    Known put(Object key, Evaluation evaluation) {
        Known found = Known.of(evaluation);
        known.put(key, found);
        return found;
    }
}
