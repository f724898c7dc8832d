package org.growingnn.dl4j.cli.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class NetworkDiffTest {

    private static RunLog.Vertex vertex(String name, long units, String... inputs) {
        return new RunLog.Vertex(
                name,
                "DenseLayer",
                List.of(inputs),
                "",
                1,
                OptionalLong.empty(),
                Optional.empty(),
                OptionalLong.of(units),
                true,
                Optional.empty());
    }

    private static RunLog.Network network(RunLog.Vertex... vertices) {
        return new RunLog.Network(
                1, OptionalLong.empty(), List.of(new RunLog.Input("in", "4")), List.of(), List.of(vertices));
    }

    @Test
    void tellsWhatBecameOfEachVertex() {
        RunLog.Network before = network(
                vertex("same", 4, "in"),
                vertex("narrower", 1200, "same"),
                vertex("wider", 3, "narrower"),
                vertex("gone", 5, "wider"),
                vertex("moved", 6, "gone"));
        RunLog.Network after = network(
                vertex("same", 4, "in"),
                vertex("narrower", 7, "same"),
                vertex("wider", 9, "narrower"),
                vertex("moved", 6, "wider"),
                vertex("new", 2, "moved"));

        NetworkDiff diff = NetworkDiff.of(before, after);

        assertThat(diff.names()).containsExactly("same", "narrower", "wider", "gone", "moved", "new");
        assertThat(diff.names().stream().map(diff::kind))
                .containsExactly(
                        NetworkDiff.Kind.SAME,
                        NetworkDiff.Kind.NARROWED,
                        NetworkDiff.Kind.WIDENED,
                        NetworkDiff.Kind.REMOVED,
                        NetworkDiff.Kind.REWIRED,
                        NetworkDiff.Kind.ADDED);
        assertThat(diff.change("narrower")).hasValue("\u25bc 1,200 \u2192 7 units");
        assertThat(diff.change("same")).isEmpty();
        assertThat(Stream.of(NetworkDiff.Kind.values()).map(NetworkDiff.Kind::sign))
                .doesNotHaveDuplicates();
    }

    @Test
    void namesThatDoNotExistOrTwiceAreNoError() {
        RunLog.Network odd = network(vertex("a", 1, "missing", "a"), vertex("a", 2), vertex("in", 3, "a"));

        assertThat(new NetworkDrawing()
                        .svg("odd", "Odd", odd, NetworkDiff.of(odd, odd))
                        .render())
                .contains("<title id=\"odd-title\">Odd</title>");
    }
}
