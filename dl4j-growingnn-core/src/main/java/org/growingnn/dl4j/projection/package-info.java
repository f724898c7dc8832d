/**
 * How the units of a space turn into another number of units: producer, consumer and follower matrices, and the loop that
 * applies them to every parameter axis and every array of optimiser state.
 */
package org.growingnn.dl4j.projection;
