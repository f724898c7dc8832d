/**
 * What programs import: {@link org.growingnn.dl4j.StructureOptimizer} shrinks or grows a trained model by itself, {@link
 * org.growingnn.dl4j.Dl4jGraphs} opens a model for surgery by hand.
 */
package org.growingnn.dl4j;
