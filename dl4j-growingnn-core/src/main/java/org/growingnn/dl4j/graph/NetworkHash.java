package org.growingnn.dl4j.graph;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.TreeMap;

/** Identifies networks. */
final class NetworkHash {

    private NetworkHash() {}

    /** Hashes names, operations, connections, array shapes and selected input features, but no values. */
    static String structure(NetworkGraph graph) {
        StringBuilder text = new StringBuilder();
        for (Vertex vertex : graph.vertices()) {
            text.append(vertex.name())
                    .append('|')
                    .append(vertex.operation().structure())
                    .append(vertex.inputs());
            new TreeMap<>(vertex.parameters())
                    .forEach((key, parameter) -> text.append(key)
                            .append(Arrays.toString(parameter.value().shape())));
            text.append('\n');
        }
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256")
                    .digest(text.append(graph.outputs()).toString().getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java platform provides SHA-256.", e);
        }
    }
}
