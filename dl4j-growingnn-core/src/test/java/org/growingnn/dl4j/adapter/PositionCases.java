package org.growingnn.dl4j.adapter;

import static org.growingnn.dl4j.adapter.ConvolutionCases.inSeries;
import static org.growingnn.dl4j.adapter.ConvolutionCases.inVolumes;
import static org.growingnn.dl4j.adapter.DenseCases.inMaps;
import static org.growingnn.dl4j.adapter.DenseCases.range;
import static org.growingnn.dl4j.adapter.LayerCases.convolution;
import static org.growingnn.dl4j.adapter.LayerCases.convolution3d;
import static org.growingnn.dl4j.adapter.LayerCases.dense;
import static org.growingnn.dl4j.adapter.LayerCases.lstm;
import static org.growingnn.dl4j.adapter.LayerCases.series;
import static org.growingnn.dl4j.adapter.LayerCases.seriesOutput;
import static org.growingnn.dl4j.adapter.LayerCases.vector;
import static org.growingnn.dl4j.adapter.LayerCases.volumes;

import java.util.List;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.layers.CnnLossLayer;
import org.deeplearning4j.nn.conf.layers.Convolution3D.DataFormat;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.Pooling1D;
import org.deeplearning4j.nn.conf.layers.Pooling2D;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.SpaceToBatchLayer;
import org.deeplearning4j.nn.conf.layers.SpaceToDepthLayer;
import org.deeplearning4j.nn.conf.layers.Subsampling1DLayer;
import org.deeplearning4j.nn.conf.layers.Subsampling3DLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.conf.layers.Upsampling1D;
import org.deeplearning4j.nn.conf.layers.Upsampling2D;
import org.deeplearning4j.nn.conf.layers.Upsampling3D;
import org.deeplearning4j.nn.conf.layers.ZeroPadding1DLayer;
import org.deeplearning4j.nn.conf.layers.ZeroPadding3DLayer;
import org.deeplearning4j.nn.conf.layers.ZeroPaddingLayer;
import org.deeplearning4j.nn.conf.layers.convolutional.Cropping1D;
import org.deeplearning4j.nn.conf.layers.convolutional.Cropping2D;
import org.deeplearning4j.nn.conf.layers.convolutional.Cropping3D;
import org.deeplearning4j.nn.conf.layers.misc.RepeatVector;
import org.growingnn.dl4j.testing.LayerCase;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** Layers that work on positions, not on units: pooling, padding, cropping, upsampling. */
final class PositionCases {

    private PositionCases() {}

