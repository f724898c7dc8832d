/**
 * What tests of layers, actions and search strategies are made of: contracts to subclass, networks to try things on, and an oracle that
 * computes without the library what a resized network must compute. Published as the test jar of the library, for those who extend it;
 * it needs JUnit Jupiter, AssertJ and an ND4J backend beside it, and may change with every minor version.
 */
package org.growingnn.dl4j.testing;
