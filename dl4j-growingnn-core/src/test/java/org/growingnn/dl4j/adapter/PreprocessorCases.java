package org.growingnn.dl4j.adapter;

import static org.growingnn.dl4j.adapter.DenseCases.range;
import static org.growingnn.dl4j.adapter.LayerCases.convolution;
import static org.growingnn.dl4j.adapter.LayerCases.convolution3d;
import static org.growingnn.dl4j.adapter.LayerCases.dense;
import static org.growingnn.dl4j.adapter.LayerCases.lstm;
import static org.growingnn.dl4j.adapter.LayerCases.maps;
import static org.growingnn.dl4j.adapter.LayerCases.output;
import static org.growingnn.dl4j.adapter.LayerCases.series;
import static org.growingnn.dl4j.adapter.LayerCases.seriesOutput;
import static org.growingnn.dl4j.adapter.LayerCases.vector;
import static org.growingnn.dl4j.adapter.LayerCases.volumes;
import static org.growingnn.dl4j.adapter.VertexCases.input;

import java.util.List;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.graph.PreprocessorVertex;
import org.deeplearning4j.nn.conf.layers.Convolution3D.DataFormat;
import org.deeplearning4j.nn.conf.preprocessor.Cnn3DToFeedForwardPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.CnnToFeedForwardPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.CnnToRnnPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.ComposableInputPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.FeedForwardToCnn3DPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.FeedForwardToCnnPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.FeedForwardToRnnPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.RnnToCnnPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.RnnToFeedForwardPreProcessor;
import org.deeplearning4j.nn.modelimport.keras.preprocessors.TensorFlowCnnToFeedForwardPreProcessor;
import org.deeplearning4j.preprocessors.KerasFlattenRnnPreprocessor;
import org.deeplearning4j.preprocessors.PermutePreprocessor;
import org.deeplearning4j.preprocessors.ReshapePreprocessor;
import org.growingnn.dl4j.testing.LayerCase;

/** Preprocessors between maps, volumes, series and vectors. */
final class PreprocessorCases {

    private PreprocessorCases() {}

