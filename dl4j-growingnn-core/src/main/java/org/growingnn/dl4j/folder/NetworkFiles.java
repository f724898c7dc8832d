package org.growingnn.dl4j.folder;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInput;
import java.io.DataInputStream;
import java.io.DataOutput;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.growingnn.dl4j.adapter.NetworkBytes;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.graph.SparseMatrix;
import org.growingnn.dl4j.graph.UnitLineage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Networks in files, bit for bit, each of which is named by the hash of its content: what is there need not be written again, and what was
 * damaged is noticed.
 */
final class NetworkFiles {

    private static final Logger log = LoggerFactory.getLogger(NetworkFiles.class);

    private static final String EXTENSION = ".bin";

    private final Path folder;
    private final Map<NetworkGraph, String> names = new IdentityHashMap<>();
    private final Map<String, NetworkGraph> networks = new HashMap<>();

    NetworkFiles(Path folder) {
        this.folder = folder;
    }

    /** Writes a network unless it is there, and tells its name. */
    String name(NetworkGraph network) {
        return names.computeIfAbsent(network, absent -> {
            try {
                String name = write(network);
                networks.put(name, network);
                return name;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    private String write(NetworkGraph network) throws IOException {
        Files.createDirectories(folder);
        // Its name is known once it is written.
        Path nameless = folder.resolve("network");
        MessageDigest digest = sha256();
        AtomicFiles.write(nameless, out -> {
            DataOutputStream data = new DataOutputStream(new BufferedOutputStream(new DigestOutputStream(out, digest)));
            NetworkBytes.write(network, data);
            writeLineage(network.lineage(), data);
            data.flush();
        });
        String name = HexFormat.of().formatHex(digest.digest());
        AtomicFiles.move(nameless, file(name));
        return name;
    }

    /**
     * Reads a network.
     *
     * @throws IllegalArgumentException if there is no such network, or its file is damaged
     */
    NetworkGraph network(String name) {
        return networks.computeIfAbsent(name, absent -> {
            NetworkGraph network = read(name);
            names.put(network, name);
            return network;
        });
    }

    private NetworkGraph read(String name) {
        try {
            // What was damaged must not be parsed.
            if (!hash(file(name)).equals(name)) {
                throw new IllegalArgumentException(
                        "The file " + file(name) + " is not what it was when it was written.");
            }
            try (DataInputStream in = new DataInputStream(new BufferedInputStream(Files.newInputStream(file(name))))) {
                NetworkGraph network = NetworkBytes.read(in);
                return readLineage(in).map(network::with).orElse(network);
            }
        } catch (IOException e) {
            throw new IllegalArgumentException("The file " + file(name) + " cannot be read: " + RunFolder.reason(e), e);
        }
    }

    private static String hash(Path file) throws IOException {
        MessageDigest digest = sha256();
        try (InputStream in = new DigestInputStream(Files.newInputStream(file), digest)) {
            in.transferTo(OutputStream.nullOutputStream());
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    /** Deletes all networks but some. */
    void keepOnly(Set<NetworkGraph> needed) throws IOException {
        names.keySet().removeIf(network -> !needed.contains(network));
        networks.values().removeIf(network -> !needed.contains(network));
        // Maps by identity look for values by identity, too.
        Set<String> kept = new HashSet<>(names.values());
        List<Path> files;
        try (Stream<Path> listed = Files.list(folder)) {
            files = listed.toList();
        }
        for (Path file : files) {
            if (!kept.contains(file.getFileName().toString().replace(EXTENSION, ""))) {
                delete(file);
            }
        }
    }

    /** What is left over takes room, but harms nobody: on Windows, somebody may be looking at it. */
    static void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            log.warn("The file {}, which is not needed any more, cannot be deleted", file, e);
        }
    }

    private Path file(String name) {
        return folder.resolve(name + EXTENSION);
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java platform has SHA-256.", e);
        }
    }

    private static void writeLineage(Optional<UnitLineage> lineage, DataOutput out) throws IOException {
        out.writeBoolean(lineage.isPresent());
        if (lineage.isEmpty()) {
            return;
        }
        Map<String, SparseMatrix> shares = lineage.get().shares();
        out.writeInt(shares.size());
        for (Map.Entry<String, SparseMatrix> share : shares.entrySet()) {
            out.writeUTF(share.getKey());
            SparseMatrix matrix = share.getValue();
            out.writeInt(matrix.rows());
            out.writeInt(matrix.columns());
            for (int row = 0; row < matrix.rows(); row++) {
                Map<Integer, Double> entries = new LinkedHashMap<>();
                matrix.forEach(row, entries::put);
                out.writeInt(entries.size());
                for (Map.Entry<Integer, Double> entry : entries.entrySet()) {
                    out.writeInt(entry.getKey());
                    out.writeDouble(entry.getValue());
                }
            }
        }
    }

    private static Optional<UnitLineage> readLineage(DataInput in) throws IOException {
        if (!in.readBoolean()) {
            return Optional.empty();
        }
        Map<String, SparseMatrix> shares = new LinkedHashMap<>();
        for (int left = in.readInt(); left > 0; left--) {
            String layer = in.readUTF();
            int rows = in.readInt();
            SparseMatrix.Builder matrix = SparseMatrix.builder(in.readInt());
            for (int row = 0; row < rows; row++) {
                for (int entries = in.readInt(); entries > 0; entries--) {
                    matrix.entry(in.readInt(), in.readDouble());
                }
                matrix.endRow();
            }
            shares.put(layer, matrix.build());
        }
        return Optional.of(new UnitLineage(shares));
    }
}
