package org.growingnn.dl4j.cli;

import java.io.PrintWriter;
import picocli.CommandLine.Model.CommandSpec;

/**
 * Where a command prints: results to standard output, everything else to standard error.
 *
 * @param results standard output
 * @param messages standard error
 * @param quiet whether the user wants neither notes nor reports
 */
record Console(PrintWriter results, PrintWriter messages, boolean quiet) {

    static Console of(CommandSpec spec) {
        boolean quiet = spec.root().userObject() instanceof GrowingnnCommand command && command.quiet();
        return new Console(spec.commandLine().getOut(), spec.commandLine().getErr(), quiet);
    }

    /** Prints what the command was called for. */
    void result(String text) {
        results.print(text);
        results.print(text.endsWith("\n") ? "" : "\n");
        results.flush();
    }

    /** Prints what became of a file that was written, which is the command's result. */
    void report(String text) {
        if (!quiet) {
            result(text);
        }
    }

    /** Tells something on the way. */
    void note(String text) {
        if (!quiet) {
            messages.println(text);
            messages.flush();
        }
    }
}
