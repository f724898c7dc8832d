package org.growingnn.dl4j.graph;

/**
 * What whoever read a network needs to write it back: configuration, counters. Opaque to the graph, which only carries it
 * along. Implementations are immutable.
 */
public interface Origin {}
