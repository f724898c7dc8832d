package org.growingnn.dl4j.adapter;

import static org.growingnn.dl4j.adapter.LayerCases.convolution;
import static org.growingnn.dl4j.adapter.LayerCases.convolution3d;
import static org.growingnn.dl4j.adapter.LayerCases.dense;
import static org.growingnn.dl4j.adapter.LayerCases.lstm;
import static org.growingnn.dl4j.adapter.LayerCases.maps;
import static org.growingnn.dl4j.adapter.LayerCases.series;
import static org.growingnn.dl4j.adapter.LayerCases.seriesOutput;
import static org.growingnn.dl4j.adapter.LayerCases.vector;
import static org.growingnn.dl4j.adapter.LayerCases.volumes;

import java.util.ArrayList;
import java.util.List;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex.Op;
import org.deeplearning4j.nn.conf.graph.FrozenVertex;
import org.deeplearning4j.nn.conf.graph.L2NormalizeVertex;
import org.deeplearning4j.nn.conf.graph.L2Vertex;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.graph.PoolHelperVertex;
import org.deeplearning4j.nn.conf.graph.ReshapeVertex;
import org.deeplearning4j.nn.conf.graph.ScaleVertex;
import org.deeplearning4j.nn.conf.graph.ShiftVertex;
import org.deeplearning4j.nn.conf.graph.StackVertex;
import org.deeplearning4j.nn.conf.graph.SubsetVertex;
import org.deeplearning4j.nn.conf.graph.UnstackVertex;
import org.deeplearning4j.nn.conf.graph.rnn.DuplicateToTimeSeriesVertex;
import org.deeplearning4j.nn.conf.graph.rnn.LastTimeStepVertex;
import org.deeplearning4j.nn.conf.graph.rnn.ReverseTimeSeriesVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.deeplearning4j.nn.conf.preprocessor.CnnToFeedForwardPreProcessor;
import org.growingnn.dl4j.testing.LayerCase;
import org.growingnn.dl4j.testing.LayerCase.Ability;

/** Vertices that are no layers. */
final class VertexCases {

    private VertexCases() {}

