/** The command {@code growingnn}: looks at trained Deeplearning4j models and shrinks them without a program of one's own. */
@org.jspecify.annotations.NullMarked
package org.growingnn.dl4j.cli;
