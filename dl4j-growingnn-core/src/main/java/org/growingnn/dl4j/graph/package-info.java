/**
 * The editable network: an immutable graph of vertices whose parameter axes are typed by <em>unit spaces</em>.
 *
 * <p>A unit space is the set of neurons (channels, filters, cells) that one layer computes. Every axis of every parameter
 * array says which unit spaces index it and in which role, so resizing a layer consistently everywhere is one loop over
 * axes, whatever the topology. Nothing here knows Deeplearning4j: arrays live on the Java heap, where the garbage
 * collector bounds the memory of any number of candidate graphs.
 */
package org.growingnn.dl4j.graph;
