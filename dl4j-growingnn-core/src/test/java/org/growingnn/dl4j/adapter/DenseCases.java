package org.growingnn.dl4j.adapter;

import static org.growingnn.dl4j.adapter.LayerCases.convolution;
import static org.growingnn.dl4j.adapter.LayerCases.dense;
import static org.growingnn.dl4j.adapter.LayerCases.lstm;
import static org.growingnn.dl4j.adapter.LayerCases.maps;
import static org.growingnn.dl4j.adapter.LayerCases.series;
import static org.growingnn.dl4j.adapter.LayerCases.seriesOutput;
import static org.growingnn.dl4j.adapter.LayerCases.vector;
import static org.growingnn.dl4j.adapter.LayerCases.volumes;

import java.util.List;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.AutoEncoder;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.CenterLossOutputLayer;
import org.deeplearning4j.nn.conf.layers.Cnn3DLossLayer;
import org.deeplearning4j.nn.conf.layers.CnnLossLayer;
import org.deeplearning4j.nn.conf.layers.Convolution3D;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.EmbeddingLayer;
import org.deeplearning4j.nn.conf.layers.EmbeddingSequenceLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.LocalResponseNormalization;
import org.deeplearning4j.nn.conf.layers.LossLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PReLULayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.RnnLossLayer;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.conf.layers.misc.ElementWiseMultiplicationLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayerWithBackprop;
import org.deeplearning4j.nn.conf.layers.objdetect.Yolo2OutputLayer;
import org.deeplearning4j.nn.conf.layers.variational.BernoulliReconstructionDistribution;
import org.deeplearning4j.nn.conf.layers.variational.CompositeReconstructionDistribution;
import org.deeplearning4j.nn.conf.layers.variational.GaussianReconstructionDistribution;
import org.deeplearning4j.nn.conf.layers.variational.VariationalAutoencoder;
import org.deeplearning4j.nn.conf.ocnn.OCNNOutputLayer;
import org.deeplearning4j.nn.layers.util.IdentityLayer;
import org.growingnn.dl4j.testing.LayerCase;
import org.growingnn.dl4j.testing.LayerCase.Ability;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** Dense layers and what resembles them, layers that end a network, and layers with values per unit. */
final class DenseCases {

    private DenseCases() {}

