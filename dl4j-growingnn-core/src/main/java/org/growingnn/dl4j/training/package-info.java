/**
 * Training with Deeplearning4j's fit loop: calibration, short trainings of candidates, learning-rate schedules, distillation.
 *
 * @serial exclude
 */
package org.growingnn.dl4j.training;
