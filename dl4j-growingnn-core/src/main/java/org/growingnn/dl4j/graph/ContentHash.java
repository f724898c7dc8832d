package org.growingnn.dl4j.graph;

import java.util.Objects;

/**
 * Identifies what a network is and holds: structure, all parameter values, optimiser state and the origin's counters. Networks with
 * equal hashes train and compute alike. Calibration is left out, because it influences neither.
 *
 * <p>128 bits: among a billion networks two different ones are alike with a probability below 1e-20, except for origins, of which only
 * {@link Object#hashCode()} is taken. The value identifies networks within one process and is not to be stored.
 *
 * @param high one half
 * @param low the other half
 */
public record ContentHash(long high, long low) {

    /**
     * Hashes a network. It reads every value once, which takes about two milliseconds for a million of them.
     *
     * @param network the network
     * @return its hash
     */
    public static ContentHash of(NetworkGraph network) {
        Objects.requireNonNull(network, "network");
        Mixer mixer = new Mixer();
        for (NetworkInput input : network.inputs()) {
            mixer.add(input.name());
            mixer.add(input.kind().ordinal());
            mixer.add(input.format().ordinal());
            mixer.add(input.size());
            for (long extent : input.extents()) {
                mixer.add(extent);
            }
        }
        for (Vertex vertex : network.vertices()) {
            mixer.add(vertex.name());
            mixer.add(vertex.operation().configured());
            mixer.add(vertex.inputs().size());
            vertex.inputs().forEach(mixer::add);
            mixer.add(vertex.parameters().size());
            vertex.parameters().forEach((key, parameter) -> {
                mixer.add(key);
                mixer.add(parameter.value());
                mixer.add(parameter.state().size());
                parameter.state().forEach(moment -> {
                    mixer.add(moment.kind().ordinal());
                    mixer.add(moment.value());
                });
            });
        }
        network.outputs().forEach(mixer::add);
        mixer.add(network.origin().hashCode());
        return mixer.finish();
    }

    /** The body and the finalizer of MurmurHash3 for 128 bits (Appleby), fed with one number at a time. */
    private static final class Mixer {
        private static final long C1 = 0x87C37B91114253D5L;
        private static final long C2 = 0x4CF5AD432745937FL;

        private long h1;
        private long h2;
        private long count;

        private void add(long value) {
            long k1 = Long.rotateLeft(value * C1, 31) * C2;
            long k2 = Long.rotateLeft(value * C2, 33) * C1;
            h1 = (Long.rotateLeft(h1 ^ k1, 27) + h2) * 5 + 0x52DCE729;
            h2 = (Long.rotateLeft(h2 ^ k2, 31) + h1) * 5 + 0x38495AB5;
            count++;
        }

        private void add(String text) {
            add(text.length());
            text.chars().forEach(this::add);
        }

        private void add(Tensor tensor) {
            add(tensor.isDouble() ? 1 : 0);
            for (long extent : tensor.shape()) {
                add(extent);
            }
            int length = tensor.length();
            for (int i = 0; i < length; i++) {
                add(Double.doubleToRawLongBits(tensor.get(i)));
            }
        }

        private ContentHash finish() {
            long a = h1 ^ count;
            long b = h2 ^ count;
            a += b;
            b += a;
            a = finalized(a);
            b = finalized(b);
            a += b;
            b += a;
            return new ContentHash(a, b);
        }

        private static long finalized(long value) {
            long k = (value ^ (value >>> 33)) * 0xFF51AFD7ED558CCDL;
            k = (k ^ (k >>> 33)) * 0xC4CEB9FE1A85EC53L;
            return k ^ (k >>> 33);
        }
    }
}
