package org.growingnn.dl4j.search;

import java.lang.ref.SoftReference;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import org.growingnn.dl4j.action.NoOp;
import org.growingnn.dl4j.action.StructuralAction;
import org.growingnn.dl4j.graph.ContentHash;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.projection.Projection;
import org.jspecify.annotations.Nullable;

/**
 * A variant of a search's root: a path of actions, and once they are applied its network and what that costs. Applying is
 * deterministic, so a network that memory is too short for is forgotten and made again when needed; the numbers are remembered. Safe for
 * several threads.
 */
public final class Candidate {

    private final List<StructuralAction> path;
    private final StructuralAction action;
    private final @Nullable Candidate parent;
    private final @Nullable Projection projection;
    private final @Nullable NetworkGraph fixed;
    private final @Nullable Draft draft;
    private SoftReference<NetworkGraph> made = new SoftReference<>(null);
    private long parameters = -1;
    private OptionalLong macs = OptionalLong.empty();
    private @Nullable ContentHash content;

    private Candidate(
            List<StructuralAction> path,
            StructuralAction action,
            @Nullable Candidate parent,
            @Nullable Projection projection,
            @Nullable NetworkGraph fixed,
            @Nullable Draft draft) {
        this.path = path;
        this.action = action;
        this.parent = parent;
        this.projection = projection;
        this.fixed = fixed;
        this.draft = draft;
    }

    /**
     * Makes the candidate that is the root itself.
     *
     * @param root the network to improve
     * @return the candidate without actions
     */
    public static Candidate root(NetworkGraph root) {
        return new Candidate(List.of(), new NoOp(), null, null, Objects.requireNonNull(root, "root"), null);
    }

    /**
     * Makes a network at a search's target.
     *
     * @param action what a search did last to come to the draft
     */
    static Candidate of(Draft draft, StructuralAction action) {
        return new Candidate(draft.path(), action, null, null, null, draft);
    }

    /**
     * Makes the variant that one more action leads to. The action is applied when the network is asked for.
     *
     * @param action what to do to this candidate
     * @param projection how weights follow
     * @return the variant
     */
    public Candidate then(StructuralAction action, Projection projection) {
        Objects.requireNonNull(action, "action");
        Objects.requireNonNull(projection, "projection");
        List<StructuralAction> longer = new ArrayList<>(path);
        longer.add(action);
        return new Candidate(List.copyOf(longer), action, this, projection, null, null);
    }

    /**
     * Goes on with the candidate from where its training ended.
     *
     * @param trained {@link Grade#trained()} of this candidate
     * @return a candidate with the same path and the trained network
     */
    public Candidate trained(NetworkGraph trained) {
        return new Candidate(path, action, null, null, Objects.requireNonNull(trained, "trained"), draft);
    }

    /**
     * Gives what a search did last to come to this candidate.
     *
     * @return the last of the path; no-op for where the search began, which with a {@linkplain Target target} is the first network that meets
     *     it
     */
    public StructuralAction action() {
        return action;
    }

    /** What the network is made from, if the search has a target. */
    Optional<Draft> draft() {
        return Optional.ofNullable(draft);
    }

    /**
     * Gives the actions that lead from the root to this candidate.
     *
     * @return in order
     */
    public List<StructuralAction> path() {
        return path;
    }

    /**
     * Gives the network, which applies the action if that has not been done, or if memory was too short for what came of it.
     *
     * @return the network
     * @throws IllegalArgumentException if an action of the path does not apply
     */
    public synchronized NetworkGraph network() {
        if (fixed != null) {
            remember(fixed);
            return fixed;
        }
        NetworkGraph network = made.get();
        if (network == null) {
            network = draft != null
                    ? draft.network()
                    : Objects.requireNonNull(
                            action.apply(parent.network(), projection), () -> action + " gave no network.");
            made = new SoftReference<>(network);
            remember(network);
        }
        return network;
    }

    private void remember(NetworkGraph network) {
        if (parameters < 0) {
            macs = network.macsKnown() ? OptionalLong.of(network.macs()) : OptionalLong.empty();
            parameters = network.parameterCount();
        }
    }

    /**
     * Counts the network's parameters. The network is made for it at most once.
     *
     * @return the count
     */
    public synchronized long parameters() {
        if (parameters < 0) {
            network();
        }
        return parameters;
    }

    /**
     * Counts the network's multiply-accumulates for one example. The network is made for it at most once.
     *
     * @return the count; empty if the sizes of its inputs are not known
     */
    public synchronized OptionalLong macs() {
        parameters();
        return macs;
    }

    /** Identifies what would be evaluated. */
    synchronized ContentHash content() {
        if (content == null) {
            content = ContentHash.of(network());
        }
        return content;
    }

    /**
     * Lets the network go, and those of the path before it, though not the numbers: few candidates are looked at again.
     *
     * <p>The chosen one is, and its action is applied once more, which adds one application to those that all evaluations took. To spare
     * it, the networks of all that may still be chosen would have to be kept, each with a model's parameters and optimiser state. The
     * leader's alone would not do: the smallest of those within a standard error of it is chosen, and who they are is known only in the end.
     */
    void forget() {
        synchronized (this) {
            made.clear();
        }
        if (parent != null) {
            parent.forget();
        }
    }

    @Override
    public String toString() {
        return path.toString();
    }
}
