package org.growingnn.dl4j.adapter;

import static org.growingnn.dl4j.adapter.DenseCases.range;
import static org.growingnn.dl4j.adapter.LayerCases.convolution;
import static org.growingnn.dl4j.adapter.LayerCases.convolution3d;
import static org.growingnn.dl4j.adapter.LayerCases.lstm;
import static org.growingnn.dl4j.adapter.LayerCases.maps;
import static org.growingnn.dl4j.adapter.LayerCases.series;
import static org.growingnn.dl4j.adapter.LayerCases.seriesOutput;
import static org.growingnn.dl4j.adapter.LayerCases.volumes;

import java.util.List;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.layers.Convolution1D;
import org.deeplearning4j.nn.conf.layers.Convolution1DLayer;
import org.deeplearning4j.nn.conf.layers.Convolution2D;
import org.deeplearning4j.nn.conf.layers.Convolution3D.DataFormat;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.Deconvolution2D;
import org.deeplearning4j.nn.conf.layers.Deconvolution3D;
import org.deeplearning4j.nn.conf.layers.DepthwiseConvolution2D;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.LocallyConnected1D;
import org.deeplearning4j.nn.conf.layers.LocallyConnected2D;
import org.deeplearning4j.nn.conf.layers.SeparableConvolution2D;
import org.deeplearning4j.nn.conf.preprocessor.Cnn3DToFeedForwardPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.CnnToFeedForwardPreProcessor;
import org.growingnn.dl4j.testing.LayerCase;
import org.growingnn.dl4j.testing.LayerCase.Ability;

/** Convolutions in one, two and three dimensions. */
final class ConvolutionCases {

    private ConvolutionCases() {}

