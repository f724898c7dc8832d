/**
 * The bridge to Deeplearning4j: reading models into a {@link org.growingnn.dl4j.graph.NetworkGraph} and writing them back.
 * Every layer, vertex and preprocessor class has one {@link org.growingnn.dl4j.adapter.ConfigurationAdapter}; what has none
 * is carried along untouched and freezes the widths that enter it.
 */
package org.growingnn.dl4j.adapter;
