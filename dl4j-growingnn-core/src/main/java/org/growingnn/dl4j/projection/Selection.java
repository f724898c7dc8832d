package org.growingnn.dl4j.projection;

import java.util.Optional;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.graph.UnitSpace;

/**
 * Keeps the units that a criterion rates highest, as they are.
 *
 * @param name the projection's name
 * @param rating the criterion
 * @param growth what to do when the space grows
 */
record Selection(String name, Criterion rating, Projection growth) implements Projection {

    @Override
    public boolean needsCalibration() {
        return rating.needsCalibration();
    }

    @Override
    public Optional<Criterion> criterion() {
        return Optional.of(rating);
    }

    @Override
    public UnitMap map(NetworkGraph graph, UnitSpace space, int newSize) {
        int size = Math.toIntExact(space.size());
        if (newSize >= size) {
            return growth.map(graph, space, newSize);
        }
        return UnitMap.selection(size, GlobalRanking.best(Criteria.rate(rating, graph, space), newSize));
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