    static List<LayerCase> all() {
        return List.of(
                // Four channels, three by two, are flattened behind the layer.
                between("convolution", convolution(4), CNN2DFormat.NCHW)
                        .about(CnnToFeedForwardPreProcessor.class, LayerVertex.class)
                        .spaces("before 3", "layer 4")
                        .removal("before", 1)
                        .zero("layer", "W", 1, 1)
                        .removal("layer", 0, 2)
                        .zero("out", "W", 0, 0, 1, 2, 3, 4, 5, 12, 13, 14, 15, 16, 17),
                between("convolution NHWC", convolution(4, CNN2DFormat.NHWC), CNN2DFormat.NHWC)
                        .about(CnnToFeedForwardPreProcessor.class, LayerVertex.class)
                        .spaces("before 3", "layer 4")
                        .removal("before", 1)
                        .zero("layer", "W", 1, 1)
                        .removal("layer", 0, 2)
                        .zero("out", "W", 0, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22),
                between(
                                "convolution with stride, without bias",
                                LayerCases.as(
                                        Convolution2D.class,
                                        new ConvolutionLayer.Builder(3, 2)
                                                .stride(2, 1)
                                                .padding(1, 0)
                                                .hasBias(false)
                                                .nOut(4)
                                                .build()),
                                CNN2DFormat.NCHW)
                        .spaces("before 3", "layer 4")
                        .removal("before", 2)
                        .zero("layer", "W", 1, 2),
                between(
                                "convolution with dilation",
                                new ConvolutionLayer.Builder(2, 2)
                                        .dilation(2, 1)
                                        .convolutionMode(ConvolutionMode.Same)
                                        .nOut(4)
                                        .build(),
                                CNN2DFormat.NCHW)
                        .spaces("before 3", "layer 4")
                        .removal("before", 2)
                        .zero("layer", "W", 1, 2),
                // The memory of W is [2, 4, 3], whatever its declared shape says.
                inSeries(
                                "convolution of a series",
                                new Convolution1DLayer.Builder(2).nOut(3).build())
                        .spaces("before 4", "layer 3")
                        .removal("before", 1, 3)
                        .zero("before", "RW", 0, 1, 3)
                        .zero("layer", "W", new long[] {2, 4, 3}, 1, 1, 3)
                        .removal("layer", 2)
                        .zero("out", "W", 0, 2),
                inSeries(
                                "causal convolution of a series",
                                LayerCases.as(
                                        Convolution1D.class,
                                        new Convolution1DLayer.Builder(2)
                                                .dilation(2)
                                                .convolutionMode(ConvolutionMode.Causal)
                                                .hasBias(false)
                                                .nOut(3)
                                                .build()))
                        .masked()
                        .spaces("before 4", "layer 3")
                        .removal("before", 0)
                        .zero("before", "RW", 0, 0)
                        .zero("layer", "W", new long[] {2, 4, 3}, 1, 0)
                        .removal("layer", 2)
                        .zero("out", "W", 0, 2),
                LayerCase.of("convolution of a series NWC", series(RNNFormat.NWC))
                        .layer("before", lstm(4, RNNFormat.NWC))
                        .layer(
                                "layer",
                                new Convolution1DLayer.Builder(2)
                                        .nOut(3)
                                        .rnnDataFormat(RNNFormat.NWC)
                                        .build())
                        .layer("out", seriesOutput(RNNFormat.NWC))
                        .only(Ability.RUNS, "conv1d_bp")
                        .spaces("before 4", "layer 3"),
                inVolumes("convolution of volumes", convolution3d(4), DataFormat.NCDHW, 2, 1, 3)
                        .spaces("before 3", "layer 4")
                        .removal("before", 1)
                        .zero("layer", "W", 1, 1)
                        // Two by one by three positions.
                        .removal("layer", 0, 2)
                        .zero("out", "W", 0, 0, 1, 2, 3, 4, 5, 12, 13, 14, 15, 16, 17),
                inVolumes("convolution of volumes NDHWC", convolution3d(4, DataFormat.NDHWC), DataFormat.NDHWC, 2, 1, 3)
                        .spaces("before 3", "layer 4")
                        .removal("before", 1)
                        .zero("layer", "W", 1, 1)
                        .removal("layer", 0, 2)
                        .zero("out", "W", 0, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22),
                between(
                                "transposed convolution",
                                new Deconvolution2D.Builder(2, 2)
                                        .stride(2, 1)
                                        .nOut(4)
                                        .build(),
                                CNN2DFormat.NCHW)
                        .spaces("before 3", "layer 4")
                        .removal("before", 1)
                        .zero("layer", "W", 0, 1)
                        // Eight by four positions.
                        .removal("layer", 1)
                        .zero("out", "W", 0, range(32, 64)),
                between(
                                "transposed convolution NHWC without bias",
                                new Deconvolution2D.Builder(2, 2)
                                        .nOut(4)
                                        .hasBias(false)
                                        .dataFormat(CNN2DFormat.NHWC)
                                        .build(),
                                CNN2DFormat.NHWC)
                        .spaces("before 3", "layer 4")
                        .removal("before", 1)
                        .zero("layer", "W", 0, 1),
                inVolumes(
                                "transposed convolution of volumes",
                                new Deconvolution3D.Builder()
                                        .kernelSize(2, 2, 2)
                                        .nOut(4)
                                        .dataFormat(DataFormat.NCDHW)
                                        .build(),
                                DataFormat.NCDHW,
                                4,
                                3,
                                5)
                        .spaces("before 3", "layer 4")
                        .removal("before", 1)
                        .zero("layer", "W", 4, 1)
                        // Four by three by five positions.
                        .removal("layer", 1)
                        .zero("out", "W", 0, range(60, 120)),
                inVolumes(
                                "transposed convolution of volumes NDHWC",
                                new Deconvolution3D.Builder()
                                        .kernelSize(2, 2, 2)
                                        .nOut(4)
                                        .hasBias(false)
                                        .dataFormat(DataFormat.NDHWC)
                                        .build(),
                                DataFormat.NDHWC,
                                4,
                                3,
                                5)
                        .spaces("before 3", "layer 4")
                        .removal("before", 1)
                        .zero("layer", "W", 4, 1),
                between(
                                "depthwise convolution",
                                new DepthwiseConvolution2D.Builder(2, 2)
                                        .depthMultiplier(1)
                                        .build(),
                                CNN2DFormat.NCHW)
                        .spaces("before 3")
                        .removal("before", 1)
                        .zero("out", "W", 0, range(6, 12)),
                between(
                                "depthwise convolution with two maps per channel",
                                new DepthwiseConvolution2D.Builder(2, 2)
                                        .depthMultiplier(2)
                                        .build(),
                                CNN2DFormat.NCHW)
                        .spaces("before 3")
                        .removal("before", 1)
                        .zero("out", "W", 0, range(12, 24)),
                between(
                                "depthwise convolution NHWC without bias",
                                new DepthwiseConvolution2D.Builder(2, 2)
                                        .depthMultiplier(2)
                                        .hasBias(false)
                                        .dataFormat(CNN2DFormat.NHWC)
                                        .build(),
                                CNN2DFormat.NHWC)
                        .spaces("before 3")
                        .removal("before", 1)
                        .zero("out", "W", 0, 2, 3, 8, 9, 14, 15, 20, 21, 26, 27, 32, 33),
                between(
                                "separable convolution",
                                new SeparableConvolution2D.Builder(2, 2)
                                        .depthMultiplier(2)
                                        .nOut(4)
                                        .build(),
                                CNN2DFormat.NCHW)
                        .spaces("before 3", "layer 4")
                        .removal("before", 1)
                        .zero("layer", "pW", 1, 2, 3)
                        .removal("layer", 3)
                        .zero("out", "W", 0, range(18, 24)),
                between(
                                "separable convolution NHWC without bias",
                                new SeparableConvolution2D.Builder(2, 2)
                                        .depthMultiplier(1)
                                        .hasBias(false)
                                        .dataFormat(CNN2DFormat.NHWC)
                                        .nOut(4)
                                        .build(),
                                CNN2DFormat.NHWC)
                        .spaces("before 3", "layer 4")
                        .removal("before", 1)
                        .zero("layer", "pW", 1, 1)
                        .removal("layer", 3)
                        .zero("out", "W", 0, 3, 7, 11, 15, 19, 23),
                between(
                                "locally connected maps",
                                new LocallyConnected2D.Builder()
                                        .kernelSize(2, 2)
                                        .convolutionMode(ConvolutionMode.Truncate)
                                        .nOut(4)
                                        .build(),
                                CNN2DFormat.NCHW)
                        .spaces("before 3", "layer 4")
                        .removal("before", 1)
                        .zero("layer", "W", 1, 4, 5, 6, 7)
                        .removal("layer", 3)
                        .zero("out", "W", 0, range(18, 24)),
                between(
                                "locally connected maps NHWC without bias",
                                new LocallyConnected2D.Builder()
                                        .kernelSize(2, 2)
                                        .convolutionMode(ConvolutionMode.Truncate)
                                        .dataFormat(CNN2DFormat.NHWC)
                                        .hasBias(false)
                                        .nOut(4)
                                        .build(),
                                CNN2DFormat.NHWC)
                        .spaces("before 3", "layer 4")
                        .removal("before", 1)
                        .zero("layer", "W", 1, 4, 5, 6, 7)
                        .removal("layer", 3)
                        .zero("out", "W", 0, 3, 7, 11, 15, 19, 23),
                inSeries(
                                "locally connected series",
                                new LocallyConnected1D.Builder()
                                        .kernelSize(2)
                                        .convolutionMode(ConvolutionMode.Truncate)
                                        .nOut(3)
                                        .build())
                        .spaces("before 4", "layer 3")
                        .removal("before", 1)
                        .zero("before", "RW", 0, 1)
                        .zero("layer", "W", 1, 2, 3)
                        .removal("layer", 0)
                        .zero("out", "W", 0, 0));
    }

