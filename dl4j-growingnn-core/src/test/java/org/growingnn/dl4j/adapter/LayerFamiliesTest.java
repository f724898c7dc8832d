package org.growingnn.dl4j.adapter;

import java.util.stream.Stream;
import org.growingnn.dl4j.testing.LayerCase;
import org.growingnn.dl4j.testing.LayerContract;

/** Every layer, vertex and preprocessor class of Deeplearning4j keeps the contract. */
class LayerFamiliesTest extends LayerContract {

    @Override
    protected Stream<LayerCase> cases() {
        return LayerCases.all();
    }
}
