package org.growingnn.dl4j.cli;

import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** Turns exceptions into one message and an exit code. */
final class Failures {

    private Failures() {}

    /** Handles options and arguments that picocli refuses. */
    static int parameters(ParameterException failure, String[] arguments) {
        CommandLine line = failure.getCommandLine();
        List<String> unknown = line.getUnmatchedArguments();
        if (!(failure instanceof UnmatchedArgumentException) && !unknown.isEmpty()) {
            // An option that is missing is mostly one that was misspelled.
            return parameters(new UnmatchedArgumentException(line, unknown), arguments);
        }
        StringBuilder message = new StringBuilder(String.valueOf(failure.getMessage()));
        if (failure instanceof UnmatchedArgumentException unmatched) {
            List<String> suggestions = unmatched.getSuggestions();
            if (!suggestions.isEmpty()) {
                message.append("\nMaybe ")
                        .append(String.join(" or ", suggestions))
                        .append('?');
            }
        }
        message.append("\nSee ").append(line.getCommandSpec().qualifiedName()).append(" --help.");
        return tell(line, failure, message.toString(), ExitCode.WRONG_INPUT);
    }

    /** Handles what a command throws. */
    static int execution(Exception failure, CommandLine line, ParseResult parsed) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof OutOfMemoryError error) {
                return outOfMemory(line, error);
            }
        }
        // The library refuses arguments by this exception, and everything else by others.
        boolean input = failure instanceof InputException || failure instanceof IllegalArgumentException;
        return tell(line, failure, message(failure), input ? ExitCode.WRONG_INPUT : ExitCode.FAILED);
    }

    /** Says what to do where memory is short. */
    static int outOfMemory(CommandLine line, OutOfMemoryError failure) {
        String maybe = String.valueOf(failure.getMessage()).contains("hysical")
                ? "lift the limit of native memory by JAVA_OPTS=-Dorg.bytedeco.javacpp.maxPhysicalBytes=0"
                : "give Java more by JAVA_OPTS=-Xmx8g (now -Xmx"
                        + (Runtime.getRuntime().maxMemory() >> 20) + "m)";
        return tell(
                line,
                failure,
                "The memory does not suffice: " + failure.getMessage() + ".\nMaybe " + maybe
                        + ", or take smaller batches by --batch?",
                ExitCode.FAILED);
    }

    private static String message(@Nullable Throwable failure) {
        String message = failure == null ? null : failure.getMessage();
        if (message != null && !message.isBlank()) {
            boolean ownWords = failure instanceof InputException
                    || failure instanceof IllegalArgumentException
                    || failure instanceof IllegalStateException;
            return ownWords ? message : failure.getClass().getSimpleName() + ": " + message;
        }
        return failure + ", without a message.\nMaybe --stacktrace tells more?";
    }

    private static int tell(CommandLine line, Throwable failure, String message, int code) {
        line.getErr().println("growingnn: " + message);
        if (line.getCommandSpec().root().userObject() instanceof GrowingnnCommand command && command.stacktrace()) {
            failure.printStackTrace(line.getErr());
        }
        line.getErr().flush();
        return code;
    }
}
