/**
 * Grades of candidate networks: terms in [0, 1] and their weighted mean.
 *
 * @serial exclude
 */
package org.growingnn.dl4j.score;
