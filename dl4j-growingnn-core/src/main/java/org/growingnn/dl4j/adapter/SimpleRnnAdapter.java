package org.growingnn.dl4j.adapter;

import java.util.Optional;
import org.deeplearning4j.nn.conf.layers.recurrent.SimpleRnn;
import org.deeplearning4j.nn.params.SimpleRnnParamInitializer;
import org.growingnn.dl4j.graph.Axis;
import org.growingnn.dl4j.graph.Layout;
import org.growingnn.dl4j.graph.Propagation;
import org.growingnn.dl4j.graph.Signal;

/** Plain recurrent layer: {@code W [nIn, H]}, {@code RW [H, H]}, {@code b [H]}, layer-norm gains {@code g [2H]} if any. */
final class SimpleRnnAdapter implements ConfigurationAdapter<SimpleRnn> {

    private static final String WEIGHT = SimpleRnnParamInitializer.WEIGHT_KEY;
    private static final String RECURRENT = SimpleRnnParamInitializer.RECURRENT_WEIGHT_KEY;
    private static final String BIAS = SimpleRnnParamInitializer.BIAS_KEY;
    private static final String GAIN = SimpleRnnParamInitializer.GAIN_KEY;

    @Override
    public Class<SimpleRnn> type() {
        return SimpleRnn.class;
    }

    @Override
    public Signal propagate(SimpleRnn layer, Propagation p) {
        Signal in = Signals.recurrent(p.input());
        Layout out = p.produce(p.shape(RECURRENT)[0]);
        p.axes(WEIGHT, Axis.consumes(in.units()), Axis.produces(out));
        p.axes(RECURRENT, Axis.consumes(out), Axis.produces(out));
        p.axes(BIAS, Axis.produces(out));
        if (p.has(GAIN)) {
            p.axes(GAIN, Axis.produces(out.repeat(2)));
            p.mixes(out, "layer normalisation in '" + p.vertex() + "'");
            // A single unit has no spread to divide by.
            p.atLeast(out, 2);
        }
        Signals.activation(layer.getActivationFn(), out, p);
        p.macs(Signals.product(Signals.product(p.shape(WEIGHT)) + Signals.product(p.shape(RECURRENT)), in.positions()));
        return in.withUnits(out);
    }

    @Override
    public SimpleRnn withWidths(SimpleRnn layer, Widths widths) {
        layer.setNIn(widths.size(WEIGHT, 0));
        layer.setNOut(widths.size(RECURRENT, 0));
        return layer;
    }

    @Override
    public Optional<InputHint> expectedInput(SimpleRnn layer, Optional<InputHint> behind) {
        return LstmAdapter.series(layer);
    }

    @Override
    public Optional<Weighing> weighing(SimpleRnn layer) {
        return layer.hasLayerNorm() ? Optional.empty() : Optional.of(LstmAdapter.recurrent(WEIGHT, RECURRENT, layer));
    }
}
