/**
 * What "good" means for the user's task: metrics with a direction and a natural unit, chosen from outputs and labels where nothing is
 * said, and their place on [0, 1] for scores.
 *
 * @serial exclude
 */
package org.growingnn.dl4j.metric;
