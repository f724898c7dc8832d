package org.growingnn.dl4j.adapter;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.graph.Parameter;
import org.growingnn.dl4j.graph.Tensor;
import org.growingnn.dl4j.graph.Vertex;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Nesterovs;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** Values and state are where ND4J's own indexing finds them, whatever the order and precision of the model's memory. */
class ParameterLayoutTest {

    @ParameterizedTest
    @EnumSource(
            value = DataType.class,
            names = {"FLOAT", "DOUBLE", "HALF"},
            mode = Mode.INCLUDE)
    void valuesHaveTheIndicesThatTheyHaveInTheModel(DataType precision) {
        ComputationGraph model = trained(precision);
        NetworkGraph network = ModelReader.read(model, List.of());

        model.paramTable().forEach((name, array) -> {
            Tensor tensor = parameter(network, name).value();
            assertThat(tensor.shape()).isEqualTo(array.shape());
            for (int position = 0; position < tensor.length(); position++) {
                assertThat(tensor.get(position)).isEqualTo(array.getDouble(index(array.shape(), position)));
            }
        });
    }

    @ParameterizedTest
    @EnumSource(
            value = DataType.class,
            names = {"FLOAT", "DOUBLE", "HALF"},
            mode = Mode.INCLUDE)
    void writingGivesTheVectorsThatWereRead(DataType precision) {
        ComputationGraph model = trained(precision);

        ComputationGraph written = ModelWriter.toComputationGraph(ModelReader.read(model, List.of()));

        assertThat(written.params()).isEqualTo(model.params());
        assertThat(written.getUpdater().getStateViewArray())
                .isEqualTo(model.getUpdater().getStateViewArray());
    }

    private static Parameter parameter(NetworkGraph network, String name) {
        int split = name.lastIndexOf('_');
        Vertex vertex = network.vertex(name.substring(0, split));
        Map<String, Parameter> parameters = vertex.parameters();
        return parameters.get(name.substring(split + 1));
    }

    private static long[] index(long[] shape, int position) {
        long[] index = new long[shape.length];
        long left = position;
        for (int axis = shape.length - 1; axis >= 0; axis--) {
            index[axis] = left % shape[axis];
            left /= shape[axis];
        }
        return index;
    }

    /** Dense weights are column-major, those of convolutions row-major. 75 and 40 fill no whole number of tiles. */
    private static ComputationGraph trained(DataType precision) {
        ComputationGraph model = new ComputationGraph(new NeuralNetConfiguration.Builder()
                .seed(1)
                .dataType(precision)
                .updater(new Nesterovs(1e-2, 0.9))
                .activation(Activation.TANH)
                .graphBuilder()
                .addInputs("in")
                .setInputTypes(InputType.convolutional(7, 7, 2))
                .addLayer("conv", new ConvolutionLayer.Builder(3, 3).nOut(3).build(), "in")
                .addLayer("dense", new DenseLayer.Builder().nOut(40).build(), "conv")
                .addLayer("single", new DenseLayer.Builder().nOut(1).build(), "dense")
                .addLayer(
                        "out",
                        new OutputLayer.Builder(LossFunction.MSE)
                                .nOut(2)
                                .activation(Activation.IDENTITY)
                                .build(),
                        "single")
                .setOutputs("out")
                .build());
        model.init();
        INDArray features = Nd4j.rand(precision, 4, 2, 7, 7);
        model.fit(new DataSet(features, Nd4j.rand(precision, 4, 2)));
        return model;
    }
}
