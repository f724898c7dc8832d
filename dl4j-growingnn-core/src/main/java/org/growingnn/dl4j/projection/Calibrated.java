package org.growingnn.dl4j.projection;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.growingnn.dl4j.graph.Block;
import org.growingnn.dl4j.graph.Calibration;
import org.growingnn.dl4j.graph.Calibration.Activations;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.graph.NetworkInput;
import org.growingnn.dl4j.graph.UnitSpace;

/** Finds what calibration told about a network. */
final class Calibrated {

    private Calibrated() {}

    /**
     * Gives a network's calibration.
     *
     * @param user what needs it, for the message
     */
    static Calibration of(NetworkGraph graph, Object user) {
        return graph.calibration()
                .orElseThrow(() -> new IllegalStateException("The network is not calibrated, which " + user
                        + " needs.\nMaybe give calibration data, or attach what a Calibrator collects?"));
    }

    /**
     * Finds the activations of a space's units where they are last seen as such: behind batch norm, activation function and sums.
     *
     * @param user what needs them, for the message
     * @return empty if they were not collected, for example because the space is too wide or was added since
     */
    static Optional<Activations> activations(NetworkGraph graph, UnitSpace space, Object user) {
        Map<String, Activations> collected = of(graph, user).activations();
        List<String> names = new ArrayList<>();
        graph.inputs().stream().map(NetworkInput::name).forEach(names::add);
        names.addAll(graph.order());
        Optional<Activations> last = Optional.empty();
        for (String name : names) {
            List<Block> blocks = graph.signal(name).units().blocks();
            Activations found = collected.get(name);
            if (found != null
                    && blocks.size() == 1
                    && blocks.get(0).inner() == 1
                    && found.size() == space.size()
                    && graph.space(blocks.get(0)).equals(space)) {
                last = Optional.of(found);
            }
        }
        return last;
    }
}