    @SuppressWarnings("deprecation") // It is what older imported models hold.
    static List<LayerCase> all() {
        return List.of(
                // Maps in front of a preprocessor are four by three.
                LayerCase.of("flattening as TensorFlow does", maps())
                        .untyped()
                        .layer("before", input(convolution(3), 2))
                        .layer("out", output(36), new TensorFlowCnnToFeedForwardPreProcessor(4, 3, 3))
                        .spaces("before 3")
                        .removal("before", 1)
                        .zero("out", "W", 0, 1, 4, 7, 10, 13, 16, 19, 22, 25, 28, 31, 34),
                LayerCase.of("flattening of volumes", volumes())
                        .about(Cnn3DToFeedForwardPreProcessor.class)
                        .untyped()
                        .layer("before", input(convolution3d(3), 2))
                        .layer("out", output(72), new Cnn3DToFeedForwardPreProcessor(3, 2, 4, 3, true))
                        .spaces("before 3")
                        .removal("before", 1)
                        .zero("out", "W", 0, range(24, 48)),
                LayerCase.of("flattening in a vertex of its own", maps())
                        .untyped()
                        .layer("before", input(convolution(3), 2))
                        .vertex("layer", new PreprocessorVertex(new CnnToFeedForwardPreProcessor(4, 3, 3)))
                        .layer("out", output(36))
                        .spaces("before 3")
                        .removal("before", 1)
                        .zero("out", "W", 0, range(12, 24)),
                LayerCase.of("folding of an input to maps", vector(24))
                        .untyped()
                        .layer("before", input(convolution(3), 2), new FeedForwardToCnnPreProcessor(4, 3, 2))
                        .layer("out", output(18), new CnnToFeedForwardPreProcessor(3, 2, 3))
                        .spaces(
                                "before/input 2 frozen: 'before' folds single units into maps of 12 positions",
                                "before 3")
                        .removal("before", 1)
                        .zero("out", "W", 0, range(6, 12)),
                LayerCase.of("folding of single units to maps", vector(3))
                        .untyped()
                        .layer("before", dense(3, 24))
                        .layer("layer", input(convolution(3), 2), new FeedForwardToCnnPreProcessor(4, 3, 2))
                        .layer("out", output(18), new CnnToFeedForwardPreProcessor(3, 2, 3))
                        .spaces(
                                "before 24 frozen: 'layer' folds single units into maps of 12 positions",
                                "layer/input 2 frozen: 'layer' folds single units into maps of 12 positions",
                                "layer 3")
                        .removal("layer", 1)
                        .zero("out", "W", 0, range(6, 12)),
                LayerCase.of("flattening and folding back", maps())
                        .untyped()
                        .layer("before", input(convolution(3), 2))
                        .vertex("flat", new PreprocessorVertex(new CnnToFeedForwardPreProcessor(4, 3, 3)))
                        .layer("after", input(convolution(2), 3), new FeedForwardToCnnPreProcessor(4, 3, 3))
                        .layer("out", output(12), new CnnToFeedForwardPreProcessor(3, 2, 2))
                        .spaces("before 3", "after 2")
                        .removal("before", 1)
                        .zero("after", "W", 1, 1),
                LayerCase.of("flattening and folding back of volumes", volumes())
                        .untyped()
                        .layer("before", input(convolution3d(3), 2))
                        .vertex("flat", new PreprocessorVertex(new Cnn3DToFeedForwardPreProcessor(3, 2, 4, 3, true)))
                        .layer(
                                "after",
                                input(convolution3d(2), 3),
                                new FeedForwardToCnn3DPreProcessor(3, 2, 4, 3, true))
                        .layer("out", output(12), new Cnn3DToFeedForwardPreProcessor(2, 1, 3, 2, true))
                        .spaces("before 3", "after 2")
                        .removal("before", 1)
                        .zero("after", "W", 1, 1),
                LayerCase.of("flattening and folding back of volumes NDHWC", volumes(DataFormat.NDHWC))
                        .about(Cnn3DToFeedForwardPreProcessor.class)
                        .untyped()
                        .layer("before", input(convolution3d(3, DataFormat.NDHWC), 2))
                        .vertex("flat", new PreprocessorVertex(new Cnn3DToFeedForwardPreProcessor(3, 2, 4, 3, false)))
                        .layer(
                                "after",
                                input(convolution3d(2, DataFormat.NDHWC), 3),
                                new FeedForwardToCnn3DPreProcessor(3, 2, 4, 3, false))
                        .layer("out", output(12), new Cnn3DToFeedForwardPreProcessor(2, 1, 3, 2, false))
                        .spaces("before 3", "after 2")
                        .removal("before", 1)
                        .zero("after", "W", 1, 1),
                // Every step of the series is four by three positions of two maps.
                LayerCase.of("maps at each step", org.deeplearning4j.nn.conf.inputs.InputType.recurrent(24, 5))
                        .untyped()
                        .layer("before", input(convolution(3), 2), new RnnToCnnPreProcessor(4, 3, 2))
                        .layer("after", input(lstm(4), 18), new CnnToRnnPreProcessor(3, 2, 3, RNNFormat.NCW))
                        .layer("out", input(seriesOutput(), 4))
                        .spaces(
                                "before/input 2 frozen: 'before' folds single units into maps of 12 positions",
                                "before 3",
                                "after 4")
                        .removal("before", 1)
                        .zero("after", "W", 0, range(6, 12)),
                LayerCase.of(
                                "maps at each step NWC",
                                org.deeplearning4j.nn.conf.inputs.InputType.recurrent(24, 5, RNNFormat.NWC))
                        .untyped()
                        .layer("before", input(convolution(3), 2), new RnnToCnnPreProcessor(4, 3, 2, RNNFormat.NWC))
                        .layer(
                                "after",
                                input(lstm(4, RNNFormat.NWC), 18),
                                new CnnToRnnPreProcessor(3, 2, 3, RNNFormat.NWC))
                        .layer("out", input(seriesOutput(RNNFormat.NWC), 4))
                        .spaces(
                                "before/input 2 frozen: 'before' folds single units into maps of 12 positions",
                                "before 3",
                                "after 4")
                        .removal("before", 1)
                        .zero("after", "W", 0, range(6, 12)),
                LayerCase.of("dense between series", series())
                        .about(RnnToFeedForwardPreProcessor.class, FeedForwardToRnnPreProcessor.class)
                        .untyped()
                        .layer("before", input(lstm(4), 3))
                        .layer("dense", dense(4, 5), new RnnToFeedForwardPreProcessor(RNNFormat.NCW))
                        .layer("after", input(lstm(3), 5), new FeedForwardToRnnPreProcessor(RNNFormat.NCW))
                        .layer("out", input(seriesOutput(), 3))
                        .masked()
                        .spaces("before 4", "dense 5", "after 3")
                        .removal("before", 1)
                        .zero("before", "RW", 0, 1)
                        .zero("dense", "W", 0, 1)
                        .removal("dense", 1)
                        .zero("after", "W", 0, 1),
                LayerCase.of("dense between series NWC", series(RNNFormat.NWC))
                        .about(RnnToFeedForwardPreProcessor.class, FeedForwardToRnnPreProcessor.class)
                        .untyped()
                        .layer("before", input(lstm(4, RNNFormat.NWC), 3))
                        .layer("dense", dense(4, 5), new RnnToFeedForwardPreProcessor(RNNFormat.NWC))
                        .layer(
                                "after",
                                input(lstm(3, RNNFormat.NWC), 5),
                                new FeedForwardToRnnPreProcessor(RNNFormat.NWC))
                        .layer("out", input(seriesOutput(RNNFormat.NWC), 3))
                        .spaces("before 4", "dense 5", "after 3")
                        .removal("before", 1)
                        .zero("before", "RW", 0, 1)
                        .zero("dense", "W", 0, 1)
                        .removal("dense", 1)
                        .zero("after", "W", 0, 1),
                LayerCase.of("several preprocessors", maps())
                        .untyped()
                        .layer("before", input(convolution(3), 2))
                        .layer(
                                "after",
                                input(convolution(2), 3),
                                new ComposableInputPreProcessor(
                                        new CnnToFeedForwardPreProcessor(4, 3, 3),
                                        new FeedForwardToCnnPreProcessor(4, 3, 3)))
                        .layer(
                                "out",
                                output(12),
                                new ComposableInputPreProcessor(
                                        new CnnToFeedForwardPreProcessor(3, 2, 2),
                                        new ReshapePreprocessor(new long[] {12}, new long[] {12}, false)))
                        .spaces("before 3", "after 2")
                        .removal("before", 1)
                        .zero("after", "W", 1, 1)
                        .removal("after", 1)
                        .zero("out", "W", 0, range(6, 12)),
                LayerCase.of("reshape of maps", maps())
                        .untyped()
                        .layer("before", input(convolution(3), 2))
                        .layer("out", output(36), new ReshapePreprocessor(new long[] {3, 4, 3}, new long[] {36}, false))
                        .spaces("before 3")
                        .removal("before", 1)
                        .zero("out", "W", 0, range(12, 24)),
                LayerCase.of("reshape of maps with examples", maps())
                        .untyped()
                        .layer("before", input(convolution(3), 2))
                        .layer(
                                "after",
                                input(lstm(4), 3),
                                new ReshapePreprocessor(new long[] {-1, 3, 4, 3}, new long[] {-1, 3, 12}, true))
                        .layer("out", input(seriesOutput(), 4))
                        .spaces("before 3", "after 4")
                        .removal("before", 1)
                        .zero("after", "W", 0, 1),
                LayerCase.of("reshape across the bounds of units", vector(3))
                        .untyped()
                        .layer("before", dense(3, 12))
                        .layer(
                                "after",
                                input(lstm(4), 3),
                                new ReshapePreprocessor(new long[] {12}, new long[] {3, 4}, false))
                        .layer("out", input(seriesOutput(), 4))
                        .spaces(
                                "before 12 frozen: 'after' reshapes across the bounds of units",
                                "after/input 3 frozen: 'after' reshapes across the bounds of units",
                                "after 4"),
                LayerCase.of("flattening of a series", series())
                        .untyped()
                        .layer("before", input(lstm(4), 3))
                        .layer("out", output(20), new KerasFlattenRnnPreprocessor(4, 5))
                        .spaces("before 4")
                        .removal("before", 1)
                        .zero("before", "RW", 0, 1)
                        .zero("out", "W", 0, range(5, 10)),
                LayerCase.of("permutation of units and steps", series())
                        .untyped()
                        .layer("first", input(lstm(6), 3))
                        .layer("before", input(lstm(4), 6))
                        .layer("after", input(lstm(3), 5), new PermutePreprocessor(2, 1))
                        .layer("out", input(seriesOutput(), 3))
                        .spaces(
                                "first 6",
                                "before 4 frozen: 'after' permutes units and positions",
                                "after/input -1 frozen: 'after' permutes units and positions",
                                "after 3")
                        .removal("first", 1)
                        .zero("first", "RW", 0, 1)
                        .zero("before", "W", 0, 1));
    }
}
