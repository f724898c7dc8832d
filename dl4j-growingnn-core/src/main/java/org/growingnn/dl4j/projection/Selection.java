package org.growingnn.dl4j.projection;

import java.util.Optional;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.graph.UnitSpace;

/** Keeps the units that a criterion rates highest, as they are. */
final class Selection implements Projection {

    private final String name;
    private final Criterion criterion;
    private final Projection growth;

    /** @param growth what to do when the space grows */
    Selection(String name, Criterion criterion, Projection growth) {
        this.name = name;
        this.criterion = criterion;
        this.growth = growth;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public boolean needsCalibration() {
        return criterion.needsCalibration();
    }

    @Override
    public Optional<Criterion> criterion() {
        return Optional.of(criterion);
    }

    @Override
    public UnitMap map(NetworkGraph graph, UnitSpace space, int newSize) {
        int size = Math.toIntExact(space.size());
        if (newSize >= size) {
            return growth.map(graph, space, newSize);
        }
        return UnitMap.selection(size, GlobalRanking.best(Criteria.rate(criterion, graph, space), newSize));
    }

    @Override
    public boolean preservesFunction(long size, long newSize) {
        return newSize >= size && growth.preservesFunction(size, newSize);
    }

    @Override
    public String toString() {
        return name;
    }
}
