package org.growingnn.dl4j;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.growingnn.dl4j.action.Actions;
import org.growingnn.dl4j.action.AddNeurons;
import org.growingnn.dl4j.action.AddSequential;
import org.growingnn.dl4j.action.LayerActions;
import org.growingnn.dl4j.action.StructuralAction;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.projection.Projections;
import org.growingnn.dl4j.run.RunEvent;
import org.growingnn.dl4j.training.SimulationSettings;
import org.junit.jupiter.api.Test;

/** Growth by the settings that are made for it. */
class GrowthRunTest {

    private static final long LIMIT = 120;

    private static MultiLayerNetwork tiny() {
        MultiLayerNetwork network = new MultiLayerNetwork(TestData.configuration(2));
        network.init();
        return network;
    }

    private static StructureOptimizer.Builder optimizer() {
        return StructureOptimizer.builder()
                .growth(LIMIT)
                .train(TestData.clouds(300, 30, 1))
                .initialEpochs(1)
                .epochsPerGeneration(1)
                .generations(4)
                .simulation(new SimulationSettings(100, 0.5, 4, 10))
                .seed(3);
    }

    @Test
    void a_network_grows_up_to_the_limit_and_no_candidate_is_larger() {
        long[] largest = new long[1];
        OptimizationResult result = optimizer()
                .listener(event -> {
                    if (event instanceof RunEvent.CandidateEvaluated evaluated) {
                        largest[0] = Math.max(
                                largest[0], evaluated.candidate().candidate().parameters());
                    }
                })
                .build()
                .optimize(tiny());

        assertThat(result.parameters()).isGreaterThan(tiny().numParams()).isLessThanOrEqualTo(LIMIT);
        assertThat(largest[0]).isGreaterThan(tiny().numParams()).isLessThanOrEqualTo(LIMIT);
    }

    @Test
    void a_run_that_grows_by_gradient_does_not_depend_on_the_number_of_workers() {
        assertThat(optimizer().workers(2).build().optimize(tiny()).graph().params())
                .isEqualTo(
                        optimizer().workers(1).build().optimize(tiny()).graph().params());
    }

    @Test
    void units_are_offered_up_to_the_limit_of_parameters_and_no_further() {
        NetworkGraph graph = Dl4jGraphs.read(tiny());
        List<StructuralAction> all =
                Actions.neurons().remove().add(1.5, 2, 10).generate(graph).toList();

        for (long limit : new long[] {graph.parameterCount(), graph.parameterCount() + 12, 60, 120, 1000}) {
            assertThat(Actions.neurons()
                            .remove()
                            .add(1.5, 2, 10)
                            .maximumParameters(limit)
                            .generate(graph))
                    .containsExactlyElementsOf(all.stream()
                            .filter(action -> action.apply(graph, Projections.replication())
                                            .parameterCount()
                                    <= limit)
                            .toList());
        }
        assertThat(all).isNotEmpty().allMatch(AddNeurons.class::isInstance);
    }

    @Test
    void a_convolution_can_be_added_in_front_of_a_pooling() {
        ComputationGraph model = new ComputationGraph(new NeuralNetConfiguration.Builder()
                .graphBuilder()
                .addInputs("in")
                .setInputTypes(InputType.convolutional(6, 6, 1))
                .addLayer("conv", new ConvolutionLayer.Builder(3, 3).nOut(1).build(), "in")
                .addLayer("pool", new GlobalPoolingLayer(PoolingType.AVG), "conv")
                .addLayer("out", new OutputLayer.Builder().nOut(3).build(), "pool")
                .setOutputs("out")
                .build());
        model.init();
        Stream<StructuralAction> offered = Actions.layers()
                .only(LayerActions.Kind.ADD_SEQUENTIAL)
                .maximumParameters(1000)
                .generate(Dl4jGraphs.read(model));

        assertThat(offered).contains(new AddSequential("conv", "pool", AddSequential.AUTO));
    }
}
