/** What Deeplearning4j looks for in ND4J, where it looks for it. */
package org.nd4j.nativeblas;
