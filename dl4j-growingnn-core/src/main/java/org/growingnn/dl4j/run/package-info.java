/** The run: generations of search and training, when to search, when to stop, what to keep. */
package org.growingnn.dl4j.run;
