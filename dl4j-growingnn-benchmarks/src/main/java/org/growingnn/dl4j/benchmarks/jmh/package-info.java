/** What candidates cost, measured by JMH beside {@code ComputationGraph.clone()}. */
package org.growingnn.dl4j.benchmarks.jmh;
