package org.growingnn.dl4j.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import java.util.List;
import org.growingnn.dl4j.graph.LatencyTable.Layer;
import org.growingnn.dl4j.graph.LatencyTable.Size;
import org.growingnn.dl4j.testing.Chains;
import org.junit.jupiter.api.Test;

/** Times of layers, how they add up, how they are kept, and what is refused. */
class LatencyTableTest {

    private static final LatencyTable TABLE = new LatencyTable(
            8, 12.5, List.of(new Layer("conv", 1e6, 0.25, 3, 1.0 / 3), new Layer("out", 40, 0, 1e-9, 7)));

    @Test
    void a_layer_takes_its_fixed_time_and_its_rates_times_its_size() {
        assertThat(new Layer("a", 100, 2, 3, 0.5).nanos(new Size(10, 20, 200)))
                .isEqualTo(100 + 2 * 10 + 3 * 20 + 0.5 * 200);
    }

    @Test
    void json_keeps_every_digit() {
        assertThat(LatencyTable.fromJson(TABLE.toJson())).isEqualTo(TABLE);
        assertThat(TABLE.toJson()).contains("\"perWeight\" : 0.3333333333333333", "\"examples\" : 8");
    }

    @Test
    void json_that_is_no_table_is_refused_with_the_place() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> LatencyTable.fromJson(TABLE.toJson().replace("0.25", "-0.25")))
                .withMessageContainingAll("layers[0]", "-0.25", "perInput");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> LatencyTable.fromJson(TABLE.toJson().replace("\"fixed\" : 40.0,", "")))
                .withMessageContainingAll("layers[1].fixed", "missing");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> LatencyTable.fromJson("{\"passes\": 3}"))
                .withMessageContaining("passes");
        assertThatIllegalArgumentException().isThrownBy(() -> LatencyTable.fromJson("nothing"));
        assertThatNullPointerException().isThrownBy(() -> LatencyTable.fromJson(null));
    }

    @Test
    void times_below_zero_without_end_or_of_two_layers_of_one_name_are_refused() {
        for (double wrong : new double[] {-1, Double.NaN, Double.POSITIVE_INFINITY}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> new Layer("deep", 0, 0, wrong, 0))
                    .withMessageContainingAll("perOutput time of 'deep'", String.valueOf(wrong));
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> new LatencyTable(1, wrong, List.of()))
                    .withMessageContaining("pass time");
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new LatencyTable(0, 0, List.of()))
                .withMessageContaining("(0)");
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> new LatencyTable(1, 0, List.of(new Layer("x", 1, 0, 0, 0), new Layer("x", 2, 0, 0, 0))))
                .withMessageContaining("'x'");
        assertThatNullPointerException().isThrownBy(() -> new LatencyTable(1, 0, null));
        assertThatNullPointerException().isThrownBy(() -> new Layer(null, 0, 0, 0, 0));
    }

    @Test
    void a_network_without_a_table_has_no_latency_and_one_of_another_origin_takes_none() {
        NetworkGraph network = Chains.dense(3, 2);
        assertThatIllegalStateException()
                .isThrownBy(() -> Cost.LATENCY.of(network))
                .withMessageContainingAll("unknown", "\nMaybe");
        assertThatExceptionOfType(UnsupportedOperationException.class)
                .isThrownBy(() -> network.origin().withLatencies(TABLE));
    }

    private static final LatencyTable CHAIN =
            new LatencyTable(1, 100, List.of(new Layer("d1", 10, 1, 2, 3), new Layer("d2", 30, 5, 0.5, 1)));

    @Test
    void a_layer_that_was_not_measured_takes_the_mean_of_its_kind_for_each_value_and_multiply_accumulate() {
        LatencyTable table = CHAIN.withKinds(Chains.dense(3, 2, 4));
        NetworkGraph longer = Chains.dense(3, 2, 4, 5);
        double expected = 20 + 4 * 13.0 / 5 + 5 * 6.0 / 6 + 4 * 5 * 26.0 / 14;
        assertThat(table.of(longer, "d3")).isEqualTo(Math.round(expected));
        assertThat(table.of(longer)).isEqualTo(table.of(Chains.dense(3, 2, 4)) + Math.round(expected));
        assertThat(table.of(longer, name -> name.equals("d3") ? new Size(2, 5, 10) : Size.of(longer, name)))
                .isEqualTo(table.of(Chains.dense(3, 2, 4))
                        + Math.round(20 + 2 * 13.0 / 5 + 5 * 6.0 / 6 + 2 * 5 * 26.0 / 14));
        assertThat(table.layers()).isEqualTo(CHAIN.layers());
    }

    @Test
    void a_kind_that_was_not_measured_takes_the_mean_of_all_layers() {
        LatencyTable table = CHAIN.withKinds(Chains.dense(3, 2, 4));
        List<Layer> any = table.kinds().stream()
                .filter(kind -> kind.name().equals(LatencyTable.ANY))
                .toList();
        assertThat(table.kinds()).extracting(Layer::name).containsExactly("Dense", LatencyTable.ANY);
        NetworkGraph longer = Chains.dense(3, 2, 4, 5);
        assertThat(new LatencyTable(1, 100, CHAIN.layers(), any).of(longer)).isEqualTo(table.of(longer));
    }

    @Test
    void kinds_are_kept_in_json_and_not_found_anew() {
        LatencyTable table = CHAIN.withKinds(Chains.dense(3, 2, 4));
        assertThat(LatencyTable.fromJson(table.toJson())).isEqualTo(table);
        assertThat(table.withKinds(Chains.dense(6, 2, 4))).isSameAs(table);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new LatencyTable(
                        1, 0, List.of(), List.of(new Layer("x", 1, 0, 0, 0), new Layer("x", 2, 0, 0, 0))))
                .withMessageContainingAll("kinds", "'x'");
    }

    @Test
    void kinds_that_do_not_tell_of_all_that_may_be_added_are_refused() {
        List<Layer> some = List.of(new Layer("Dense", 1, 0, 0, 0), new Layer(LatencyTable.WEIGHTLESS, 1, 0, 0, 0));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new LatencyTable(1, 0, CHAIN.layers(), some))
                .withMessageContainingAll("kinds", "[Dense, without-weights]", "'any'", "\nMaybe");
        LatencyTable table = CHAIN.withKinds(Chains.dense(3, 2, 4));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> LatencyTable.fromJson(table.toJson().replace("\"any\"", "\"all\"")))
                .withMessageContainingAll("kinds", "[Dense, all]", "'any'");
    }

    @Test
    void without_kinds_and_in_a_network_to_begin_with_every_layer_must_be_listed() {
        NetworkGraph longer = Chains.dense(3, 2, 4, 5);
        LatencyTable table = CHAIN.withKinds(Chains.dense(3, 2, 4));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> CHAIN.of(longer))
                .withMessageContainingAll("'d3'", "[d1, d2]", "\nMaybe");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> table.requireLayers(longer))
                .withMessageContainingAll("'d3'", "[d1, d2]", "\nMaybe");
        assertThatIllegalArgumentException().isThrownBy(() -> table.withKinds(longer));
    }
}
