/**
 * Training with Deeplearning4j's fit loop: short rollouts of candidates, generations of search and fit, learning-rate
 * schedules, schedulers, stoppers and listeners.
 */
package org.growingnn.dl4j.training;