    static List<LayerCase> all() {
        return List.of(
                around("dense", dense(6))
                        .spaces("before 5", "layer 6")
                        .removal("before", 1, 3)
                        .zero("layer", "W", 0, 1, 3)
                        .removal("layer", 0, 2, 5)
                        .zero("out", "W", 0, 0, 2, 5),
                around(
                                "dense without bias",
                                new DenseLayer.Builder().nOut(6).hasBias(false).build())
                        .spaces("before 5", "layer 6")
                        .removal("layer", 4)
                        .zero("out", "W", 0, 4),
                around(
                                "dense with layer normalisation",
                                new DenseLayer.Builder()
                                        .nOut(6)
                                        .hasLayerNorm(true)
                                        .build())
                        .spaces("before 5", "layer 6 at least 2 mixed: layer normalisation in 'layer'"),
                around(
                                "dense with softmax",
                                new DenseLayer.Builder()
                                        .nOut(6)
                                        .activation(Activation.SOFTMAX)
                                        .build())
                        .spaces("before 5", "layer 6 mixed: softmax over the units in 'layer'"),
                LayerCase.of("output without bias", vector(3))
                        .about(OutputLayer.class)
                        .layer("before", dense(5))
                        .layer(
                                "out",
                                new OutputLayer.Builder(LossFunction.MCXENT)
                                        .nOut(3)
                                        .hasBias(false)
                                        .activation(Activation.SOFTMAX)
                                        .build())
                        .spaces("before 5")
                        .removal("before", 2)
                        .zero("out", "W", 0, 2),
                LayerCase.of("output of a series", series())
                        .about(RnnOutputLayer.class)
                        .layer("before", lstm(4))
                        .layer("out", seriesOutput())
                        .masked()
                        .spaces("before 4")
                        .removal("before", 0, 3)
                        .zero("before", "RW", 0, 0, 3)
                        .zero("out", "W", 0, 0, 3),
                LayerCase.of("output of a series NWC", series(RNNFormat.NWC))
                        .about(RnnOutputLayer.class)
                        .layer("before", lstm(4, RNNFormat.NWC))
                        .layer("out", seriesOutput(RNNFormat.NWC))
                        .spaces("before 4")
                        .removal("before", 0, 3)
                        .zero("before", "RW", 0, 0, 3)
                        .zero("out", "W", 0, 0, 3),
                LayerCase.of("centre loss", vector(3))
                        .layer("before", dense(5))
                        .layer(
                                "out",
                                new CenterLossOutputLayer.Builder(LossFunction.MSE)
                                        .nOut(3)
                                        .alpha(0.1)
                                        .lambda(0.3)
                                        .activation(Activation.SIGMOID)
                                        .build())
                        .spaces("before 5")
                        .removal("before", 1)
                        .zero("out", "W", 0, 1),
                LayerCase.of("one-class output", vector(3))
                        .layer("before", dense(5))
                        .layer(
                                "out",
                                new OCNNOutputLayer.Builder()
                                        .nIn(5)
                                        .hiddenLayerSize(4)
                                        .nu(0.1)
                                        .activation(Activation.SIGMOID)
                                        .build())
                        .spaces("before 5", "out/hidden 4", "out 1 frozen: single output of 'out'")
                        .removal("before", 1)
                        .zero("out", "v", 0, 1)
                        .removal("out/hidden", 0, 2)
                        .zero("out", "w", 1, 0, 2),
                around("auto-encoder", new AutoEncoder.Builder().nOut(6).build())
                        .spaces("before 5", "layer 6")
                        .removal("before", 1)
                        .zero("layer", "W", 0, 1)
                        .removal("layer", 1)
                        .zero("out", "W", 0, 1),
                around("variational auto-encoder", variational().build())
                        .spaces("before 5", "layer/encoder0 6", "layer/encoder1 4", "layer 3", "layer/decoder0 5")
                        .removal("before", 1)
                        .zero("layer", "e0W", 0, 1)
                        .removal("layer", 2)
                        .zero("out", "W", 0, 2)
                        .removal("layer/encoder0", 3)
                        .zero("layer", "e1W", 0, 3)
                        .removal("layer/encoder1", 0)
                        .zero("layer", "pZXMeanW", 0, 0),
                around(
                                "variational auto-encoder of Bernoulli variables",
                                variational()
                                        .reconstructionDistribution(
                                                new BernoulliReconstructionDistribution(Activation.SIGMOID))
                                        .build())
                        .spaces("before 5", "layer/encoder0 6", "layer/encoder1 4", "layer 3", "layer/decoder0 5"),
                around(
                                "variational auto-encoder with a loss function",
                                variational()
                                        .lossFunction(Activation.TANH, LossFunction.MSE)
                                        .build())
                        .spaces("before 5", "layer/encoder0 6", "layer/encoder1 4", "layer 3", "layer/decoder0 5"),
                around(
                                "variational auto-encoder of several distributions",
                                variational()
                                        .reconstructionDistribution(new CompositeReconstructionDistribution.Builder()
                                                .addDistribution(
                                                        2, new GaussianReconstructionDistribution(Activation.IDENTITY))
                                                .addDistribution(
                                                        3, new BernoulliReconstructionDistribution(Activation.SIGMOID))
                                                .build())
                                        .build())
                        .spaces(
                                "before 5 frozen: 'layer' reconstructs ranges of units by different distributions",
                                "layer/encoder0 6",
                                "layer/encoder1 4",
                                "layer 3",
                                "layer/decoder0 5"),
                LayerCase.of("embedding", vector(7))
                        .indices(0, 7)
                        .layer("layer", new EmbeddingLayer.Builder().nOut(4).build())
                        .out()
                        .spaces("layer 4")
                        .removal("layer", 1)
                        .zero("out", "W", 0, 1),
                LayerCase.of("embedding with bias", vector(7))
                        .indices(0, 7)
                        .layer(
                                "layer",
                                new EmbeddingLayer.Builder()
                                        .nOut(4)
                                        .hasBias(true)
                                        .build())
                        .out()
                        .spaces("layer 4"),
                embeddedSeries("embedding of a series", RNNFormat.NCW)
                        .spaces("layer 4", "after 3")
                        .removal("layer", 1)
                        .zero("after", "W", 0, 1),
                embeddedSeries("embedding of a series NWC", RNNFormat.NWC)
                        .spaces("layer 4", "after 3")
                        .removal("layer", 1)
                        .zero("after", "W", 0, 1),
                around(
                                "element-wise multiplication",
                                new ElementWiseMultiplicationLayer.Builder()
                                        .nIn(5)
                                        .nOut(5)
                                        .build())
                        .spaces("before 5")
                        .removal("before", 1, 4)
                        .zero("out", "W", 0, 1, 4),
                around("parametric ReLU", new PReLULayer.Builder().inputShape(5).build())
                        .spaces("before 5")
                        .removal("before", 1, 4)
                        .zero("out", "W", 0, 1, 4),
                inMaps(
                                "parametric ReLU of maps",
                                new PReLULayer.Builder().inputShape(3, 4, 3).build())
                        .spaces("before 3")
                        .removal("before", 1)
                        .zero("out", "W", 0, range(12, 24)),
                inMaps(
                                "parametric ReLU of maps NHWC",
                                new PReLULayer.Builder().inputShape(4, 3, 3).build(),
                                CNN2DFormat.NHWC)
                        .spaces("before 3")
                        .removal("before", 1)
                        .zero("out", "W", 0, 1, 4, 7, 10, 13, 16, 19, 22, 25, 28, 31, 34),
                inMaps(
                                "parametric ReLU with slopes shared by channels",
                                new PReLULayer.Builder()
                                        .inputShape(3, 4, 3)
                                        .sharedAxes(1)
                                        .build())
                        .spaces("before 3"),
                inMaps(
                                "parametric ReLU with slopes shared by positions",
                                new PReLULayer.Builder()
                                        .inputShape(3, 4, 3)
                                        .sharedAxes(2, 3)
                                        .build())
                        .spaces("before 3")
                        .removal("before", 1)
                        .zero("out", "W", 0, range(12, 24)),
                around("batch normalisation", new BatchNormalization())
                        .spaces("before 5")
                        .removal("before", 1, 4)
                        .zero("out", "W", 0, 1, 4),
                around(
                                "batch normalisation with locked scale and plain variance",
                                new BatchNormalization.Builder()
                                        .lockGammaBeta(true)
                                        .useLogStd(false)
                                        .build())
                        .spaces("before 5"),
                inMaps("batch normalisation of maps", new BatchNormalization())
                        .spaces("before 3")
                        .removal("before", 1)
                        .zero("out", "W", 0, range(12, 24)),
                inMaps("batch normalisation of maps NHWC", new BatchNormalization(), CNN2DFormat.NHWC)
                        .spaces("before 3")
                        .removal("before", 1)
                        .zero("out", "W", 0, 1, 4, 7, 10, 13, 16, 19, 22, 25, 28, 31, 34),
                LayerCase.of("batch normalisation of a series", series())
                        .layer("before", lstm(4))
                        .layer("layer", new BatchNormalization())
                        .layer("out", seriesOutput())
                        .only(Ability.BUILDS, "does not match expected input size of 4")
                        .spaces("before 4"),
                LayerCase.of("batch normalisation of volumes", volumes())
                        .layer("before", LayerCases.convolution3d(3))
                        .layer("layer", new BatchNormalization())
                        .layer("pooled", new GlobalPoolingLayer(PoolingType.AVG))
                        .out()
                        .only(Ability.BUILDS, "Unable to process input of rank 5")
                        .spaces("before 3"),
                LayerCase.of("response normalisation", maps())
                        .layer("before", convolution(6))
                        .layer("layer", new LocalResponseNormalization.Builder(5, 1e-1, 0.75).build())
                        .out()
                        .ordered("before")
                        .spaces("before 6 at least 3 mixed: response normalisation over neighbouring units in 'layer'"),
                around("activation", new ActivationLayer(Activation.SOFTPLUS)).spaces("before 5"),
                around("identity", new IdentityLayer("identity")).spaces("before 5"),
                around("softmax activation", new ActivationLayer(Activation.SOFTMAX))
                        .spaces("before 5 mixed: softmax over the units in 'layer'"),
                around("dropout", new DropoutLayer(0.6)).random().spaces("before 5"),
                LayerCase.of("frozen layer", vector(3))
                        .layer("before", new FrozenLayer(dense(5)))
                        .layer("layer", dense(6))
                        .out()
                        .spaces(
                                "before 5 frozen: 'before' is frozen in the model; pruneFrozenLayers(true) lets its units be removed",
                                "layer 6"),
                around("frozen layer with back-propagation", new FrozenLayerWithBackprop(dense(6)))
                        .spaces(
                                "before 5",
                                "layer 6 frozen: 'layer' is frozen in the model; pruneFrozenLayers(true) lets its units be removed"),
                LayerCase.of("loss alone", vector(3))
                        .layer("first", dense(5))
                        .layer("before", dense(2))
                        .layer("out", new LossLayer.Builder(LossFunction.MSE).build())
                        .spaces("first 5", "before 2 frozen: network output"),
                LayerCase.of("loss of maps", maps())
                        .layer("first", convolution(4))
                        .layer("before", convolution(3))
                        .layer(
                                "out",
                                new CnnLossLayer.Builder(LossFunction.MSE)
                                        .activation(Activation.TANH)
                                        .build())
                        .spaces("first 4", "before 3 frozen: network output")
                        .removal("first", 1)
                        .zero("before", "W", 1, 1),
                LayerCase.of("loss of maps NHWC", maps(CNN2DFormat.NHWC))
                        .layer("first", convolution(4, CNN2DFormat.NHWC))
                        .layer("before", convolution(3, CNN2DFormat.NHWC))
                        .layer(
                                "out",
                                new CnnLossLayer.Builder(LossFunction.MSE)
                                        .format(CNN2DFormat.NHWC)
                                        .activation(Activation.TANH)
                                        .build())
                        .spaces("first 4", "before 3 frozen: network output")
                        .removal("first", 1)
                        .zero("before", "W", 1, 1),
                LayerCase.of("loss of a series", series())
                        .layer("first", lstm(4))
                        .layer("before", lstm(2))
                        .layer(
                                "out",
                                new RnnLossLayer.Builder(LossFunction.MSE)
                                        .activation(Activation.TANH)
                                        .build())
                        .masked()
                        .spaces("first 4", "before 2 frozen: network output")
                        .removal("first", 1)
                        .zero("first", "RW", 0, 1)
                        .zero("before", "W", 0, 1),
                LayerCase.of("loss of volumes", volumes())
                        .layer("first", LayerCases.convolution3d(4))
                        .layer("before", LayerCases.convolution3d(2))
                        .layer(
                                "out",
                                new Cnn3DLossLayer.Builder(Convolution3D.DataFormat.NCDHW)
                                        .lossFunction(LossFunction.MSE)
                                        .activation(Activation.TANH)
                                        .build())
                        .spaces("first 4", "before 2 frozen: network output")
                        .removal("first", 1)
                        .zero("before", "W", 1, 1),
                LayerCase.of("detection of objects", maps())
                        .layer("first", convolution(4))
                        .layer(
                                "before",
                                new ConvolutionLayer.Builder(1, 1)
                                        .nOut(2 * (5 + 2))
                                        .activation(Activation.IDENTITY)
                                        .build())
                        .layer(
                                "out",
                                new Yolo2OutputLayer.Builder()
                                        .boundingBoxPriors(Nd4j.createFromArray(new double[][] {{1, 1}, {2, 1}})
                                                .castTo(DataType.DOUBLE))
                                        .build())
                        .objects()
                        .spaces("first 4", "before 14 frozen: network output")
                        .removal("first", 1)
                        .zero("before", "W", 1, 1));
    }

