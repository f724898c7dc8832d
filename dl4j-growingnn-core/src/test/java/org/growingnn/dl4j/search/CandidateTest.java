package org.growingnn.dl4j.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.atomic.AtomicInteger;
import org.growingnn.dl4j.action.NoOp;
import org.growingnn.dl4j.action.RemoveNeurons;
import org.growingnn.dl4j.action.StructuralAction;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.projection.Projection;
import org.growingnn.dl4j.projection.Projections;
import org.growingnn.dl4j.testing.Chains;
import org.junit.jupiter.api.Test;

class CandidateTest {

    private final NetworkGraph root = Chains.dense(6, 20, 20, 3);
    private final AtomicInteger applied = new AtomicInteger();

    private record Counted(AtomicInteger applied) implements StructuralAction {
        @Override
        public NetworkGraph apply(NetworkGraph graph, Projection projection) {
            applied.incrementAndGet();
            return new RemoveNeurons("d1", 0.5, 1).apply(graph, projection);
        }

        @Override
        public boolean preservesFunction(NetworkGraph graph, Projection projection) {
            return false;
        }
    }

    @Test
    void the_root_is_the_network_with_nothing_done() {
        Candidate candidate = Candidate.root(root);
        assertThat(candidate.action()).isEqualTo(new NoOp());
        assertThat(candidate.path()).isEmpty();
        assertThat(candidate.network()).isSameAs(root);
        assertThat(candidate.parameters()).isEqualTo(root.parameterCount());
        assertThat(candidate.macs()).hasValue(root.macs());
    }

    @Test
    void an_action_is_applied_when_the_network_is_asked_for_and_once() {
        Candidate candidate = Candidate.root(root).then(new Counted(applied), Projections.paper());
        assertThat(applied).hasValue(0);
        NetworkGraph network = candidate.network();
        assertThat(network.space("d1").size()).isEqualTo(10);
        assertThat(candidate.network()).isSameAs(network);
        assertThat(candidate.parameters()).isEqualTo(network.parameterCount());
        assertThat(candidate.content()).isNotNull();
        assertThat(applied).hasValue(1);
    }

    @Test
    void numbers_outlive_a_network_that_was_let_go() {
        Candidate candidate = Candidate.root(root).then(new Counted(applied), Projections.paper());
        NetworkGraph before = candidate.network();
        candidate.forget();
        assertThat(candidate.parameters()).isEqualTo(before.parameterCount());
        assertThat(candidate.macs()).hasValue(before.macs());
        assertThat(applied).hasValue(1);
        assertThat(candidate.network().parameterCount()).isEqualTo(before.parameterCount());
        assertThat(applied).hasValue(2);
    }

    @Test
    void a_trained_candidate_keeps_its_path_and_goes_on_from_the_training() {
        NetworkGraph trained = new RemoveNeurons("d2", 0.5, 1).apply(root, Projections.paper());
        StructuralAction first = new RemoveNeurons("d2", 0.5, 1);
        Candidate candidate =
                Candidate.root(root).then(first, Projections.paper()).trained(trained);
        assertThat(candidate.path()).containsExactly(first);
        assertThat(candidate.network()).isSameAs(trained);
        Candidate further = candidate.then(new Counted(applied), Projections.paper());
        assertThat(further.path()).containsExactly(first, new Counted(applied));
        assertThat(further.network().space("d2").size()).isEqualTo(10);
    }

    @Test
    void what_does_not_apply_shows_when_the_network_is_asked_for() {
        Candidate candidate = Candidate.root(root).then(new RemoveNeurons("d9", 0.5, 1), Projections.paper());
        assertThatThrownBy(candidate::network).hasMessageContaining("d9");
        assertThatThrownBy(candidate::parameters).hasMessageContaining("d9");
        assertThatThrownBy(() -> Candidate.root(null)).hasMessage("root");
        assertThatThrownBy(() -> candidate.then(null, Projections.paper())).hasMessage("action");
    }
}
