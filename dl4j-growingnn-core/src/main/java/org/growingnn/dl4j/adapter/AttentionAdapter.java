package org.growingnn.dl4j.adapter;

import java.util.List;
import java.util.Optional;
import org.deeplearning4j.nn.conf.graph.AttentionVertex;
import org.deeplearning4j.nn.conf.layers.LearnedSelfAttentionLayer;
import org.deeplearning4j.nn.conf.layers.RecurrentAttentionLayer;
import org.deeplearning4j.nn.conf.layers.SelfAttentionLayer;
import org.growingnn.dl4j.graph.Axis;
import org.growingnn.dl4j.graph.Layout;
import org.growingnn.dl4j.graph.Propagation;
import org.growingnn.dl4j.graph.Signal;
import org.growingnn.dl4j.graph.Signal.Format;

/**
 * Multi-head dot-product attention: {@code Wq, Wk, Wv [heads, headSize, nIn]} read queries, keys and values, and {@code Wo
 * [heads · headSize, nOut]} joins the heads' results. Heads are units of a space of their own: their results are summed, so a
 * head can be removed or replicated like any unit. The size of a head shares an axis with the heads and cannot be resized
 * besides. Without projections, attention mixes the arriving units and keeps them.
 */
final class AttentionAdapter {

    private static final String QUERIES = "Wq";
    private static final String KEYS = "Wk";
    private static final String VALUES = "Wv";
    private static final String OUTPUT = "Wo";
    private static final String LEARNED_QUERIES = "Q";
    private static final String WEIGHT = "W";
    private static final String RECURRENT = "RW";
    private static final String BIAS = "b";

    private AttentionAdapter() {}

    /** Declares the four projections, whose results are the units {@code out}. */
    private static void project(Propagation p, Layout queries, Layout keys, Layout values, Layout out) {
        long[] shape = p.shape(QUERIES);
        Layout heads = p.produce("heads", shape[0]);
        p.axes(QUERIES, Axis.produces(heads), Axis.free(), Axis.consumes(queries));
        p.axes(KEYS, Axis.produces(heads), Axis.free(), Axis.consumes(keys));
        p.axes(VALUES, Axis.produces(heads), Axis.free(), Axis.consumes(values));
        p.axes(OUTPUT, Axis.consumes(heads.times(shape[1])), Axis.produces(out));
    }

    private static void mixes(Propagation p, Layout units) {
        p.mixes(units, "dot products over the units in '" + p.vertex() + "'");
    }

    /** Multiply-accumulates of projections and dot products, all of the same number of steps. */
    private static long macs(Propagation p, Signal in) {
        long steps = in.positions();
        long heads = p.shape(QUERIES)[0] * p.shape(QUERIES)[1];
        long weights = Signals.product(p.shape(QUERIES))
                + Signals.product(p.shape(KEYS))
                + Signals.product(p.shape(VALUES))
                + Signals.product(p.shape(OUTPUT));
        return steps < 0 ? Layout.UNKNOWN : weights * steps + 2 * heads * steps * steps;
    }

    /** Attention of a series to itself. */
    static final class SelfAttention implements ConfigurationAdapter<SelfAttentionLayer> {

        @Override
        public Class<SelfAttentionLayer> type() {
            return SelfAttentionLayer.class;
        }

        @Override
        public Signal propagate(SelfAttentionLayer layer, Propagation p) {
            Signal in = Signals.recurrent(p.input());
            if (!p.has(QUERIES)) {
                mixes(p, in.units());
                return in;
            }
            Layout out = p.produce(p.shape(OUTPUT)[1]);
            project(p, in.units(), in.units(), in.units(), out);
            p.macs(macs(p, in));
            return in.withUnits(out);
        }

        @Override
        public Optional<InputHint> expectedInput(SelfAttentionLayer layer, Optional<InputHint> behind) {
            return Optional.of(InputHint.series(layer.getNIn(), Format.CHANNELS_FIRST));
        }

        @Override
        public SelfAttentionLayer withWidths(SelfAttentionLayer layer, Widths widths) {
            if (widths.parameters().containsKey(QUERIES)) {
                layer.setNIn(widths.size(QUERIES, 2));
                layer.setNHeads(Math.toIntExact(widths.size(QUERIES, 0)));
                layer.setNOut(widths.size(OUTPUT, 1));
            } else if (widths.input() != Layout.UNKNOWN) {
                layer.setNIn(widths.input());
                layer.setNOut(widths.input());
            }
            layer.setLayerParams(null);
            return layer;
        }
    }

    /** Attention of learned queries {@code Q [1, nIn, nQueries]} to a series. */
    static final class LearnedSelfAttention implements ConfigurationAdapter<LearnedSelfAttentionLayer> {

        @Override
        public Class<LearnedSelfAttentionLayer> type() {
            return LearnedSelfAttentionLayer.class;
        }

