/** What records that users write have in common: checked ranges, copies with a change, and a JSON form. */
package org.growingnn.dl4j.value;
