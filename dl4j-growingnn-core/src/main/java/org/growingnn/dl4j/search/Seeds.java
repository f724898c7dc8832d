package org.growingnn.dl4j.search;

/** Derives independent random streams from a seed and what they are for, never from the order of calls. */
final class Seeds {

    private Seeds() {}

    static long derive(long seed, Object... purpose) {
        long hash = seed;
        for (Object part : purpose) {
            hash = mix(hash * 0x9E3779B97F4A7C15L + part.toString().hashCode());
        }
        return hash;
    }

    /** The finaliser of SplitMix64. */
    private static long mix(long value) {
        long z = (value ^ (value >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}
