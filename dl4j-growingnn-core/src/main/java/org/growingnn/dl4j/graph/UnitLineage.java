package org.growingnn.dl4j.graph;

import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * Tells for each layer of a network which units of the same layer its units came from, over all edits since the model was read. It is
 * attached to networks, see {@link NetworkGraph#lineage()}, and follows every edit. Layers that were added since have none. For positions
 * that are selected see {@link Selection#kept()}.
 *
 * @param shares by the name of the layer, a matrix with one row for each unit that it has now, and one column for each unit that it had:
 *     incoming weights are the sum of those of old units, weighted by the row, before training changes them further
 */
public record UnitLineage(Map<String, SparseMatrix> shares) {

    /**
     * Copies the map, and keeps its order.
     *
     * @param shares by the name of the layer
     */
    public UnitLineage {
        shares = Collections.unmodifiableMap(new LinkedHashMap<>(shares));
    }

    /**
     * Starts: every unit comes from itself.
     *
     * @param network the network as it was read
     * @return its lineage
     */
    public static UnitLineage of(NetworkGraph network) {
        Map<String, SparseMatrix> identities = new LinkedHashMap<>();
        Set<String> ambiguous = new HashSet<>();
        for (UnitSpace space : network.spaces()) {
            if (space.size() != Layout.UNKNOWN && !space.features()) {
                for (String producer : space.producers()) {
                    if (network.isVertex(producer)
                            && identities.put(producer, SparseMatrix.identity(Math.toIntExact(space.size()))) != null) {
                        ambiguous.add(producer);
                    }
                }
            }
        }
        identities.keySet().removeAll(ambiguous);
        return new UnitLineage(identities);
    }

    /**
     * Tells which units a layer kept, or copied.
     *
     * @param layer name of a layer
     * @return for each unit that it has now, the index of the one that it was; empty if the layer was added, or if units were mixed
     */
    public Optional<int[]> origins(String layer) {
        return Optional.ofNullable(shares.get(Objects.requireNonNull(layer, "layer")))
                .flatMap(UnitLineage::origins);
    }

    private static Optional<int[]> origins(SparseMatrix matrix) {
        int[] origins = new int[matrix.rows()];
        for (int unit = 0; unit < origins.length; unit++) {
            int row = unit;
            int[] entries = new int[1];
            matrix.forEach(row, (column, value) -> {
                origins[row] = column;
                entries[0]++;
            });
            if (entries[0] != 1) {
                return Optional.empty();
            }
        }
        return Optional.of(origins);
    }

    /**
     * Follows a resizing.
     *
     * @param space the space as it was
     * @param producer a matrix with a row for each new unit and a column for each old one
     * @return the lineage of the resized network
     */
    public UnitLineage resized(UnitSpace space, SparseMatrix producer) {
        Map<String, SparseMatrix> followed = new LinkedHashMap<>(shares);
        space.producers().forEach(layer -> followed.computeIfPresent(layer, (name, old) -> producer.times(old)));
        return new UnitLineage(followed);
    }

    /** Keeps what is told of layers that an edited network still has, as wide as they were. */
    UnitLineage within(NetworkGraph edited) {
        Map<String, Set<Long>> widths = new HashMap<>();
        edited.spaces()
                .forEach(space -> space.producers()
                        .forEach(layer -> widths.computeIfAbsent(layer, key -> new HashSet<>())
                                .add(space.size())));
        Map<String, SparseMatrix> left = new LinkedHashMap<>(shares);
        left.entrySet()
                .removeIf(entry -> !edited.isVertex(entry.getKey())
                        || !widths.getOrDefault(entry.getKey(), Set.of())
                                .contains((long) entry.getValue().rows()));
        return new UnitLineage(left);
    }
}