        @Override
        public Signal propagate(LearnedSelfAttentionLayer layer, Propagation p) {
            Signal in = Signals.recurrent(p.input());
            long queries = p.shape(LEARNED_QUERIES)[2];
            if (!p.has(QUERIES)) {
                p.axes(LEARNED_QUERIES, Axis.free(), Axis.follows(in.units()), Axis.free());
                mixes(p, in.units());
                return in.withExtents(queries);
            }
            // A query's dot product with Wq sums over its units, so that Wq splits among copies and Q does not.
            p.axes(LEARNED_QUERIES, Axis.free(), Axis.follows(in.units()), Axis.free());
            Layout out = p.produce(p.shape(OUTPUT)[1]);
            project(p, in.units(), in.units(), in.units(), out);
            p.macs(Layout.UNKNOWN);
            return in.withUnits(out).withExtents(queries);
        }

        @Override
        public Optional<InputHint> expectedInput(LearnedSelfAttentionLayer layer, Optional<InputHint> behind) {
            return Optional.of(InputHint.series(layer.getNIn(), Format.CHANNELS_FIRST));
        }

        @Override
        public LearnedSelfAttentionLayer withWidths(LearnedSelfAttentionLayer layer, Widths widths) {
            layer.setNIn(widths.size(LEARNED_QUERIES, 1));
            if (widths.parameters().containsKey(QUERIES)) {
                layer.setNHeads(Math.toIntExact(widths.size(QUERIES, 0)));
                layer.setNOut(widths.size(OUTPUT, 1));
            } else {
                layer.setNOut(widths.size(LEARNED_QUERIES, 1));
            }
            layer.setLayerParams(null);
            return layer;
        }
    }

    /** A recurrent layer {@code W [nIn, H], RW [H, H], b [H]} whose previous output attends to the whole series. */
    static final class RecurrentAttention implements ConfigurationAdapter<RecurrentAttentionLayer> {

        @Override
        public Class<RecurrentAttentionLayer> type() {
            return RecurrentAttentionLayer.class;
        }

        @Override
        public Signal propagate(RecurrentAttentionLayer layer, Propagation p) {
            Signal in = Signals.recurrent(p.input());
            Layout out = p.produce(p.shape(RECURRENT)[0]);
            p.axes(WEIGHT, Axis.consumes(in.units()), Axis.produces(out));
            if (p.has(BIAS)) {
                p.axes(BIAS, Axis.produces(out));
            }
            if (p.has(QUERIES)) {
                // Joined heads have the outputs' width, so that DL4J ties both.
                project(p, out, in.units(), in.units(), out);
                p.axes(RECURRENT, Axis.consumes(out), Axis.produces(out));
            } else {
                p.axes(RECURRENT, Axis.consumes(in.units()), Axis.produces(out));
                p.unify(in.units(), out);
                mixes(p, out);
            }
            Signals.activation(layer.getActivation().getActivationFunction(), out, p);
            p.macs(Layout.UNKNOWN);
            return in.withUnits(out);
        }

        @Override
        public Optional<InputHint> expectedInput(RecurrentAttentionLayer layer, Optional<InputHint> behind) {
            return Optional.of(InputHint.series(layer.getNIn(), Format.CHANNELS_FIRST));
        }

        @Override
        public RecurrentAttentionLayer withWidths(RecurrentAttentionLayer layer, Widths widths) {
            layer.setNIn(widths.size(WEIGHT, 0));
            layer.setNOut(widths.size(WEIGHT, 1));
            if (widths.parameters().containsKey(QUERIES)) {
                layer.setNHeads(Math.toIntExact(widths.size(QUERIES, 0)));
            }
            layer.setLayerParams(null);
            return layer;
        }
    }

    /** Attention of one series to others: queries, keys and values in this order. */
    static final class Vertex implements ConfigurationAdapter<AttentionVertex> {

        @Override
        public Class<AttentionVertex> type() {
            return AttentionVertex.class;
        }

        @Override
        public Signal propagate(AttentionVertex vertex, Propagation p) {
            List<Signal> in = p.inputs().stream().map(Signals::recurrent).toList();
            if (!p.has(QUERIES)) {
                p.unify(in.get(0).units(), in.get(1).units());
                mixes(p, in.get(0).units());
                return in.get(0).withUnits(in.get(2).units());
            }
            Layout out = p.produce(p.shape(OUTPUT)[1]);
            project(p, in.get(0).units(), in.get(1).units(), in.get(2).units(), out);
            p.macs(macs(p, in.get(0)));
            return in.get(0).withUnits(out);
        }

        @Override
        public AttentionVertex withWidths(AttentionVertex vertex, Widths widths) {
            if (widths.parameters().containsKey(QUERIES)) {
                vertex.setNInQueries(widths.size(QUERIES, 2));
                vertex.setNInKeys(widths.size(KEYS, 2));
                vertex.setNInValues(widths.size(VALUES, 2));
                vertex.setNHeads(Math.toIntExact(widths.size(QUERIES, 0)));
                vertex.setNOut(widths.size(OUTPUT, 1));
            } else {
                setNInWithoutProjection(vertex, widths);
            }
            vertex.setVertexParams(null);
            return vertex;
        }

        private static void setNInWithoutProjection(AttentionVertex vertex, Widths widths) {
            long queries = widths.inputs().get(0).units().length();
            long values = widths.inputs().get(2).units().length();
            if (queries != Layout.UNKNOWN && values != Layout.UNKNOWN) {
                vertex.setNInQueries(queries);
                vertex.setNInKeys(queries);
                vertex.setNInValues(values);
            }
        }
    }
}
