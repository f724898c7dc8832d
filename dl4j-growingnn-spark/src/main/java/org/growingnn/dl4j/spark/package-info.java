/** Evaluating candidates on an Apache Spark cluster. */
package org.growingnn.dl4j.spark;
