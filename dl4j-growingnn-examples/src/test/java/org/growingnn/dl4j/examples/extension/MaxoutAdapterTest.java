package org.growingnn.dl4j.examples.extension;

import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.growingnn.dl4j.testing.LayerCase;
import org.growingnn.dl4j.testing.LayerContract;

/** A layer of the user's own is read, resized and written like those of the library. */
class MaxoutAdapterTest extends LayerContract {

    @Override
    protected Stream<LayerCase> cases() {
        return Stream.of(
                LayerCase.of("maxout of two pieces", InputType.feedForward(3))
                        .layer("before", new DenseLayer.Builder().nOut(5).build())
                        .layer("layer", new MaxoutLayer(4, 2))
                        .out()
                        .spaces("before 5", "layer 4")
                        .removal("before", 1, 4)
                        .zero("layer", MaxoutLayer.WEIGHT, 0, 1, 4)
                        .removal("layer", 0, 2)
                        .zero("out", "W", 0, 0, 2),
                LayerCase.of("maxout of three pieces behind another one", InputType.feedForward(3))
                        .layer("first", new MaxoutLayer(4, 2))
                        .layer("second", new MaxoutLayer(6, 3))
                        .out()
                        .spaces("first 4", "second 6")
                        .removal("first", 3)
                        .zero("second", MaxoutLayer.WEIGHT, 0, 3));
    }
}
