package org.growingnn.dl4j.adapter;

import java.util.List;
import java.util.Optional;
import org.deeplearning4j.nn.conf.layers.BaseRecurrentLayer;
import org.deeplearning4j.nn.params.LSTMParamInitializer;
import org.growingnn.dl4j.adapter.Weighing.OwnOutput;
import org.growingnn.dl4j.adapter.Weighing.Rows;
import org.growingnn.dl4j.adapter.Weighing.Term;
import org.growingnn.dl4j.graph.Axis;
import org.growingnn.dl4j.graph.Layout;
import org.growingnn.dl4j.graph.Propagation;
import org.growingnn.dl4j.graph.Signal;
import org.growingnn.dl4j.graph.Signal.Format;

/**
 * LSTM with {@code H} cells: {@code W [nIn, 4H]}, {@code RW [H, 4H]}, {@code b [4H]}, where 4H is one block of H columns per
 * gate. With peepholes (Graves), RW has three more columns of one value per cell: they follow the cells instead of mixing
 * them, so they are seen as an array of their own, {@code RW peepholes [H, 3]}. A bidirectional layer of Graves' kind has
 * all this twice, and adds both directions' activations.
 */
final class LstmAdapter<L extends BaseRecurrentLayer> implements ConfigurationAdapter<L> {

    private static final int GATES = 4;
    private static final String PEEPHOLES = " peepholes";

    private final Class<L> type;
    private final List<String> directions;

    private LstmAdapter(Class<L> type, List<String> directions) {
        this.type = type;
        this.directions = directions;
    }

    static <L extends BaseRecurrentLayer> LstmAdapter<L> forward(Class<L> type) {
        return new LstmAdapter<>(type, List.of(""));
    }

    static <L extends BaseRecurrentLayer> LstmAdapter<L> bothDirections(Class<L> type) {
        return new LstmAdapter<>(type, List.of("F", "B"));
    }

    @Override
    public Class<L> type() {
        return type;
    }

    @Override
    public Signal propagate(L layer, Propagation p) {
        Signal in = Signals.recurrent(p.input());
        Layout cells = p.produce(p.shape(recurrent(directions.get(0)))[0]);
        long weights = 0;
        for (String direction : directions) {
            String w = LSTMParamInitializer.INPUT_WEIGHT_KEY + direction;
            String rw = recurrent(direction);
            p.axes(w, Axis.consumes(in.units()), Axis.produces(cells.repeat(GATES)));
            p.axes(rw, Axis.consumes(cells), Axis.produces(cells.repeat(GATES)));
            if (p.has(rw + PEEPHOLES)) {
                p.axes(rw + PEEPHOLES, Axis.follows(cells), Axis.free());
            }
            p.axes(LSTMParamInitializer.BIAS_KEY + direction, Axis.produces(cells.repeat(GATES)));
            weights += Signals.product(p.shape(w)) + Signals.product(p.shape(rw));
        }
        Signals.activation(layer.getActivationFn(), cells, p);
        p.macs(Signals.product(weights, in.positions()));
        return in.withUnits(cells);
    }

    private static String recurrent(String direction) {
        return LSTMParamInitializer.RECURRENT_WEIGHT_KEY + direction;
    }

    @Override
    public List<ParameterPart> parts(L layer, String key, long[] declared) {
        long gates = declared.length == 2 ? GATES * declared[0] : 0;
        if (!key.startsWith(LSTMParamInitializer.RECURRENT_WEIGHT_KEY) || declared[1] == gates) {
            return List.of(ParameterPart.whole(key, declared));
        }
        return List.of(
                ParameterPart.slice(key, declared, 1, 0, gates),
                ParameterPart.slice(key + PEEPHOLES, declared, 1, gates, declared[1]));
    }

    @Override
    public L withWidths(L layer, Widths widths) {
        layer.setNIn(widths.size(LSTMParamInitializer.INPUT_WEIGHT_KEY + directions.get(0), 0));
        layer.setNOut(widths.size(recurrent(directions.get(0)), 0));
        return layer;
    }

    @Override
    public Optional<InputHint> expectedInput(L layer, Optional<InputHint> behind) {
        return series(layer);
    }

    /** Tells what every recurrent layer takes. */
    static Optional<InputHint> series(BaseRecurrentLayer layer) {
        return layer.getNIn() > 0
                ? Optional.of(InputHint.series(layer.getNIn(), InputTypes.format(layer.getRnnDataFormat())))
                : Optional.empty();
    }

    @Override
    public Optional<Weighing> weighing(L layer) {
        return directions.size() == 1
                ? Optional.of(recurrent(
                        LSTMParamInitializer.INPUT_WEIGHT_KEY, LSTMParamInitializer.RECURRENT_WEIGHT_KEY, layer))
                : Optional.empty();
    }

    /** Describes a layer that adds its own last output, weighted, to what arrives. */
    static Weighing recurrent(String weight, String recurrentWeight, BaseRecurrentLayer layer) {
        Format format = InputTypes.format(layer.getRnnDataFormat());
        return new Weighing(
                List.of(new Term(weight, new Rows(format)), new Term(recurrentWeight, new OwnOutput(format))), false);
    }
}
