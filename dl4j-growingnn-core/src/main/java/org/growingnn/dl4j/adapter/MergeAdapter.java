package org.growingnn.dl4j.adapter;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.growingnn.dl4j.graph.BatchFactor;
import org.growingnn.dl4j.graph.LayerFactory.Join;
import org.growingnn.dl4j.graph.Layout;
import org.growingnn.dl4j.graph.Propagation;
import org.growingnn.dl4j.graph.Signal;
import org.growingnn.dl4j.graph.Signal.Format;

/** Concatenation along the unit axis; along any other axis the inputs are tied unit by unit. */
final class MergeAdapter implements ConfigurationAdapter<MergeVertex> {

    @Override
    public Class<MergeVertex> type() {
        return MergeVertex.class;
    }

    @Override
    public Signal propagate(MergeVertex merge, Propagation p) {
        List<Signal> inputs = p.inputs();
        Signal first = inputs.get(0);
        if (inputs.stream().anyMatch(in -> in.units().length() == Layout.UNKNOWN)) {
            String reason = "'" + p.vertex() + "' concatenates an input of unknown width";
            inputs.forEach(in -> p.freeze(in.units(), reason));
            return first.withUnits(p.produceFrozen(Layout.UNKNOWN, reason));
        }
        int lastAxis = 1 + first.extents().length;
        int unitAxis = first.format() == Format.CHANNELS_FIRST ? 1 : lastAxis;
        // Models imported from Keras count axes from the last one, which is -1.
        int axis = merge.getMergeAxis() < 0 ? merge.getMergeAxis() + lastAxis + 1 : merge.getMergeAxis();
        if (axis != unitAxis) {
            if (axis == 0) {
                p.batch(BatchFactor.sum(p.batches(), p.vertex()));
                inputs.stream().skip(1).forEach(in -> p.unify(first.units(), in.units()));
                return first;
            }
            inputs.stream().skip(1).forEach(in -> p.unify(first.units(), in.units()));
            long[] unknown = first.extents();
            java.util.Arrays.fill(unknown, Layout.UNKNOWN);
            return first.withExtents(unknown);
        }
        return Signals.spread(first, inputs)
                .withUnits(Layout.concat(inputs.stream().map(Signal::units).toList()));
    }

    @Override
    public Optional<Join> join(MergeVertex merge) {
        return Optional.of(Join.CONCATENATION);
    }

    @Override
    public Set<Trait> traits(MergeVertex merge) {
        return Set.of(Trait.KEEPS_SIGN);
    }
}