    static List<LayerCase> all() {
        return List.of(
                inMaps("maximum pooling", pooling(PoolingType.MAX))
                        .spaces("before 3")
                        // Three by two positions.
                        .removal("before", 1)
                        .zero("out", "W", 0, range(6, 12)),
                inMaps("mean pooling", pooling(PoolingType.AVG)).spaces("before 3"),
                inMaps(
                                "p-norm pooling",
                                new SubsamplingLayer.Builder(PoolingType.PNORM)
                                        .kernelSize(2, 2)
                                        .stride(1, 1)
                                        .pnorm(2)
                                        .build())
                        .spaces("before 3"),
                inMaps(
                                "maximum pooling NHWC",
                                LayerCases.as(
                                        Pooling2D.class,
                                        new SubsamplingLayer.Builder(PoolingType.MAX)
                                                .kernelSize(2, 2)
                                                .stride(1, 1)
                                                .dataFormat(CNN2DFormat.NHWC)
                                                .build()),
                                CNN2DFormat.NHWC)
                        .spaces("before 3")
                        .removal("before", 1)
                        .zero("out", "W", 0, 1, 4, 7, 10, 13, 16),
                inSeries(
                                "pooling of a series",
                                new Subsampling1DLayer.Builder(PoolingType.MAX, 2)
                                        .stride(1)
                                        .build())
                        .spaces("before 4")
                        .removal("before", 1)
                        .zero("before", "RW", 0, 1)
                        .zero("out", "W", 0, 1),
                inSeries(
                                "mean pooling of a series",
                                LayerCases.as(
                                        Pooling1D.class,
                                        new Subsampling1DLayer.Builder(PoolingType.AVG)
                                                .kernelSize(2)
                                                .stride(1)
                                                .build()))
                        .spaces("before 4"),
                inVolumes(
                                "pooling of volumes",
                                new Subsampling3DLayer.Builder(PoolingType.MAX)
                                        .kernelSize(2, 2, 2)
                                        .stride(1, 1, 1)
                                        .convolutionMode(ConvolutionMode.Truncate)
                                        .build(),
                                DataFormat.NCDHW,
                                2,
                                1,
                                3)
                        .spaces("before 3")
                        .removal("before", 1)
                        // Two by one by three positions.
                        .zero("out", "W", 0, range(6, 12)),
                inVolumes(
                                "pooling of volumes NDHWC",
                                new Subsampling3DLayer.Builder(PoolingType.AVG)
                                        .kernelSize(2, 2, 2)
                                        .stride(1, 1, 1)
                                        .convolutionMode(ConvolutionMode.Truncate)
                                        .dataFormat(DataFormat.NDHWC)
                                        .build(),
                                DataFormat.NDHWC,
                                2,
                                1,
                                3)
                        .spaces("before 3")
                        .removal("before", 1)
                        .zero("out", "W", 0, 1, 4, 7, 10, 13, 16),
                inMaps("global pooling", new GlobalPoolingLayer(PoolingType.AVG))
                        .spaces("before 3")
                        .removal("before", 1)
                        .zero("out", "W", 0, 1),
                inMaps("global pooling NHWC", new GlobalPoolingLayer(PoolingType.SUM), CNN2DFormat.NHWC)
                        .spaces("before 3")
                        .removal("before", 1)
                        .zero("out", "W", 0, 1),
                inMaps(
                                "global pooling that keeps the rank",
                                new GlobalPoolingLayer.Builder(PoolingType.AVG)
                                        .collapseDimensions(false)
                                        .build())
                        .spaces("before 3"),
                LayerCase.of("global pooling of a series", series())
                        .layer("before", lstm(4))
                        .layer("layer", new GlobalPoolingLayer(PoolingType.AVG))
                        .out()
                        .masked()
                        .spaces("before 4")
                        .removal("before", 1)
                        .zero("before", "RW", 0, 1)
                        .zero("out", "W", 0, 1),
                LayerCase.of("global pooling of volumes", volumes())
                        .layer("before", convolution3d(3))
                        .layer("layer", new GlobalPoolingLayer(PoolingType.PNORM))
                        .out()
                        .spaces("before 3"),
                inSeries("upsampling of a series", new Upsampling1D.Builder(2).build())
                        .spaces("before 4"),
                inMaps("upsampling", new Upsampling2D.Builder(2).build())
                        .spaces("before 3")
                        // Eight by six positions.
                        .removal("before", 1)
                        .zero("out", "W", 0, range(48, 96)),
                inMaps(
                                "upsampling NHWC",
                                new Upsampling2D.Builder(2)
                                        .dataFormat(CNN2DFormat.NHWC)
                                        .build(),
                                CNN2DFormat.NHWC)
                        .spaces("before 3"),
                inVolumes(
                                "upsampling of volumes",
                                new Upsampling3D.Builder(DataFormat.NCDHW, 2).build(),
                                DataFormat.NCDHW,
                                6,
                                4,
                                8)
                        .spaces("before 3"),
                inSeries("padding of a series", new ZeroPadding1DLayer.Builder(1, 2).build())
                        .spaces("before 4"),
                inMaps("padding", new ZeroPaddingLayer.Builder(1, 0, 2, 1).build())
                        .spaces("before 3"),
                inMaps(
                                "padding NHWC",
                                new ZeroPaddingLayer.Builder(1, 0, 2, 1)
                                        .dataFormat(CNN2DFormat.NHWC)
                                        .build(),
                                CNN2DFormat.NHWC)
                        .spaces("before 3"),
                inVolumes(
                                "padding of volumes",
                                new ZeroPadding3DLayer.Builder(1, 0, 2).build(),
                                DataFormat.NCDHW,
                                5,
                                2,
                                8)
                        .spaces("before 3"),
                inSeries("cropping of a series", new Cropping1D.Builder(1, 2).build())
                        .spaces("before 4"),
                inMaps("cropping", new Cropping2D.Builder(1, 0, 1, 0).build()).spaces("before 3"),
                inMaps(
                                "cropping NHWC",
                                new Cropping2D.Builder(1, 0, 1, 0)
                                        .dataFormat(CNN2DFormat.NHWC)
                                        .build(),
                                CNN2DFormat.NHWC)
                        .spaces("before 3"),
                inVolumes("cropping of volumes", new Cropping3D.Builder(1, 0, 1).build(), DataFormat.NCDHW, 1, 2, 2)
                        .spaces("before 3"),
                // Three channels, four by four, become twelve, two by two.
                LayerCase.of("space to depth", org.deeplearning4j.nn.conf.inputs.InputType.convolutional(5, 5, 2))
                        .layer("before", convolution(3))
                        .layer("layer", new SpaceToDepthLayer.Builder<>(2, CNN2DFormat.NCHW).build())
                        .layer("after", convolution(2))
                        .out()
                        .spaces("before 3", "after 2")
                        .removal("before", 1)
                        .zero("after", "W", 1, 1, 4, 7, 10),
                LayerCase.of(
                                "space to depth NHWC",
                                org.deeplearning4j.nn.conf.inputs.InputType.convolutional(5, 5, 2, CNN2DFormat.NHWC))
                        .layer("before", convolution(3, CNN2DFormat.NHWC))
                        .layer("layer", new SpaceToDepthLayer.Builder<>(2, CNN2DFormat.NHWC).build())
                        .layer("after", convolution(2, CNN2DFormat.NHWC))
                        .out()
                        .spaces("before 3", "after 2")
                        .removal("before", 1)
                        .zero("after", "W", 1, 1, 4, 7, 10),
                LayerCase.of("space to batch", org.deeplearning4j.nn.conf.inputs.InputType.convolutional(5, 5, 2))
                        .layer("before", convolution(3))
                        .layer("layer", new SpaceToBatchLayer.Builder<>(new int[] {2, 2}).build())
                        .layer("after", convolution(2))
                        .layer(
                                "out",
                                new CnnLossLayer.Builder(LossFunction.MSE)
                                        .activation(Activation.TANH)
                                        .build())
                        .spaces("before 3", "after 2 frozen: network output")
                        .removal("before", 1)
                        .zero("after", "W", 1, 1),
                LayerCase.of("repeated vector", vector(3))
                        .layer("before", dense(4))
                        .layer("layer", new RepeatVector.Builder<>(5).build())
                        .layer("after", lstm(3))
                        .layer("out", seriesOutput())
                        .spaces("before 4", "after 3")
                        .removal("before", 1)
                        .zero("after", "W", 0, 1));
    }

    private static SubsamplingLayer pooling(PoolingType type) {
        return new SubsamplingLayer.Builder(type).kernelSize(2, 2).stride(1, 1).build();
    }
}