    /** A layer between a dense layer of five units and the output. */
    private static LayerCase around(String name, org.deeplearning4j.nn.conf.layers.Layer layer) {
        return LayerCase.of(name, vector(3))
                .layer("before", dense(5))
                .layer("layer", layer)
                .out();
    }

    /** A layer behind a convolution of three channels, four by three, and before flattening. */
    static LayerCase inMaps(String name, org.deeplearning4j.nn.conf.layers.Layer layer, CNN2DFormat... format) {
        return LayerCase.of(name, maps(format))
                .layer("before", convolution(3, format))
                .layer("layer", layer)
                .out();
    }

    private static LayerCase embeddedSeries(String name, RNNFormat format) {
        return LayerCase.of(name, org.deeplearning4j.nn.conf.inputs.InputType.recurrent(7, LayerCases.STEPS, format))
                .indices(0, 7)
                .layer(
                        "layer",
                        new EmbeddingSequenceLayer.Builder()
                                .nIn(7)
                                .nOut(4)
                                .hasBias(true)
                                .inputLength(LayerCases.STEPS)
                                .outputDataFormat(format)
                                .build())
                .layer("after", lstm(3, format))
                .layer("out", seriesOutput(format));
    }

    private static VariationalAutoencoder.Builder variational() {
        return new VariationalAutoencoder.Builder()
                .nOut(3)
                .encoderLayerSizes(6, 4)
                .decoderLayerSizes(5)
                .activation(Activation.TANH);
    }

    static int[] range(int from, int to) {
        return java.util.stream.IntStream.range(from, to).toArray();
    }
}
