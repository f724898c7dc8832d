package org.growingnn.dl4j.search;

/** What came of evaluating a candidate: a grade, or the reason why there is none. */
public sealed interface Evaluation permits Grade, Failure {}
