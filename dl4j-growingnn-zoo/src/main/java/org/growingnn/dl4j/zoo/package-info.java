/** Tries every neuron action on every model of Deeplearning4j's zoo. */
package org.growingnn.dl4j.zoo;
