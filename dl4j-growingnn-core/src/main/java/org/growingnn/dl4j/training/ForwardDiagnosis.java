package org.growingnn.dl4j.training;

import java.util.Optional;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.GraphVertex;
import org.deeplearning4j.nn.graph.vertex.VertexIndices;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Finds the vertex at which Deeplearning4j fails, which its exceptions seldom name. */
final class ForwardDiagnosis {

    /** The vertex that was at work. */
    private String vertex = "";

    private ForwardDiagnosis() {}

    /**
     * Runs a model forward, vertex by vertex, after it has failed. Its masks must be set.
     *
     * @return the name of the first vertex that fails; empty if none does
     */
    static Optional<String> failing(ComputationGraph model, INDArray[] features, boolean training) {
        ForwardDiagnosis diagnosis = new ForwardDiagnosis();
        try {
            diagnosis.run(model, features, training);
            return Optional.empty();
        } catch (RuntimeException e) {
            // The one that is known already; only where it comes from is news.
            return Optional.of(diagnosis.vertex);
        }
    }

    private void run(ComputationGraph model, INDArray[] features, boolean training) {
        model.setInputs(features);
        for (int index : model.topologicalSortOrder()) {
            GraphVertex current = model.getVertices()[index];
            vertex = current.getVertexName();
            INDArray out = current.isInputVertex()
                    ? features[index]
                    : current.doForward(training, LayerWorkspaceMgr.noWorkspaces());
            if (current.getOutputVertices() != null) {
                for (VertexIndices next : current.getOutputVertices()) {
                    GraphVertex consumer = model.getVertices()[next.getVertexIndex()];
                    vertex = consumer.getVertexName();
                    // Applies the consumer's preprocessor.
                    consumer.setInput(next.getVertexEdgeNumber(), out, LayerWorkspaceMgr.noWorkspaces());
                }
            }
        }
    }
}
