package org.growingnn.dl4j.graph;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jgrapht.alg.util.UnionFind;

/** Collects unit spaces while layouts are propagated, and merges those that are tied. */
final class SpaceTable {

    private final UnionFind<Integer> classes = new UnionFind<>(Set.of());
    private final List<String> producers = new ArrayList<>();
    private final List<Long> sizes = new ArrayList<>();
    private final Map<Integer, String> frozen = new LinkedHashMap<>();
    private final Map<Integer, String> mixed = new LinkedHashMap<>();
    private final Set<Integer> features = new HashSet<>();
    private final Set<Integer> indices = new HashSet<>();
    private final Map<Integer, String> kept = new LinkedHashMap<>();
    private final Map<Integer, Long> minimums = new LinkedHashMap<>();

    Layout fresh(String producer, long size) {
        int id = producers.size();
        producers.add(producer);
        sizes.add(size);
        classes.addElement(id);
        return new Layout(List.of(new Block(id, size, 1)));
    }

    void union(int first, int second) {
        classes.union(first, second);
    }

    void freeze(int space, String reason) {
        frozen.putIfAbsent(space, reason);
    }

    void mix(int space, String reason) {
        mixed.putIfAbsent(space, reason);
    }

    void features(int space) {
        features.add(space);
    }

    void indices(int space) {
        indices.add(space);
    }

    void keepWeights(int space, String reason) {
        kept.putIfAbsent(space, reason);
    }

    void atLeast(int space, long units) {
        minimums.merge(space, units, Math::max);
    }

    /** Resolves each raw space to its class; names are unique because a further space of a producer gets a number. */
    List<UnitSpace> resolve() {
        Map<Integer, List<Integer>> members = new LinkedHashMap<>();
        for (int id = 0; id < producers.size(); id++) {
            members.computeIfAbsent(classes.find(id), key -> new ArrayList<>()).add(id);
        }
        Set<String> names = new LinkedHashSet<>();
        UnitSpace[] byId = new UnitSpace[producers.size()];
        for (List<Integer> ids : members.values()) {
            String base = producers.get(ids.get(0));
            String name = base;
            for (int number = 2; !names.add(name); number++) {
                name = base + "#" + number;
            }
            UnitSpace space = new UnitSpace(
                    name,
                    sizes.get(ids.get(0)),
                    ids.stream()
                            .mapToLong(id -> minimums.getOrDefault(id, 1L))
                            .max()
                            .orElse(1),
                    ids.stream().map(producers::get).distinct().toList(),
                    ids.stream().filter(frozen::containsKey).map(frozen::get).findFirst(),
                    ids.stream().filter(mixed::containsKey).map(mixed::get).findFirst(),
                    ids.stream().anyMatch(features::contains),
                    ids.stream().anyMatch(indices::contains),
                    ids.stream().filter(kept::containsKey).map(kept::get).findFirst());
            ids.forEach(id -> byId[id] = space);
        }
        return List.of(byId);
    }
}
