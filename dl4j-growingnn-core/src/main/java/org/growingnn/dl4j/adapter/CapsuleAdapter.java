package org.growingnn.dl4j.adapter;

import java.util.Optional;
import org.deeplearning4j.nn.conf.layers.CapsuleLayer;
import org.deeplearning4j.nn.conf.layers.CapsuleStrengthLayer;
import org.deeplearning4j.nn.conf.layers.PrimaryCapsules;
import org.growingnn.dl4j.graph.Axis;
import org.growingnn.dl4j.graph.Layout;
import org.growingnn.dl4j.graph.Propagation;
import org.growingnn.dl4j.graph.Signal;
import org.growingnn.dl4j.graph.Signal.Format;
import org.growingnn.dl4j.graph.Signal.Kind;

/** Capsules: what leaves such a layer is {@code [examples, capsules, dimensions]}, and the capsules are its units. */
final class CapsuleAdapter {

    private static final String WEIGHT = "weight";
    private static final String BIAS = "bias";

    private CapsuleAdapter() {}

    private static Signal capsules(Layout capsules, long dimensions) {
        return new Signal(Kind.RECURRENT, capsules, Format.CHANNELS_FIRST, dimensions);
    }

    /**
     * A convolution {@code weight [kH, kW, nIn, channels · dimensions]} whose output is cut into capsules in memory order: a run
     * of {@code dimensions} maps, which is the unit here, makes as many capsules as a map has positions.
     */
    static final class Primary implements ConfigurationAdapter<PrimaryCapsules> {

        @Override
        public Class<PrimaryCapsules> type() {
            return PrimaryCapsules.class;
        }

        @Override
        public Signal propagate(PrimaryCapsules layer, Propagation p) {
            long[] shape = p.shape(WEIGHT);
            Signal in = Signals.convolutional(p.input());
            int dimensions = layer.getCapsuleDimensions();
            long positions = positions(layer);
            Layout units = p.produce(shape[3] / dimensions);
            p.axes(WEIGHT, Axis.free(), Axis.free(), Axis.consumes(in.units()), Axis.produces(units.times(dimensions)));
            if (p.has(BIAS)) {
                p.axes(BIAS, Axis.produces(units.times(dimensions)));
            }
            p.macs(Signals.product(Signals.product(shape), positions));
            return capsules(units.times(positions), dimensions);
        }

        /** Both numbers are those of the configuration that was read, whatever has been resized since. */
        private static long positions(PrimaryCapsules layer) {
            return layer.getCapsules() / layer.getChannels();
        }

        @Override
        public Optional<InputHint> expectedInput(PrimaryCapsules layer, Optional<InputHint> behind) {
            return Optional.of(InputHint.maps(layer.getInputChannels(), Format.CHANNELS_FIRST));
        }

        @Override
        public PrimaryCapsules withWidths(PrimaryCapsules layer, Widths widths) {
            long channels = widths.size(WEIGHT, 3) / layer.getCapsuleDimensions();
            layer.setInputChannels(Math.toIntExact(widths.size(WEIGHT, 2)));
            layer.setCapsules(Math.toIntExact(channels * positions(layer)));
            layer.setChannels(Math.toIntExact(channels));
            layer.setLayerParams(null);
            return layer;
        }
    }

    /**
     * Routing by agreement: {@code weight [1, nIn, capsules · dimensions, dimensionsIn, 1]}. A softmax over the capsules and the
     * agreement with what arrives make the routing depend on copies on both sides.
     */
    static final class Routed implements ConfigurationAdapter<CapsuleLayer> {

        @Override
        public Class<CapsuleLayer> type() {
            return CapsuleLayer.class;
        }

        @Override
        public Signal propagate(CapsuleLayer layer, Propagation p) {
            long[] shape = p.shape(WEIGHT);
            Layout in = p.input().units();
            int dimensions = layer.getCapsuleDimensions();
            Layout out = p.produce(shape[2] / dimensions);
            p.axes(
                    WEIGHT,
                    Axis.free(),
                    Axis.consumes(in),
                    Axis.produces(out.times(dimensions)),
                    Axis.free(),
                    Axis.free());
            if (p.has(BIAS)) {
                p.axes(BIAS, Axis.free(), Axis.free(), Axis.produces(out), Axis.free(), Axis.free());
            }
            String reason = "routing between capsules in '" + p.vertex() + "'";
            p.mixes(in, reason);
            p.mixes(out, reason);
            p.macs(Signals.product(shape));
            return capsules(out, dimensions);
        }

        @Override
        public CapsuleLayer withWidths(CapsuleLayer layer, Widths widths) {
            layer.setInputCapsules(widths.size(WEIGHT, 1));
            layer.setCapsules(Math.toIntExact(widths.size(WEIGHT, 2) / layer.getCapsuleDimensions()));
            layer.setLayerParams(null);
            return layer;
        }
    }

    /** The length of each capsule's vector. */
    static final class Strength implements ConfigurationAdapter<CapsuleStrengthLayer> {

        @Override
        public Class<CapsuleStrengthLayer> type() {
            return CapsuleStrengthLayer.class;
        }

        @Override
        public Signal propagate(CapsuleStrengthLayer layer, Propagation p) {
            return Signal.feedForward(p.input().units());
        }
    }
}
