/** A run's folder: settings, events, checkpoints and models in files, from which a run that was stopped goes on. */
package org.growingnn.dl4j.folder;
