/** Benchmarks: how much accuracy is left at how few parameters, and which part of the method earns what. */
package org.growingnn.dl4j.benchmarks;
