package org.growingnn.dl4j.cli;

import java.util.Locale;

/** How constants are written for users. */
final class Names {

    private Names() {}

    static String hyphenated(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
