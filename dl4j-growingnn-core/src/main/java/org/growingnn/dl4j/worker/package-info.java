/** Evaluating candidates in processes of their own. */
package org.growingnn.dl4j.worker;
