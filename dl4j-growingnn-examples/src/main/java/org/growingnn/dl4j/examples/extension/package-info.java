/** How to teach the library a layer and an action of one's own, without changing it. */
package org.growingnn.dl4j.examples.extension;
