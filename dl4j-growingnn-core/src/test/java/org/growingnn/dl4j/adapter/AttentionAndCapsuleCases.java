package org.growingnn.dl4j.adapter;

import static org.growingnn.dl4j.adapter.LayerCases.convolution;
import static org.growingnn.dl4j.adapter.LayerCases.lstm;
import static org.growingnn.dl4j.adapter.LayerCases.maps;
import static org.growingnn.dl4j.adapter.LayerCases.series;
import static org.growingnn.dl4j.adapter.LayerCases.seriesOutput;

import java.util.List;
import org.deeplearning4j.nn.conf.graph.AttentionVertex;
import org.deeplearning4j.nn.conf.layers.CapsuleLayer;
import org.deeplearning4j.nn.conf.layers.CapsuleStrengthLayer;
import org.deeplearning4j.nn.conf.layers.LearnedSelfAttentionLayer;
import org.deeplearning4j.nn.conf.layers.PrimaryCapsules;
import org.deeplearning4j.nn.conf.layers.RecurrentAttentionLayer;
import org.deeplearning4j.nn.conf.layers.SelfAttentionLayer;
import org.growingnn.dl4j.testing.LayerCase;
import org.growingnn.dl4j.testing.LayerCase.Ability;
import org.nd4j.linalg.activations.Activation;

/** Attention and capsules. */
final class AttentionAndCapsuleCases {

    private AttentionAndCapsuleCases() {}

