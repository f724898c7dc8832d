package org.growingnn.dl4j.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.growingnn.dl4j.testing.Chains;
import org.junit.jupiter.api.Test;

/** What networks that differ in values and attachments only have in common, and how often layouts are derived. */
class SharedStructureTest {

    private static final Calibration NOTHING = new Calibration(Map.of(), Map.of(), Map.of());

    private final AtomicInteger propagated = new AtomicInteger();
    private final Operation counting = new Operation() {
        @Override
        public String type() {
            return "Counting";
        }

        @Override
        public Signal propagate(Propagation p) {
            propagated.incrementAndGet();
            return new Chains.Dense().propagate(p);
        }
    };
    private final NetworkGraph graph = counted(Chains.dense(4, 3, 5, 2));

    private NetworkGraph counted(NetworkGraph chain) {
        return new NetworkGraph(
                chain.inputs(),
                chain.vertices().stream()
                        .map(vertex -> vertex.withOperation(counting))
                        .toList(),
                chain.outputs(),
                chain.origin());
    }

    @Test
    void attaching_a_calibration_or_an_origin_derives_no_layouts() {
        int before = propagated.get();
        Origin origin = new Origin() {};

        NetworkGraph attached = graph.with(Optional.of(NOTHING)).with(origin);

        assertThat(propagated).hasValue(before);
        assertThat(attached.calibration()).contains(NOTHING);
        assertThat(attached.origin()).isSameAs(origin);
        assertThat(attached.spaces()).isSameAs(graph.spaces());
        assertThat(attached.axes("d2")).isSameAs(graph.axes("d2"));
        assertThat(attached.vertex("d2")).isSameAs(graph.vertex("d2"));
        assertThat(attached.describe()).isEqualTo(graph.describe());
        assertThat(graph.calibration()).isEmpty();
    }

    @Test
    void other_values_of_the_same_shapes_derive_no_layouts() {
        NetworkGraph calibrated = graph.with(Optional.of(NOTHING));
        int before = propagated.get();
        Map<String, Parameter> values = new LinkedHashMap<>();
        // In another order than the vertex has them.
        values.put("b", parameter(5));
        values.put("W", parameter(3, 5));

        NetworkGraph trained = calibrated.withParameters(Map.of("d2", values));
        NetworkGraph replaced = calibrated.with(List.of(trained.vertex("d2")));

        assertThat(propagated).hasValue(before);
        for (NetworkGraph changed : List.of(trained, replaced)) {
            assertThat(changed.vertex("d2").parameters()).containsExactlyInAnyOrderEntriesOf(values);
            assertThat(changed.vertex("d2").parameters().keySet()).containsExactly("W", "b");
            assertThat(changed.vertex("d1")).isSameAs(graph.vertex("d1"));
            assertThat(changed.calibration()).contains(NOTHING);
            assertThat(changed.structureHash()).isEqualTo(graph.structureHash());
        }
        assertThat(graph.vertex("d2").parameters().get("W").value().get(0)).isEqualTo(0.5);
    }

    @Test
    void other_shapes_derive_layouts_anew() {
        int before = propagated.get();

        NetworkGraph wider = graph.with(List.of(
                Chains.vertex("d2", "d1", 3, 6).withOperation(counting),
                Chains.vertex("d3", "d2", 6, 2).withOperation(counting)));

        assertThat(propagated).hasValue(before + 3);
        assertThat(wider.space("d2").size()).isEqualTo(6);
        assertThat(wider.parameterCount()).isEqualTo(4 * 3 + 3 + 3 * 6 + 6 + 6 * 2 + 2);
    }

