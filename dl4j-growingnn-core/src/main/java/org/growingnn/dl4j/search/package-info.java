/**
 * Search over structural actions: Monte Carlo tree search, successive halving, greedy and random, behind one interface. Nothing
 * here knows how a candidate is trained; an {@link org.growingnn.dl4j.search.Evaluator} is given.
 */
package org.growingnn.dl4j.search;
