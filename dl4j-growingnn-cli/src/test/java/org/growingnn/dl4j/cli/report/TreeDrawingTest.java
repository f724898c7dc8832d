package org.growingnn.dl4j.cli.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TreeDrawingTest {

    private static RunLog.Node node(String action, long visits, double best, RunLog.Node... children) {
        return new RunLog.Node(action, visits, best, best, List.of(children), 0);
    }

    private static String draw(RunLog.Node root, String chosen, int most) {
        return TreeDrawing.of(root, chosen, most).render();
    }

    @Test
    void theChosenPathIsDrawnHoweverLittleElseIs() {
        RunLog.Node root = node(
                "start",
                10,
                0.9,
                node("visited more", 7, 0.8),
                node("chosen", 3, 0.9, node("worse", 2, 0.5), node("best", 1, 0.9)));

        assertThat(draw(root, "chosen", 0))
                .contains("\u2605 chosen", "\u2605 best", "1 more not drawn")
                .doesNotContain("worse", "visited more");
        assertThat(draw(root, "chosen", 1)).contains("visited more").doesNotContain("worse");
        assertThat(draw(root, "chosen", 9)).contains("visited more", "worse").doesNotContain("not drawn");
    }

    @Test
    void onlySoManyNodesAreDrawn() {
        RunLog.Node[] children = IntStream.range(0, 500)
                .mapToObj(i -> node("child " + i, i, 0.5))
                .toArray(RunLog.Node[]::new);

        String drawn = draw(node("start", 1000, 0.5, children), "none of them", 20);

        assertThat(drawn.split("class=\"action\"", -1)).hasSize(21);
        assertThat(drawn).contains("child 499", "480 more not drawn").doesNotContain("\u2605");
    }

    @Test
    void whatTheLogLeavesOutIsTold() {
        RunLog.Node root = new RunLog.Node("start", 1, Double.NaN, Double.NaN, List.of(), 12_345);

        assertThat(draw(root, "", 5)).contains("12,345 not drawn", "1 visit").doesNotContain("mean", "best");
    }
}
