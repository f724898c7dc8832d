package org.growingnn.dl4j.adapter;

import static org.growingnn.dl4j.adapter.LayerCases.dense;
import static org.growingnn.dl4j.adapter.LayerCases.lstm;
import static org.growingnn.dl4j.adapter.LayerCases.series;
import static org.growingnn.dl4j.adapter.LayerCases.seriesOutput;

import java.util.ArrayList;
import java.util.List;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.layers.GravesBidirectionalLSTM;
import org.deeplearning4j.nn.conf.layers.GravesLSTM;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.deeplearning4j.nn.conf.layers.recurrent.Bidirectional;
import org.deeplearning4j.nn.conf.layers.recurrent.Bidirectional.Mode;
import org.deeplearning4j.nn.conf.layers.recurrent.LastTimeStep;
import org.deeplearning4j.nn.conf.layers.recurrent.SimpleRnn;
import org.deeplearning4j.nn.conf.layers.recurrent.TimeDistributed;
import org.deeplearning4j.nn.conf.layers.util.MaskLayer;
import org.deeplearning4j.nn.conf.layers.util.MaskZeroLayer;
import org.deeplearning4j.nn.layers.util.IdentityLayer;
import org.growingnn.dl4j.testing.LayerCase;
import org.growingnn.dl4j.testing.LayerCase.Ability;
import org.nd4j.linalg.activations.Activation;

/** Recurrent layers and their wrappers. */
final class RecurrentCases {

    private RecurrentCases() {}