    @Test
    void values_that_do_not_fit_are_refused_with_their_shapes() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> graph.withParameters(Map.of("d2", Map.of("W", parameter(3, 6), "b", parameter(5)))))
                .withMessageContaining("'d2'")
                .withMessageContaining("[3, 5]")
                .withMessageContaining("[3, 6]");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> graph.withParameters(Map.of("d2", Map.of("W", parameter(3, 5)))))
                .withMessageContaining("{W=[3, 5], b=[5]}");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> graph.withParameters(Map.of("d9", Map.of())))
                .withMessageContaining("'d9'");
    }

    @Test
    void inputs_are_replaced_by_others_of_the_same_names_only() {
        int before = propagated.get();
        NetworkInput unknown = new NetworkInput("in", Signal.Kind.FEED_FORWARD, Signal.Format.CHANNELS_FIRST, -1);

        assertThat(graph.withInputs(graph.inputs())).isSameAs(graph);
        assertThat(propagated).hasValue(before);
        NetworkGraph untyped = graph.withInputs(List.of(unknown));
        assertThat(propagated).hasValue(before + 3);
        assertThat(untyped.signal("in").units().length()).isEqualTo(Layout.UNKNOWN);
        assertThat(untyped.withInputs(graph.inputs()).describe()).isEqualTo(graph.describe());
        assertThatIllegalArgumentException()
                .isThrownBy(() -> graph.withInputs(
                        List.of(new NetworkInput("x", Signal.Kind.FEED_FORWARD, Signal.Format.CHANNELS_FIRST, 4))))
                .withMessageContaining("[in]")
                .withMessageContaining("[x]");
    }

    @Test
    void dropping_a_selection_of_everything_drops_what_is_known_about_it_and_nothing_else() {
        Calibration.Activations four = new Calibration.Activations(new double[4], new double[16]);
        NetworkGraph selected = Selection.insert(graph, "in")
                .with(Optional.of(new Calibration(
                        Map.of("d1", Map.of("W", parameter(4, 3).value())),
                        Map.of(),
                        Map.of("in", four, "in-selected", four))));

        Calibration left = Selection.withoutIdentities(selected).calibration().orElseThrow();

        assertThat(left.gradients()).containsOnlyKeys("d1");
        assertThat(left.activations()).containsOnlyKeys("in");
    }

    @Test
    void a_vertex_to_which_nothing_is_done_stays_the_same_object() {
        Vertex vertex = graph.vertex("d2");

        assertThat(vertex.withParameters(new LinkedHashMap<>(vertex.parameters())))
                .isSameAs(vertex);
        assertThat(vertex.withInputs(List.of("d1"))).isSameAs(vertex);
        assertThat(vertex.withOperation(counting)).isSameAs(vertex);
        assertThat(vertex.reconnected("elsewhere", "d3")).isSameAs(vertex);
        assertThat(vertex.reconnected("d1", "in").inputs()).containsExactly("in");
        assertThat(vertex.withParameters(Map.of("W", parameter(3, 5))).parameters())
                .containsOnlyKeys("W");
    }

    @Test
    void a_calibration_keeps_the_order_of_its_entries_and_is_not_changed_from_outside() {
        Map<String, Map<String, Tensor>> gradients = new LinkedHashMap<>();
        Map<String, Calibration.Activations> activations = new LinkedHashMap<>();
        Map<String, Calibration.Moments> moments = new LinkedHashMap<>();
        for (int i = 40; i > 0; i--) {
            Map<String, Tensor> byKey = new LinkedHashMap<>();
            byKey.put("W", parameter(1).value());
            byKey.put("RW", parameter(1).value());
            byKey.put("b", parameter(1).value());
            gradients.put("layer" + i, byKey);
            activations.put("layer" + i, new Calibration.Activations(new double[0], new double[0]));
            moments.put("layer" + i, new Calibration.Moments(List.of("W"), 0, 1, new double[1], true));
        }
        List<String> order = List.copyOf(gradients.keySet());

        Calibration calibration = new Calibration(gradients, moments, activations);
        gradients.get("layer7").clear();
        gradients.clear();

        for (Calibration found : List.of(calibration, calibration.only(name -> true), calibration.and(NOTHING))) {
            assertThat(found.gradients().keySet()).containsExactlyElementsOf(order);
            assertThat(found.moments().keySet()).containsExactlyElementsOf(order);
            assertThat(found.activations().keySet()).containsExactlyElementsOf(order);
            assertThat(found.gradients().get("layer7").keySet()).containsExactly("W", "RW", "b");
        }
        Map<String, Calibration.Moments> empty = new LinkedHashMap<>();
        empty.put("layer", null);
        assertThatNullPointerException().isThrownBy(() -> new Calibration(Map.of(), empty, Map.of()));
    }

    private static Parameter parameter(long... shape) {
        int length = 1;
        for (long extent : shape) {
            length *= (int) extent;
        }
        return Parameter.of(Tensor.wrap(shape, new float[length]));
    }
}
