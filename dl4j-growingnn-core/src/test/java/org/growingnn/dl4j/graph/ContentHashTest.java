package org.growingnn.dl4j.graph;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.growingnn.dl4j.testing.Chains;
import org.junit.jupiter.api.Test;

class ContentHashTest {

    private final NetworkGraph network = Chains.dense(6, 20, 20, 3);

    private NetworkGraph with(String key, Parameter parameter) {
        Map<String, Parameter> parameters =
                new LinkedHashMap<>(network.vertex("d2").parameters());
        parameters.put(key, parameter);
        return network.with(List.of(network.vertex("d2").withParameters(parameters)));
    }

    @Test
    void copies_of_a_network_have_its_hash_with_and_without_calibration() {
        ContentHash hash = ContentHash.of(network);
        assertThat(ContentHash.of(network.with(network.vertices()))).isEqualTo(hash);
        assertThat(ContentHash.of(network.with(Optional.of(new Calibration(Map.of(), Map.of(), Map.of())))))
                .isEqualTo(hash);
        double[] values = network.vertex("d2").parameters().get("W").value().toDoubles();
        assertThat(ContentHash.of(with("W", Parameter.of(wrap(values, 20, 20)))))
                .isEqualTo(hash);
    }

    private static Tensor wrap(double[] values, long... shape) {
        float[] floats = new float[values.length];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = (float) values[i];
        }
        return Tensor.wrap(shape, floats);
    }

    @Test
    void every_single_value_its_place_and_its_precision_matter() {
        double[] values = network.vertex("d2").parameters().get("W").value().toDoubles();
        Set<ContentHash> seen = new HashSet<>();
        seen.add(ContentHash.of(network));
        for (int i = 0; i < values.length; i++) {
            double[] changed = values.clone();
            changed[i] = Math.nextUp((float) changed[i]);
            changed[i] = (float) changed[i] + 1e-6;
            seen.add(ContentHash.of(with("W", Parameter.of(wrap(changed, 20, 20)))));
        }
        seen.add(ContentHash.of(with("W", Parameter.of(Tensor.wrap(new long[] {20, 20}, values)))));
        assertThat(seen).hasSize(values.length + 2);
    }

    @Test
    void optimiser_state_and_the_origins_counters_matter() {
        Tensor bias = network.vertex("d2").parameters().get("b").value();
        Tensor other = wrap(new double[] {1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}, 20);
        Set<ContentHash> seen = new HashSet<>();
        seen.add(ContentHash.of(network));
        for (Parameter.Moment.Kind kind : Parameter.Moment.Kind.values()) {
            seen.add(ContentHash.of(with("b", new Parameter(bias, List.of(new Parameter.Moment(kind, bias))))));
            seen.add(ContentHash.of(with("b", new Parameter(bias, List.of(new Parameter.Moment(kind, other))))));
        }
        record Counted(int iterations) implements Origin {}
        seen.add(ContentHash.of(network.with(new Counted(1))));
        seen.add(ContentHash.of(network.with(new Counted(2))));
        assertThat(seen).hasSize(3 + 2 * Parameter.Moment.Kind.values().length);
        assertThat(ContentHash.of(network.with(new Counted(2))))
                .isEqualTo(ContentHash.of(network.with(new Counted(2))));
    }

    @Test
    void structure_matters_even_where_the_values_are_alike() {
        assertThat(ContentHash.of(Chains.dense(6, 20, 20, 3)))
                .isNotEqualTo(ContentHash.of(Chains.dense(6, 20, 20, 20, 3)))
                .isNotEqualTo(ContentHash.of(Chains.dense(6, 20, 19, 3)));
    }
}