    @SuppressWarnings("deprecation") // Old models hold deprecated layers.
    static List<LayerCase> all() {
        List<LayerCase> cases = new ArrayList<>(List.of(
                between("LSTM", lstm(4))
                        .spaces("before 3", "layer 4")
                        .removal("before", 1)
                        .zero("before", "RW", 0, 1)
                        .zero("layer", "W", 0, 1)
                        .removal("layer", 0, 3)
                        .zero("layer", "RW", 0, 0, 3)
                        .zero("out", "W", 0, 0, 3),
                LayerCase.of("LSTM NWC", series(RNNFormat.NWC))
                        .layer("before", lstm(3, RNNFormat.NWC))
                        .layer("layer", lstm(4, RNNFormat.NWC))
                        .layer("out", seriesOutput(RNNFormat.NWC))
                        .spaces("before 3", "layer 4")
                        .removal("layer", 0, 3)
                        .zero("layer", "RW", 0, 0, 3)
                        .zero("out", "W", 0, 0, 3),
                // Peepholes are columns 16 to 18 of RW, and read the cell that they belong to alone.
                between(
                                "LSTM with peepholes",
                                new GravesLSTM.Builder()
                                        .nOut(4)
                                        .activation(Activation.TANH)
                                        .build())
                        .spaces("before 3", "layer 4")
                        .removal("layer", 0, 3)
                        .zero("layer", "RW", 0, 0, 3)
                        .zero("out", "W", 0, 0, 3),
                between(
                                "LSTM in both directions",
                                new GravesBidirectionalLSTM.Builder()
                                        .nOut(4)
                                        .activation(Activation.TANH)
                                        .build())
                        .spaces("before 3", "layer 4")
                        .removal("before", 2)
                        .zero("before", "RW", 0, 2)
                        .zero("layer", "WF", 0, 2)
                        .zero("layer", "WB", 0, 2)
                        .removal("layer", 1)
                        .zero("layer", "RWF", 0, 1)
                        .zero("layer", "RWB", 0, 1)
                        .zero("out", "W", 0, 1),
                between("plain recurrent", simple(4))
                        .spaces("before 3", "layer 4")
                        .removal("before", 2)
                        .zero("before", "RW", 0, 2)
                        .zero("layer", "W", 0, 2)
                        .removal("layer", 1)
                        .zero("layer", "RW", 0, 1)
                        .zero("out", "W", 0, 1),
                between(
                                "plain recurrent with layer normalisation",
                                new SimpleRnn.Builder()
                                        .nOut(4)
                                        .hasLayerNorm(true)
                                        .build())
                        .only(Ability.BUILDS, "Indices are out of range")
                        .spaces("before 3", "layer 4 at least 2 mixed: layer normalisation in 'layer'"),
                toVector("last step of an LSTM", new LastTimeStep(lstm(4)))
                        .spaces("before 3", "layer 4")
                        .removal("layer", 1)
                        .zero("layer", "RW", 0, 1)
                        .zero("out", "W", 0, 1),
                toVector("last step of an LSTM in both directions", new LastTimeStep(new Bidirectional(lstm(4))))
                        .spaces("before 3", "layer 4")
                        .removal("layer", 1)
                        .zero("layer", "fRW", 0, 1)
                        .zero("layer", "bRW", 0, 1)
                        .zero("out", "W", 0, 1, 5),
                between("dense at each step", new TimeDistributed(dense(4)))
                        .spaces("before 3", "layer 4")
                        .removal("before", 2)
                        .zero("before", "RW", 0, 2)
                        .zero("layer", "W", 0, 2)
                        .removal("layer", 2)
                        .zero("out", "W", 0, 2),
                LayerCase.of("dense at each step NWC", series(RNNFormat.NWC))
                        .layer("before", lstm(3, RNNFormat.NWC))
                        .layer("layer", new TimeDistributed(dense(4), RNNFormat.NWC))
                        .layer("out", seriesOutput(RNNFormat.NWC))
                        .spaces("before 3", "layer 4")
                        .removal("layer", 2)
                        .zero("out", "W", 0, 2),
                between("masked zeros", new MaskZeroLayer(lstm(4), 0.0))
                        .spaces("before 3", "layer 4")
                        .removal("layer", 2)
                        .zero("layer", "RW", 0, 2)
                        .zero("out", "W", 0, 2),
                between("masked identity", new MaskZeroLayer(new IdentityLayer("identity"), 0.0))
                        .spaces("before 3"),
                between("masked steps", new MaskLayer()).spaces("before 3"),
                LayerCase.of("frozen LSTM", series())
                        .layer("before", new FrozenLayer(lstm(3)))
                        .layer("layer", lstm(4))
                        .layer("out", seriesOutput())
                        .masked()
                        .spaces(
                                "before 3 frozen: 'before' is frozen in the model; pruneFrozenLayers(true) lets its units be removed",
                                "layer 4")));
        for (Mode mode : Mode.values()) {
            cases.add(
                    bidirectional("both directions of an LSTM, ", mode, lstm(4)).spaces("before 3", "layer 4"));
        }
        cases.add(bidirectional(
                        "both directions of an LSTM with peepholes, ",
                        Mode.CONCAT,
                        new GravesLSTM.Builder()
                                .nOut(4)
                                .activation(Activation.TANH)
                                .build())
                .spaces("before 3", "layer 4"));
        cases.add(bidirectional("both directions of a plain recurrent layer, ", Mode.ADD, simple(4))
                .spaces("before 3", "layer 4"));
        cases.add(LayerCase.of("both directions of an LSTM NWC", series(RNNFormat.NWC))
                .layer("before", lstm(3, RNNFormat.NWC))
                .layer("layer", new Bidirectional(lstm(4, RNNFormat.NWC)))
                .layer("out", seriesOutput(RNNFormat.NWC))
                .spaces("before 3", "layer 4")
                .removal("layer", 1)
                .zero("layer", "fRW", 0, 1)
                .zero("layer", "bRW", 0, 1)
                .zero("out", "W", 0, 1, 5));
        return cases;
    }

    private static LayerCase bidirectional(String name, Mode mode, Layer layer) {
        int[] readers = mode == Mode.CONCAT ? new int[] {1, 5} : new int[] {1};
        return between(name + mode, new Bidirectional(mode, layer))
                .removal("before", 2)
                .zero("before", "RW", 0, 2)
                .zero("layer", "fW", 0, 2)
                .zero("layer", "bW", 0, 2)
                .removal("layer", 1)
                .zero("layer", "fRW", 0, 1)
                .zero("layer", "bRW", 0, 1)
                .zero("out", "W", 0, readers);
    }

    /** A layer behind three cells. */
    private static LayerCase between(String name, Layer layer) {
        return LayerCase.of(name, series())
                .layer("before", lstm(3))
                .layer("layer", layer)
                .layer("out", seriesOutput())
                .masked();
    }

    /** The same for layers that leave one step. */
    private static LayerCase toVector(String name, Layer layer) {
        return LayerCase.of(name, series())
                .layer("before", lstm(3))
                .layer("layer", layer)
                .out()
                .masked();
    }

    private static SimpleRnn simple(int units) {
        return new SimpleRnn.Builder().nOut(units).build();
    }
}
