package org.growingnn.dl4j.examples;

import java.util.List;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.growingnn.dl4j.Dl4jGraphs;
import org.growingnn.dl4j.action.Actions;
import org.growingnn.dl4j.action.StructuralAction;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.graph.UnitSpace;
import org.growingnn.dl4j.projection.Projections;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;

/** Opens a trained residual network, resizes layers by hand, and writes it back. */
public final class SurgeryByHand {

    private SurgeryByHand() {}

    /**
     * Runs the example.
     *
     * @param arguments none
     */
    public static void main(String[] arguments) {
        ComputationGraph model = TestModels.rescnn();
        DataSetIterator test = Mnist.bundled().test(250);

        NetworkGraph network = Dl4jGraphs.read(model, InputType.convolutionalFlat(28, 28, 1));
        System.out.println(network.describe());

        // Layers that are summed share one space of units: resizing one resizes all of them, batch norms included.
        UnitSpace block = network.space("b3_add");
        System.out.println("'b3_add' shares its units with " + block.producers());

        StructuralAction shrink = Actions.removeNeurons(block, 0.25);
        NetworkGraph smaller = shrink.apply(network, Projections.pseudoInverse());
        report("as it was", network, model, test);
        report(shrink.toString(), smaller, Dl4jGraphs.toComputationGraph(smaller), test);

        StructuralAction grow = Actions.addNeurons(network.space("b1_conv1"), 1.5);
        NetworkGraph larger = grow.apply(network, Projections.replication());
        report(grow.toString(), larger, Dl4jGraphs.toComputationGraph(larger), test);

        // Actions are values: they can be written down and replayed on the original.
        List<String> journal = List.of(Actions.toJson(grow), Actions.toJson(shrink));
        System.out.println(journal);
        NetworkGraph replayed =
                Actions.replay(network, journal.stream().map(Actions::fromJson).toList(), Projections.pseudoInverse());
        report("both", replayed, Dl4jGraphs.toComputationGraph(replayed), test);
    }

    private static void report(String what, NetworkGraph network, ComputationGraph model, DataSetIterator test) {
        System.out.printf(
                "%-60s %,9d parameters, %,10d multiply-accumulates, test accuracy %.2f %%%n",
                what,
                network.parameterCount(),
                network.macs(),
                100 * model.evaluate(test).accuracy());
    }
}
