package org.growingnn.dl4j.testing;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.growingnn.dl4j.graph.Axis;
import org.growingnn.dl4j.graph.Layout;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.graph.NetworkInput;
import org.growingnn.dl4j.graph.Operation;
import org.growingnn.dl4j.graph.Origin;
import org.growingnn.dl4j.graph.Parameter;
import org.growingnn.dl4j.graph.Propagation;
import org.growingnn.dl4j.graph.Signal;
import org.growingnn.dl4j.graph.Tensor;
import org.growingnn.dl4j.graph.Vertex;

/** Networks for tests that need no Deeplearning4j: chains of dense layers with all weights equal to a constant. */
public final class Chains {

    private Chains() {}

    /**
     * Makes a chain with layers d1, d2, ….
     *
     * @param widths the number of features, then of the units of each layer; the last one is the output's
     * @return the network
     */
    public static NetworkGraph dense(int... widths) {
        List<Vertex> vertices = new ArrayList<>();
        for (int i = 1; i < widths.length; i++) {
            vertices.add(vertex("d" + i, i == 1 ? "in" : "d" + (i - 1), widths[i - 1], widths[i]));
        }
        return new NetworkGraph(
                List.of(new NetworkInput("in", Signal.Kind.FEED_FORWARD, Signal.Format.CHANNELS_FIRST, widths[0])),
                vertices,
                List.of("d" + (widths.length - 1)),
                new Origin() {});
    }

    /**
     * Makes a dense layer.
     *
     * @param name its name
     * @param input what it takes
     * @param in number of units that arrive
     * @param out number of its units
     * @return the layer
     */
    public static Vertex vertex(String name, String input, int in, int out) {
        float[] weights = new float[in * out];
        Arrays.fill(weights, 0.5f);
        Map<String, Parameter> parameters = new LinkedHashMap<>();
        parameters.put("W", Parameter.of(Tensor.wrap(new long[] {in, out}, weights)));
        parameters.put("b", Parameter.of(Tensor.wrap(new long[] {out}, new float[out])));
        return new Vertex(name, List.of(input), new Dense(), parameters);
    }

    /** What a dense layer does. */
    public static final class Dense implements Operation {
        @Override
        public String type() {
            return "Dense";
        }

        @Override
        public Signal propagate(Propagation p) {
            Layout out = p.produce(p.shape("W")[1]);
            p.axes("W", Axis.consumes(p.input().units()), Axis.produces(out));
            p.axes("b", Axis.produces(out));
            p.macs(p.shape("W")[0] * p.shape("W")[1]);
            return Signal.feedForward(out);
        }
    }
}
