package org.growingnn.dl4j.adapter;

import java.util.List;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.Convolution3D;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.growingnn.dl4j.testing.LayerCase;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;
import org.nd4j.shade.jackson.core.JsonProcessingException;

/** The catalogue of small networks, at least one for every class of Deeplearning4j, and what they are made of. */
final class LayerCases {

    static final int STEPS = 5;

    private LayerCases() {}

    /** Makes all networks anew. */
    static Stream<LayerCase> all() {
        return Stream.of(
                        DenseCases.all(),
                        ConvolutionCases.all(),
                        PositionCases.all(),
                        RecurrentCases.all(),
                        AttentionAndCapsuleCases.all(),
                        VertexCases.all(),
                        PreprocessorCases.all())
                .flatMap(List::stream);
    }

    static InputType vector(int size) {
        return InputType.feedForward(size);
    }

    /** Two maps of five by four. */
    static InputType maps(CNN2DFormat... format) {
        return InputType.convolutional(5, 4, 2, format.length == 0 ? CNN2DFormat.NCHW : format[0]);
    }

    /** Two volumes of four by three by five. */
    static InputType volumes(Convolution3D.DataFormat... format) {
        return InputType.convolutional3D(format.length == 0 ? Convolution3D.DataFormat.NCDHW : format[0], 4, 3, 5, 2);
    }

    static InputType series(RNNFormat... format) {
        return InputType.recurrent(3, STEPS, format.length == 0 ? RNNFormat.NCW : format[0]);
    }

    static DenseLayer dense(int units) {
        return new DenseLayer.Builder().nOut(units).build();
    }

    static DenseLayer dense(int in, int units) {
        return new DenseLayer.Builder().nIn(in).nOut(units).build();
    }

    /** Makes a layer of a subclass that has no builder of its own, with the settings of one of its superclass. */
    static <L extends Layer> L as(Class<L> type, Layer layer) {
        try {
            return type.cast(NeuralNetConfiguration.mapper()
                    .readValue(
                            NeuralNetConfiguration.mapper()
                                    .writeValueAsString(layer)
                                    .replace(layer.getClass().getName() + '"', type.getName() + '"'),
                            Layer.class));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A kernel of two by two. */
    static ConvolutionLayer convolution(int units, CNN2DFormat... format) {
        return new ConvolutionLayer.Builder(2, 2)
                .nOut(units)
                .dataFormat(format.length == 0 ? CNN2DFormat.NCHW : format[0])
                .build();
    }

    static Convolution3D convolution3d(int units, Convolution3D.DataFormat... format) {
        return new Convolution3D.Builder(2, 2, 2)
                .nOut(units)
                .dataFormat(format.length == 0 ? Convolution3D.DataFormat.NCDHW : format[0])
                .build();
    }

    static LSTM lstm(int units, RNNFormat... format) {
        LSTM layer = new LSTM.Builder().nOut(units).build();
        if (format.length > 0) {
            layer.setRnnDataFormat(format[0]);
        }
        return layer;
    }

    /** Ends a network of given widths with two units. */
    static OutputLayer output(int in) {
        return new OutputLayer.Builder(LossFunction.MSE)
                .nIn(in)
                .nOut(2)
                .activation(Activation.TANH)
                .build();
    }

    /** Ends a network with two units at each step of a series. */
    static RnnOutputLayer seriesOutput(RNNFormat... format) {
        RnnOutputLayer layer = new RnnOutputLayer.Builder(LossFunction.MSE)
                .nOut(2)
                .activation(Activation.TANH)
                .build();
        layer.setRnnDataFormat(format.length == 0 ? RNNFormat.NCW : format[0]);
        return layer;
    }
}
