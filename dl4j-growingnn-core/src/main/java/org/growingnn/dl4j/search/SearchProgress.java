package org.growingnn.dl4j.search;

import java.time.Duration;
import org.growingnn.dl4j.action.StructuralAction;

/**
 * The state of a running search.
 *
 * @param evaluations candidates trained and graded so far
 * @param elapsed time since the search began
 * @param leader the root action that would be chosen now
 * @param leaderScore its mean score
 */
public record SearchProgress(int evaluations, Duration elapsed, StructuralAction leader, double leaderScore) {}