    static List<LayerCase> all() {
        List<LayerCase> cases = new ArrayList<>();
        for (Op op : Op.values()) {
            cases.add(two("element-wise " + op, 4, 4)
                    .vertex("layer", new ElementWiseVertex(op), "left", "right")
                    .out()
                    .spaces("left 4")
                    .removal("left", 1, 2)
                    .zero("out", "W", 0, 1, 2));
        }
        cases.addAll(List.of(
                two("element-wise product with a single unit", 4, 1)
                        .vertex("layer", new ElementWiseVertex(Op.Product), "left", "right")
                        .out()
                        .spaces("left 4 at least 2", "right 1 frozen: 'layer' broadcasts its single unit")
                        .removal("left", 1)
                        .zero("out", "W", 0, 1),
                LayerCase.of("sum of maps NHWC", maps(CNN2DFormat.NHWC))
                        .layer("left", convolution(3, CNN2DFormat.NHWC), "in")
                        .layer("right", convolution(3, CNN2DFormat.NHWC), "in")
                        .vertex("layer", new ElementWiseVertex(Op.Add), "left", "right")
                        .layer("after", convolution(2, CNN2DFormat.NHWC))
                        .out()
                        .spaces("left 3", "after 2")
                        .removal("left", 1)
                        .zero("after", "W", 1, 1),
                two("concatenation", 3, 4)
                        .vertex("layer", new MergeVertex(), "left", "right")
                        .out()
                        .spaces("left 3", "right 4")
                        .removal("left", 1)
                        .zero("out", "W", 0, 1)
                        .removal("right", 0, 2)
                        .zero("out", "W", 0, 3, 5),
                two("concatenation of the same twice", 3, 4)
                        .vertex("layer", new MergeVertex(), "left", "right", "left")
                        .out()
                        .spaces("left 3", "right 4")
                        .removal("left", 1)
                        .zero("out", "W", 0, 1, 8),
                LayerCase.of("concatenation of maps", maps())
                        .layer("left", convolution(3), "in")
                        .layer("right", convolution(4), "in")
                        .vertex("layer", new MergeVertex(), "left", "right")
                        .layer("after", convolution(2))
                        .out()
                        .spaces("left 3", "right 4", "after 2")
                        .removal("right", 0, 2)
                        .zero("after", "W", 1, 3, 5),
                LayerCase.of("concatenation of maps NHWC", maps(CNN2DFormat.NHWC))
                        .layer("left", convolution(3, CNN2DFormat.NHWC), "in")
                        .layer("right", convolution(4, CNN2DFormat.NHWC), "in")
                        .vertex("layer", new MergeVertex(), "left", "right")
                        .layer("after", convolution(2, CNN2DFormat.NHWC))
                        .out()
                        .spaces("left 3", "right 4", "after 2")
                        .removal("right", 0, 2)
                        .zero("after", "W", 1, 3, 5),
                LayerCase.of("concatenation of series NWC", series(RNNFormat.NWC))
                        .layer("left", lstm(3, RNNFormat.NWC), "in")
                        .layer("right", lstm(4, RNNFormat.NWC), "in")
                        .vertex("layer", new MergeVertex(), "left", "right")
                        .layer("out", seriesOutput(RNNFormat.NWC))
                        .spaces("left 3", "right 4")
                        .removal("right", 0)
                        .zero("right", "RW", 0, 0)
                        .zero("out", "W", 0, 3),
                LayerCase.of("concatenation of volumes", volumes())
                        .layer("left", convolution3d(3), "in")
                        .layer("right", convolution3d(4), "in")
                        .vertex("layer", new MergeVertex(), "left", "right")
                        .layer("after", convolution3d(2))
                        .layer("pooled", new GlobalPoolingLayer(PoolingType.AVG))
                        .out()
                        .only(Ability.RUNS, "Invalid rank during forward pass")
                        .spaces("left 3", "right 4", "after 2")
                        .removal("right", 0)
                        .zero("after", "W", 1, 3),
                LayerCase.of("concatenation of steps", series())
                        .untyped()
                        .layer("left", input(lstm(4), 3), "in")
                        .layer("right", input(lstm(4), 3), "in")
                        .vertex("layer", alongSteps(), "left", "right")
                        .layer("out", input(seriesOutput(), 4))
                        .spaces("left 4")
                        .removal("left", 1)
                        .zero("left", "RW", 0, 1)
                        .zero("right", "RW", 0, 1)
                        .zero("out", "W", 0, 1),
                two("sum of blocks that do not correspond", 3, 4)
                        .vertex("both", new MergeVertex(), "left", "right")
                        .vertex("turned", new MergeVertex(), "right", "left")
                        .vertex("layer", new ElementWiseVertex(Op.Add), "both", "turned")
                        .out()
                        .spaces(
                                "left 3 frozen: 'layer' joins widths [3, 4] and [4, 3] element by element, which do not correspond block by block",
                                "right 4 frozen: 'layer' joins widths [3, 4] and [4, 3] element by element, which do not correspond block by block"),
                two("subset on the bounds of blocks", 3, 4)
                        .vertex("both", new MergeVertex(), "left", "right", "left")
                        .vertex("layer", new SubsetVertex(3, 6))
                        .out()
                        .spaces("left 3", "right 4")
                        .removal("right", 0, 2)
                        .zero("out", "W", 0, 0, 2),
                two("subset that cuts a block", 3, 4)
                        .vertex("both", new MergeVertex(), "left", "right")
                        .vertex("layer", new SubsetVertex(0, 4))
                        .out()
                        .spaces(
                                "left 3",
                                "right 4 frozen: 'layer' selects some of the units only",
                                "layer 2 frozen: 'layer' selects some of the units only")
                        .removal("left", 1)
                        .zero("out", "W", 0, 1),
                LayerCase.of("subset of maps", maps())
                        .untyped()
                        .layer("left", input(convolution(3), 2), "in")
                        .layer("right", input(convolution(4), 2), "in")
                        .vertex("both", new MergeVertex(), "left", "right")
                        .vertex("layer", new SubsetVertex(3, 6))
                        .layer("after", input(convolution(2), 4))
                        .layer("out", LayerCases.output(12), new CnnToFeedForwardPreProcessor(3, 2, 2))
                        .spaces("left 3", "right 4", "after 2")
                        .removal("right", 0, 2)
                        .zero("after", "W", 1, 0, 2),
                LayerCase.of("subset of rows NHWC", maps(CNN2DFormat.NHWC))
                        .untyped()
                        .layer("before", input(convolution(3, CNN2DFormat.NHWC), 2))
                        .vertex("layer", new SubsetVertex(1, 2))
                        .layer(
                                "out",
                                LayerCases.output(18),
                                new CnnToFeedForwardPreProcessor(2, 3, 3, CNN2DFormat.NHWC))
                        .spaces("before 3")
                        .removal("before", 1)
                        .zero("out", "W", 0, 1, 4, 7, 10, 13, 16),
                two("stacked examples", 4, 4)
                        .vertex("stack", new StackVertex(), "left", "right")
                        .layer("after", dense(3))
                        .vertex("first", new UnstackVertex(0, 2), "after")
                        .vertex("second", new UnstackVertex(1, 2), "after")
                        .vertex("layer", new MergeVertex(), "first", "second")
                        .out()
                        .spaces("left 4", "after 3")
                        .removal("left", 1)
                        .zero("after", "W", 0, 1)
                        .removal("after", 1)
                        .zero("out", "W", 0, 1, 4),
                two("scaled and shifted", 4, 4)
                        .vertex("scaled", new ScaleVertex(2.5), "left")
                        .vertex("shifted", new ShiftVertex(0.5), "scaled")
                        .vertex("layer", new ElementWiseVertex(Op.Add), "shifted", "right")
                        .out()
                        .spaces("left 4")
                        .removal("left", 1)
                        .zero("out", "W", 0, 1),
                LayerCase.of("normalised to length one", vector(3))
                        .layer("before", dense(5))
                        .vertex("layer", new L2NormalizeVertex())
                        .out()
                        .spaces("before 5 mixed: normalisation by all units in 'layer'"),
                two("distance", 4, 4)
                        .vertex("layer", new L2Vertex(), "left", "right")
                        .out()
                        .spaces(
                                "left 4 mixed: distance over all units in 'layer'",
                                "layer 1 frozen: single output of 'layer'"),
                LayerCase.of("without first row and column", InputType.convolutional(5, 5, 2))
                        .untyped()
                        .layer("before", input(convolution(3), 2))
                        .vertex("layer", new PoolHelperVertex())
                        .layer("after", input(convolution(2), 3))
                        .layer("out", LayerCases.output(8), new CnnToFeedForwardPreProcessor(2, 2, 2))
                        .spaces("before 3", "after 2")
                        .removal("before", 1)
                        .zero("after", "W", 1, 1),
                LayerCase.of("reshape of maps to vectors", maps())
                        .untyped()
                        .layer("before", input(convolution(3), 2))
                        .vertex("layer", new ReshapeVertex(-1, 36))
                        .layer("out", LayerCases.output(36))
                        .spaces("before 3")
                        .removal("before", 1)
                        .zero("out", "W", 0, DenseCases.range(12, 24)),
                LayerCase.of("reshape of maps to a series of their positions", maps())
                        .untyped()
                        .layer("before", input(convolution(3), 2))
                        .vertex("layer", new ReshapeVertex(-1, 3, 12))
                        .layer("after", input(lstm(4), 3))
                        .layer("out", input(seriesOutput(), 4))
                        .spaces("before 3", "after 4")
                        .removal("before", 1)
                        .zero("after", "W", 0, 1),
                LayerCase.of("reshape across the bounds of maps", maps())
                        .untyped()
                        .layer("first", input(convolution(2), 2))
                        .layer("before", input(convolution(4), 2))
                        .vertex("layer", new ReshapeVertex(-1, 3, 8))
                        .layer("after", input(lstm(4), 3))
                        .layer("out", input(seriesOutput(), 4))
                        .spaces(
                                "first 2",
                                "before 4 frozen: 'layer' reshapes across the bounds of units",
                                "layer 3 frozen: 'layer' reshapes across the bounds of units",
                                "after 4"),
                LayerCase.of("reshape in column-major order", maps())
                        .untyped()
                        .layer("first", input(convolution(2), 2))
                        .layer("before", input(convolution(3), 2))
                        .vertex("layer", new ReshapeVertex('f', new int[] {-1, 18}, null))
                        .layer("out", LayerCases.output(18))
                        .spaces(
                                "first 2",
                                "before 3 frozen: 'layer' reshapes across examples",
                                "layer -1 frozen: 'layer' reshapes across examples"),
                LayerCase.of("last step", series())
                        .layer("before", lstm(4))
                        .vertex("layer", new LastTimeStepVertex("in"))
                        .out()
                        .masked()
                        .spaces("before 4")
                        .removal("before", 1)
                        .zero("before", "RW", 0, 1)
                        .zero("out", "W", 0, 1),
                LayerCase.of("reversed series", series())
                        .layer("before", lstm(4))
                        .vertex("layer", new ReverseTimeSeriesVertex("in"))
                        .layer("after", lstm(3))
                        .layer("out", seriesOutput())
                        .masked()
                        .spaces("before 4", "after 3")
                        .removal("before", 1)
                        .zero("before", "RW", 0, 1)
                        .zero("after", "W", 0, 1),
                LayerCase.of("vector repeated at each step", series(), vector(3))
                        .layer("before", dense(4), "in2")
                        .vertex("layer", new DuplicateToTimeSeriesVertex("in"))
                        .vertex("both", new MergeVertex(), "in", "layer")
                        .layer("after", lstm(3))
                        .layer("out", seriesOutput())
                        .masked()
                        .spaces("before 4", "after 3")
                        .removal("before", 1)
                        .zero("after", "W", 0, 4),
                LayerCase.of("frozen vertex", vector(3))
                        .layer("left", new FrozenLayer(dense(3)), "in")
                        .layer("right", new FrozenLayer(dense(4)), "in")
                        .vertex("layer", new FrozenVertex(new MergeVertex()), "left", "right")
                        .layer("after", dense(4))
                        .out()
                        .spaces(
                                "left 3 frozen: 'left' is frozen in the model; pruneFrozenLayers(true) lets its units be removed",
                                "right 4 frozen: 'right' is frozen in the model; pruneFrozenLayers(true) lets its units be removed",
                                "after 4"),
                two("frozen vertex in between", 3, 4)
                        .vertex("layer", new FrozenVertex(new MergeVertex()), "left", "right")
                        .out()
                        .only(Ability.RUNS, "all epsilons not set")
                        .spaces("left 3", "right 4")
                        .removal("right", 1)
                        .zero("out", "W", 0, 4)));
        return cases;
    }

    /** Two dense layers of the same input. */
    private static LayerCase two(String name, int left, int right) {
        return LayerCase.of(name, vector(3)).layer("left", dense(left), "in").layer("right", dense(right), "in");
    }

    private static MergeVertex alongSteps() {
        MergeVertex merge = new MergeVertex();
        merge.setMergeAxis(2);
        return merge;
    }

    static <L extends FeedForwardLayer> L input(L layer, int width) {
        layer.setNIn(width);
        return layer;
    }
}
