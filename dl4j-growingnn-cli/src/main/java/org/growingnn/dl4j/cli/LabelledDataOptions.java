package org.growingnn.dl4j.cli;

import picocli.CommandLine.Option;

/** The same under another name of an option, where no goal is called so. */
final class LabelledDataOptions extends DataOptions {

    @Option(names = "--target", paramLabel = "COLUMN", split = ",", description = "the same as --label")
    private void target(String[] columns) {
        for (String column : columns) {
            label(column);
        }
    }
}