    /** A layer behind a convolution of three channels, four by three. */
    private static LayerCase between(String name, Layer layer, CNN2DFormat format) {
        return LayerCase.of(name, maps(format))
                .layer("before", convolution(3, format))
                .layer("layer", layer)
                .out();
    }

    /** A layer behind four cells, at five steps. */
    static LayerCase inSeries(String name, Layer layer) {
        return LayerCase.of(name, series())
                .layer("before", lstm(4))
                .layer("layer", layer)
                .layer("out", seriesOutput());
    }

    /** A layer behind a convolution of three channels, three by two by four, which leaves volumes of these extents. */
    static LayerCase inVolumes(String name, Layer layer, DataFormat format, int... extents) {
        int channels = 3;
        if (layer instanceof FeedForwardLayer convolution) {
            convolution.setNIn(channels);
            channels = Math.toIntExact(convolution.getNOut());
        }
        return LayerCase.of(name, volumes(format))
                .untyped()
                .layer("before", VertexCases.input(convolution3d(3, format), 2))
                .layer("layer", layer)
                .layer(
                        "out",
                        LayerCases.output(channels * extents[0] * extents[1] * extents[2]),
                        new Cnn3DToFeedForwardPreProcessor(
                                extents[0], extents[1], extents[2], channels, format == DataFormat.NCDHW));
    }
}
