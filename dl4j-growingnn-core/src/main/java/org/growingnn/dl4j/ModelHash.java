package org.growingnn.dl4j;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.graph.Tensor;
import org.growingnn.dl4j.graph.Vertex;

/** Tells models apart by what defines their further training: structure, configuration and parameters. */
final class ModelHash {

    private static final int CHUNK = 1 << 13;

    private ModelHash() {}

    static String sha256(NetworkGraph network) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            add(digest, network.structureHash());
            add(digest, network.origin().fingerprint());
            for (Vertex vertex : network.vertices()) {
                vertex.parameters().forEach((key, parameter) -> {
                    Tensor value = parameter.value();
                    add(digest, vertex.name() + " " + key + " " + Arrays.toString(value.shape()));
                    add(digest, value);
                });
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java platform provides SHA-256.", e);
        }
    }

    /** The length in front keeps texts apart that follow one another. */
    private static void add(MessageDigest digest, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(bytes.length).array());
        digest.update(bytes);
    }

    private static void add(MessageDigest digest, Tensor value) {
        ByteBuffer buffer = ByteBuffer.allocate(CHUNK * Double.BYTES);
        for (int i = 0; i < value.length(); i++) {
            buffer.putDouble(value.get(i));
            if (!buffer.hasRemaining()) {
                digest.update(buffer.flip());
                buffer.clear();
            }
        }
        digest.update(buffer.flip());
    }
}
