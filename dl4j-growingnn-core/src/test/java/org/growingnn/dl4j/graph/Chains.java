package org.growingnn.dl4j.graph;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Networks for tests that need no Deeplearning4j: chains of dense layers with all weights equal to a constant. */
public final class Chains {

    private Chains() {}

    /** Makes a chain with layers d1, d2, …; the last width is the output's. */
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

    static Vertex vertex(String name, String input, int in, int out) {
        float[] weights = new float[in * out];
        java.util.Arrays.fill(weights, 0.5f);
        Map<String, Parameter> parameters = new LinkedHashMap<>();
        parameters.put("W", Parameter.of(Tensor.wrap(new long[] {in, out}, weights)));
        parameters.put("b", Parameter.of(Tensor.wrap(new long[] {out}, new float[out])));
        return new Vertex(name, List.of(input), new Dense(), parameters);
    }

    /** A dense layer. */
    static final class Dense implements Operation {
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
