package org.growingnn.dl4j.action;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.stream.Collectors;
import org.growingnn.dl4j.action.AddResidual.Start;
import org.growingnn.dl4j.projection.Projection;
import org.growingnn.dl4j.projection.Projections;
import org.growingnn.dl4j.testing.ActionContract;
import org.growingnn.dl4j.testing.RandomNetwork;
import org.junit.jupiter.api.Test;

/** Every kind of action that the library brings keeps the contract. */
class LibraryActionsTest extends ActionContract {

    /** One of each kind for each network: random walks and properties take the others. */
    @Override
    protected ActionGenerator actions() {
        ActionGenerator all = Actions.layers()
                .residualStarts(Start.values())
                .and(Actions.neurons().add())
                .and(Actions.neurons().remove())
                .and(Actions.global())
                .and(Actions.inputs());
        return graph -> all
                .generate(graph)
                .collect(Collectors.toMap(Object::getClass, action -> action, (one, other) -> one, LinkedHashMap::new))
                .values()
                .stream();
    }

    /** That which preserves most. */
    @Override
    protected List<Projection> projections() {
        return List.of(Projections.replication());
    }

    @Test
    void every_kind_is_offered_for_one_of_the_networks() {
        assertThat(networks()
                        .map(RandomNetwork::read)
                        .flatMap(actions()::generate)
                        .<Class<?>>map(Object::getClass)
                        .distinct())
                .containsExactlyInAnyOrder(
                        AddSequential.class,
                        AddResidual.class,
                        RemoveLayer.class,
                        RemoveBranch.class,
                        RemoveNeurons.class,
                        AddNeurons.class,
                        PruneGlobally.class,
                        RemoveInputs.class);
    }
}
