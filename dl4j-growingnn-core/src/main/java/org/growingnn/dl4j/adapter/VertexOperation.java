package org.growingnn.dl4j.adapter;

import java.util.Optional;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.growingnn.dl4j.graph.Layout;
import org.growingnn.dl4j.graph.Operation;
import org.growingnn.dl4j.graph.Propagation;
import org.growingnn.dl4j.graph.Signal;
import org.growingnn.dl4j.graph.Signal.Format;
import org.growingnn.dl4j.graph.Signal.Kind;

/** A vertex of a computation graph: its preprocessor's adapter, then its layer's or its own. */
final class VertexOperation implements Operation {

    private final GraphVertex configuration;

    /** @param configuration never modified afterwards */
    VertexOperation(GraphVertex configuration) {
        this.configuration = configuration;
    }

    private Object subject() {
        return configuration instanceof LayerVertex vertex
                ? vertex.getLayerConf().getLayer()
                : configuration;
    }

    @Override
    public String type() {
        return subject().getClass().getSimpleName();
    }

    @Override
    public Signal propagate(Propagation p) {
        Propagation behind = p;
        if (configuration instanceof LayerVertex vertex && vertex.getPreProcessor() != null) {
            behind = p.behind(propagate(vertex.getPreProcessor(), p.before("input")));
        }
        return propagate(subject(), behind);
    }

    private static <C> Signal propagate(C subject, Propagation p) {
        Optional<ConfigurationAdapter<C>> adapter = AdapterRegistry.find(subject);
        return adapter.isPresent() ? adapter.get().propagate(subject, p) : barrier(subject, p);
    }

    /** What nobody has described keeps its parameters and freezes the widths on both sides. */
    private static Signal barrier(Object subject, Propagation p) {
        String reason = "no adapter for " + subject.getClass().getSimpleName() + " in '" + p.vertex() + "'";
        p.inputs().forEach(in -> p.freeze(in.units(), reason));
        long width =
                subject instanceof FeedForwardLayer layer && layer.getNOut() > 0 ? layer.getNOut() : Layout.UNKNOWN;
        p.macs(Layout.UNKNOWN);
        return new Signal(Kind.UNKNOWN, p.produceFrozen(width, reason), Format.CHANNELS_FIRST);
    }

    /** Gives the shape whose axes the adapter describes, for an array of the model's parameter table. */
    long[] memoryShape(String key, long[] declared) {
        return memoryShape(subject(), key, declared);
    }

    private static <C> long[] memoryShape(C subject, String key, long[] declared) {
        return AdapterRegistry.find(subject)
                .map(adapter -> adapter.memoryShape(subject, key, declared))
                .orElse(declared);
    }

    /** Writes widths into a fresh copy of the configuration that this operation was made from. */
    static void writeWidths(GraphVertex copy, Widths widths) {
        if (copy instanceof LayerVertex vertex) {
            writeWidths(vertex.getLayerConf().getLayer(), vertex.getPreProcessor(), widths);
        } else {
            write(copy, widths);
        }
    }

    static void writeWidths(Layer layer, InputPreProcessor preprocessor, Widths widths) {
        if (preprocessor != null) {
            write(preprocessor, widths);
        }
        write(layer, widths);
    }

    private static <C> void write(C copy, Widths widths) {
        AdapterRegistry.find(copy).ifPresent(adapter -> adapter.writeWidths(copy, widths));
    }
}
