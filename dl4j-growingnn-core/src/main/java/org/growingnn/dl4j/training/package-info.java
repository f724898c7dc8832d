/** Training with Deeplearning4j's fit loop: calibration, short trainings of candidates, learning-rate schedules, distillation. */
package org.growingnn.dl4j.training;
