package org.growingnn.dl4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.deeplearning4j.nn.graph.ComputationGraph;
import org.growingnn.dl4j.graph.ContentHash;
import org.growingnn.dl4j.metric.Metrics;
import org.growingnn.dl4j.metric.Scale;
import org.growingnn.dl4j.search.Execution;
import org.growingnn.dl4j.search.MonteCarloTreeSearch;
import org.growingnn.dl4j.training.SimulationSettings;
import org.growingnn.dl4j.worker.ProcessExecution;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.nd4j.evaluation.classification.Evaluation;

/** Runs whose candidates are evaluated in other processes. */
@Timeout(300)
class ProcessRunTest {

    private static StructureOptimizer.Builder optimizer() {
        return StructureOptimizer.builder()
                .train(TestData.clouds(300, 30, 1))
                .validation(TestData.clouds(150, 30, 2))
                .generations(2)
                .epochsPerGeneration(1)
                .simulation(new SimulationSettings(60, 0.5, 1, 10))
                .workers(2);
    }

    @Test
    void a_run_finds_what_it_finds_on_threads_and_leaves_no_process() {
        // Nodes of the tree go on with networks that were trained elsewhere.
        StructureOptimizer.Builder builder = optimizer()
                .search(MonteCarloTreeSearch.builder()
                        .maxEvaluations(8)
                        .puct(0.1)
                        .batchSize(2)
                        .build());
        ComputationGraph model = RunDeterminismTest.dropoutNetwork();
        OptimizationResult threads =
                builder.execution(Execution.threads()).build().optimize(model);
        OptimizationResult processes = builder.execution(
                        ProcessExecution.processes().environment("JAVA_TOOL_OPTIONS", "-XX:TieredStopAtLevel=1"))
                .build()
                .optimize(model);
        assertThat(ContentHash.of(Dl4jGraphs.read(processes.graph())))
                .isEqualTo(ContentHash.of(Dl4jGraphs.read(threads.graph())));
        assertThat(processes.actions()).isEqualTo(threads.actions()).isNotEmpty();
        assertThat(ProcessHandle.current().children()).isEmpty();
    }

    @Test
    void a_metric_that_cannot_be_sent_is_refused_by_name_before_the_run() {
        StructureOptimizer optimizer = optimizer()
                .metric(Metrics.of(
                        "my accuracy", () -> new Evaluation(TestData.CLASSES), found -> found.accuracy(), Scale.SHARE))
                .execution(ProcessExecution.processes())
                .build();
        assertThatThrownBy(() -> optimizer.optimize(TestData.trainedGraph()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("The metric 'my accuracy' cannot be taken to another process")
                .hasMessageContaining("threads");
        assertThat(ProcessHandle.current().children()).isEmpty();
    }
}
