/** Data that a run trains on and judges by: passes over batches, balanced samples, splits, and the check before a run. */
package org.growingnn.dl4j.data;