    static List<LayerCase> all() {
        return List.of(
                // Heads of size two: the rows of Wo come in pairs.
                LayerCase.of("self-attention", series())
                        .layer("before", lstm(4))
                        .layer(
                                "layer",
                                new SelfAttentionLayer.Builder()
                                        .nOut(6)
                                        .nHeads(3)
                                        .headSize(2)
                                        .projectInput(true)
                                        .build())
                        .layer("out", seriesOutput())
                        .masked()
                        .spaces("before 4", "layer 6", "layer/heads 3")
                        .removal("before", 1)
                        .zero("before", "RW", 0, 1)
                        .zero("layer", "Wq", 2, 1)
                        .zero("layer", "Wk", 2, 1)
                        .zero("layer", "Wv", 2, 1)
                        .removal("layer/heads", 1)
                        .zero("layer", "Wo", 0, 2, 3)
                        .removal("layer", 0, 5)
                        .zero("out", "W", 0, 0, 5),
                LayerCase.of("self-attention without projections", series())
                        .layer("before", lstm(4))
                        .layer(
                                "layer",
                                new SelfAttentionLayer.Builder()
                                        .nIn(4)
                                        .nOut(4)
                                        .nHeads(1)
                                        .projectInput(false)
                                        .build())
                        .layer("out", seriesOutput())
                        .masked()
                        .spaces("before 4 mixed: dot products over the units in 'layer'"),
                LayerCase.of("attention of learned queries", series())
                        .layer("before", lstm(4))
                        .layer(
                                "layer",
                                new LearnedSelfAttentionLayer.Builder()
                                        .nOut(6)
                                        .nHeads(3)
                                        .headSize(2)
                                        .nQueries(3)
                                        .projectInput(true)
                                        .build())
                        .layer("out", seriesOutput())
                        .only(Ability.BUILDS, "scatter_update")
                        .spaces("before 4", "layer 6", "layer/heads 3"),
                LayerCase.of("attention of learned queries without projections", series())
                        .layer("before", lstm(4))
                        .layer(
                                "layer",
                                new LearnedSelfAttentionLayer.Builder()
                                        .nIn(4)
                                        .nOut(4)
                                        .nHeads(1)
                                        .nQueries(3)
                                        .projectInput(false)
                                        .build())
                        .layer("out", seriesOutput())
                        .only(Ability.BUILDS, "scatter_update")
                        .spaces("before 4 mixed: dot products over the units in 'layer'"),
                LayerCase.of("recurrent attention", series())
                        .layer("before", lstm(4))
                        .layer(
                                "layer",
                                new RecurrentAttentionLayer.Builder()
                                        .nOut(6)
                                        .nHeads(3)
                                        .headSize(2)
                                        .hasBias(true)
                                        .projectInput(true)
                                        .build())
                        .layer("out", seriesOutput())
                        .spaces("before 4", "layer 6", "layer/heads 3")
                        .removal("before", 1)
                        .zero("before", "RW", 0, 1)
                        .zero("layer", "W", 0, 1)
                        .zero("layer", "Wk", 2, 1)
                        .zero("layer", "Wv", 2, 1)
                        .removal("layer/heads", 1)
                        .zero("layer", "Wo", 0, 2, 3)
                        .removal("layer", 0)
                        .zero("layer", "Wq", 2, 0)
                        .zero("layer", "RW", 0, 0)
                        .zero("out", "W", 0, 0),
                LayerCase.of("recurrent attention without projections", series())
                        .layer("before", lstm(4))
                        .layer(
                                "layer",
                                new RecurrentAttentionLayer.Builder()
                                        .nIn(4)
                                        .nOut(4)
                                        .nHeads(1)
                                        .hasBias(false)
                                        .projectInput(false)
                                        .build())
                        .layer("out", seriesOutput())
                        .spaces("before 4 mixed: dot products over the units in 'layer'"),
                LayerCase.of("attention vertex", series())
                        .layer("query", lstm(3), "in")
                        .layer("key", lstm(4), "in")
                        .layer("value", lstm(5), "in")
                        .vertex(
                                "layer",
                                new AttentionVertex.Builder()
                                        .nInQueries(3)
                                        .nInKeys(4)
                                        .nInValues(5)
                                        .nOut(6)
                                        .nHeads(3)
                                        .headSize(2)
                                        .projectInput(true)
                                        .build(),
                                "query",
                                "key",
                                "value")
                        .layer("out", seriesOutput())
                        .masked()
                        .spaces("query 3", "key 4", "value 5", "layer 6", "layer/heads 3")
                        .removal("query", 1)
                        .zero("query", "RW", 0, 1)
                        .zero("layer", "Wq", 2, 1)
                        .removal("key", 1)
                        .zero("key", "RW", 0, 1)
                        .zero("layer", "Wk", 2, 1)
                        .removal("value", 1)
                        .zero("value", "RW", 0, 1)
                        .zero("layer", "Wv", 2, 1)
                        .removal("layer/heads", 1)
                        .zero("layer", "Wo", 0, 2, 3)
                        .removal("layer", 0, 5)
                        .zero("out", "W", 0, 0, 5),
                LayerCase.of("attention vertex without projections", series())
                        .layer("query", lstm(4), "in")
                        .layer("key", lstm(4), "in")
                        .layer("value", lstm(4), "in")
                        .vertex(
                                "layer",
                                new AttentionVertex.Builder()
                                        .nInQueries(4)
                                        .nInKeys(4)
                                        .nInValues(4)
                                        .nOut(4)
                                        .nHeads(1)
                                        .projectInput(false)
                                        .build(),
                                "query",
                                "key",
                                "value")
                        .layer("out", seriesOutput())
                        .masked()
                        .spaces("query 4 mixed: dot products over the units in 'layer'", "value 4")
                        .removal("value", 1)
                        .zero("value", "RW", 0, 1)
                        .zero("out", "W", 0, 1),
                // Two channels of three dimensions; each of the six positions of a map is a capsule of every channel.
                LayerCase.of("primary capsules", maps())
                        .layer("before", convolution(4))
                        .layer(
                                "layer",
                                new PrimaryCapsules.Builder(3, 2)
                                        .kernelSize(2, 2)
                                        .stride(1, 1)
                                        .hasBias(true)
                                        .build())
                        .layer("strength", new CapsuleStrengthLayer.Builder().build())
                        .out()
                        .spaces("before 4", "layer 2")
                        .removal("before", 1)
                        .zero("layer", "weight", 2, 1)
                        .removal("layer", 1)
                        .zero("out", "W", 0, 6, 7, 8, 9, 10, 11),
                LayerCase.of("capsules", maps())
                        .layer(
                                "before",
                                new PrimaryCapsules.Builder(3, 4)
                                        .kernelSize(3, 3)
                                        .stride(2, 1)
                                        .useReLU()
                                        .build())
                        .layer(
                                "layer",
                                new CapsuleLayer.Builder(5, 2, 2).hasBias(true).build())
                        .layer("strength", new CapsuleStrengthLayer.Builder().build())
                        .layer(
                                "after",
                                new org.deeplearning4j.nn.conf.layers.DenseLayer.Builder()
                                        .nOut(3)
                                        .activation(Activation.TANH)
                                        .build())
                        .out()
                        .spaces(
                                "before 4 mixed: routing between capsules in 'layer'",
                                "layer 5 mixed: routing between capsules in 'layer'",
                                "after 3"));
    }
}
