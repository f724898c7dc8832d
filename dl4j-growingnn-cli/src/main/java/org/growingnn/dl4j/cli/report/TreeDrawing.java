package org.growingnn.dl4j.cli.report;

import static j2html.TagCreator.div;
import static j2html.TagCreator.i;
import static j2html.TagCreator.li;
import static j2html.TagCreator.span;
import static j2html.TagCreator.ul;

import j2html.tags.DomContent;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Set;

/**
 * Draws a search's tree as nested lists. Of large trees, it draws the path that was chosen, and otherwise what was visited most; it tells
 * how much is missing where.
 */
final class TreeDrawing {

    /** Deeper lists would be too narrow to read on a phone. */
    private static final int DEEPEST = 8;

    private static final Comparator<RunLog.Node> BEST_FIRST = Comparator.comparingDouble(
                    (RunLog.Node node) -> Double.isNaN(node.best()) ? Double.NEGATIVE_INFINITY : node.best())
            .thenComparingLong(RunLog.Node::visits)
            .reversed();

    private final RunLog.Node root;
    private final Set<RunLog.Node> path = Collections.newSetFromMap(new IdentityHashMap<>());
    private final Set<RunLog.Node> drawn = Collections.newSetFromMap(new IdentityHashMap<>());

    private TreeDrawing(RunLog.Node root, String chosen, int most) {
        this.root = root;
        choosePath(chosen);
        drawn.addAll(path);
        fill(most);
    }

    /**
     * Draws a tree.
     *
     * @param root its root
     * @param chosen the action at the root that was chosen
     * @param most how many nodes to draw at most, not counting those of the path
     */
    static DomContent of(RunLog.Node root, String chosen, int most) {
        TreeDrawing drawing = new TreeDrawing(root, chosen, most);
        return div(div(Html.text("Start: " + numbers(root))).withClass("root"), drawing.children(root))
                .withClass("tree");
    }

    /** From the chosen child on, the nodes that lead to the best grade found below it. */
    private void choosePath(String chosen) {
        Optional<RunLog.Node> next = root.children().stream()
                .filter(child -> child.action().equals(chosen))
                .findFirst();
        for (int depth = 0; next.isPresent() && depth < DEEPEST; depth++) {
            RunLog.Node node = next.get();
            path.add(node);
            next = node.children().stream()
                    .filter(child -> child.best() >= node.best())
                    .min(BEST_FIRST);
        }
    }

    private void fill(int most) {
        record Waiting(RunLog.Node node, int depth) {}
        PriorityQueue<Waiting> queue =
                new PriorityQueue<>(Comparator.comparingLong((Waiting waiting) -> waiting.node.visits())
                        .reversed()
                        .thenComparing(Waiting::node, BEST_FIRST));
        root.children().forEach(child -> queue.add(new Waiting(child, 1)));
        for (int left = most; left > 0 && !queue.isEmpty(); ) {
            Waiting next = queue.remove();
            if (drawn.add(next.node)) {
                left--;
            }
            if (next.depth < DEEPEST) {
                next.node.children().forEach(child -> queue.add(new Waiting(child, next.depth + 1)));
            }
        }
    }

    private DomContent children(RunLog.Node parent) {
        List<DomContent> items = new ArrayList<>();
        parent.children().stream()
                .filter(drawn::contains)
                .sorted(Comparator.comparing((RunLog.Node child) -> !path.contains(child))
                        .thenComparing(BEST_FIRST))
                .forEach(child -> items.add(item(child)));
        long missing = parent.omitted()
                + parent.children().stream()
                        .filter(child -> !drawn.contains(child))
                        .count();
        if (missing > 0) {
            items.add(li(Html.text(Numbers.count(missing) + (items.isEmpty() ? "" : " more") + " not drawn"))
                    .withClass("more"));
        }
        return items.isEmpty() ? Html.text("") : ul(items.toArray(DomContent[]::new));
    }

    private DomContent item(RunLog.Node node) {
        boolean chosen = path.contains(node);
        double share = root.visits() > 0 ? (double) node.visits() / root.visits() : 0;
        return li(
                        span(Html.text((chosen ? "\u2605 " : "") + node.action()))
                                .withClass("action"),
                        Html.text(" "),
                        span(Html.text(numbers(node))).withClass("values"),
                        i().withStyle(String.format(Locale.ROOT, "width:%.0f%%", Math.min(100, 100 * share))),
                        children(node))
                .withCondClass(chosen, "path");
    }

    private static String numbers(RunLog.Node node) {
        return Numbers.count(node.visits())
                + (node.visits() == 1 ? " visit" : " visits")
                + (Double.isNaN(node.mean()) ? "" : ", mean " + Numbers.real(node.mean()))
                + (Double.isNaN(node.best()) ? "" : ", best " + Numbers.real(node.best()));
    }
}
