/** Programs to run and to copy from, and the MNIST data and trained networks they work on. */
package org.growingnn.dl4j.examples;
