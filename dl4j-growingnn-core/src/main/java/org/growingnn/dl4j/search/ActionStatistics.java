package org.growingnn.dl4j.search;

import org.growingnn.dl4j.action.StructuralAction;

/**
 * What a search found out about one root action.
 *
 * @param action the action
 * @param visits how often it was tried
 * @param meanScore mean of the values backed up through it; NaN if it was never tried
 */
public record ActionStatistics(StructuralAction action, int visits, double meanScore) {}
