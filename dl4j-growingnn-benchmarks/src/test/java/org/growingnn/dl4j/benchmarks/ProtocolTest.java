package org.growingnn.dl4j.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.growingnn.dl4j.Dl4jGraphs;
import org.growingnn.dl4j.examples.Architectures;
import org.growingnn.dl4j.examples.Mnist;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.dataset.DataSet;

class ProtocolTest {

    @Test
    void all_rounds_together_use_exactly_the_recovery_budget() {
        for (Protocol.Schedule schedule : List.of(Protocol.PEER_SCHEDULE, Protocol.HOT_SCHEDULE)) {
            assertThat(IntStream.rangeClosed(1, Protocol.ROUNDS)
                            .map(schedule::steps)
                            .sum())
                    .isEqualTo(938);
        }
        assertThat(Protocol.PEER_SCHEDULE.steps(1)).isEqualTo(93);
        assertThat(Protocol.PEER_SCHEDULE.steps(5)).isEqualTo(566);
    }

    @Test
    void a_round_of_recovery_takes_its_steps_and_learns() {
        Mnist mnist = Mnist.bundled();
        ComputationGraph model = Dl4jGraphs.toComputationGraph(Dl4jGraphs.read(Architectures.mlp(1)));
        Iterator<DataSet> batches = Protocol.batches(mnist, 1);

        Protocol.recover(model, batches, 1, Protocol.PEER_SCHEDULE);

        assertThat(model.getIterationCount()).isEqualTo(93);
        assertThat(Protocol.testAccuracy(model, mnist)).isGreaterThan(0.85);
    }

    @Test
    void weights_as_pytorch_draws_them_are_uniform_within_one_over_the_root_of_fan_in() {
        ComputationGraph model = Architectures.lenet(1);

        Protocol.initialiseAsPyTorch(model, 1);

        Map<String, Integer> fanIns = Map.of("conv1", 25, "conv2", 500, "dense", 800, "output", 500);
        fanIns.forEach((layer, fanIn) -> {
            double bound = 1 / Math.sqrt(fanIn);
            for (String key : new String[] {"W", "b"}) {
                assertThat(model.getLayer(layer).getParam(key).amaxNumber().doubleValue())
                        .as(layer + " " + key)
                        .isBetween(0.7 * bound, bound);
            }
            double deviation = model.getLayer(layer).getParam("W").stdNumber().doubleValue();
            assertThat(deviation).as(layer).isCloseTo(bound / Math.sqrt(3), within(0.1 * bound));
        });
    }

    @Test
    void the_peer_has_a_figure_for_every_reduction_that_is_printed_by_default() {
        for (String network : new String[] {"mlp", "lenet"}) {
            for (double reduction : Peer.reductions(network)) {
                assertThat(Peer.drop(network, reduction))
                        .as(network + " " + reduction)
                        .isPresent();
            }
        }
        assertThat(Peer.drop("mlp", 0.97)).hasValue(1.95);
        assertThat(Peer.drop("rescnn", 0.97)).isEmpty();
    }
}
