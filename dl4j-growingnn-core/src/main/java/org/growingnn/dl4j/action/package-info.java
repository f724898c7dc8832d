/** Structural actions: values that say what to change, and generators that list what a network allows. */
package org.growingnn.dl4j.action;
