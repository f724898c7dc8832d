package org.growingnn.dl4j.cli;

import java.io.OutputStreamWriter;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.Charset;
import org.growingnn.dl4j.GrowingNN;
import picocli.AutoComplete.GenerateCompletion;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** The command {@code growingnn}, whose work is done by its sub-commands. */
@Command(
        name = "growingnn",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        description = "Looks at trained Deeplearning4j models and makes them smaller.",
        synopsisSubcommandLabel = "COMMAND",
        footer = {
            "",
            "Exit codes: 0 done, 1 failed in the middle of the work, 2 wrong options, model or data,"
                    + " 3 done, but a goal was missed.",
            "Java's own options go into the environment variable JAVA_OPTS, for example JAVA_OPTS=-Xmx8g."
        },
        subcommands = {
            InspectCommand.class,
            PruneCommand.class,
            OptimizeCommand.class,
            ResumeCommand.class,
            ReportCommand.class,
            SensitivityCommand.class,
            CompareCommand.class,
            ReplayCommand.class,
            DoctorCommand.class,
            GenerateCompletion.class
        })
public final class GrowingnnCommand implements Runnable {

    @Option(
            names = {"-q", "--quiet"},
            scope = ScopeType.INHERIT,
            description = "print no notes, and no report of what was written")
    private boolean quiet;

    @Option(
            names = "--stacktrace",
            scope = ScopeType.INHERIT,
            description = "print where in the program an error came from")
    private boolean stacktrace;

    @Option(
            names = "--no-onednn",
            scope = ScopeType.INHERIT,
            description = "compute convolutions without oneDNN, which cannot compute dilated ones of series")
    private boolean withoutOneDnn;

    private final CommandLine commandLine;

    private GrowingnnCommand() {
        this.commandLine = new CommandLine(this);
        commandLine.setCaseInsensitiveEnumValuesAllowed(true);
        commandLine.setParameterExceptionHandler(Failures::parameters);
        commandLine.setExecutionExceptionHandler(Failures::execution);
    }

    /**
     * Runs a command and ends the process.
     *
     * @param arguments see {@code --help}
     */
    public static void main(String[] arguments) {
        PrintStream results = System.out;
        // Whatever libraries print must not get between results.
        System.setOut(System.err);
        // Charts are drawn into files.
        System.setProperty("java.awt.headless", "true");
        System.exit(run(results, System.err, arguments));
    }

    /** Runs a command and gives its exit code. */
    static int run(PrintStream results, PrintStream messages, String... arguments) {
        CommandLine line = new GrowingnnCommand().commandLine;
        line.setOut(new PrintWriter(new OutputStreamWriter(results, charset("stdout.encoding")), true));
        line.setErr(new PrintWriter(new OutputStreamWriter(messages, charset("stderr.encoding")), true));
        try {
            return line.execute(arguments);
        } catch (OutOfMemoryError e) {
            return Failures.outOfMemory(line, e);
        }
    }

    /** Newer versions of Java tell by a property what a console takes. */
    private static Charset charset(String property) {
        String name = System.getProperty(property);
        return name == null ? Charset.defaultCharset() : Charset.forName(name);
    }

    @Override
    public void run() {
        throw new CommandLine.ParameterException(commandLine, "There is no command.\nMaybe inspect MODEL?");
    }

    /** Has models computed as fast as they can be; to be called before any is loaded. */
    static void prepare(CommandSpec spec) {
        prepare(allowsOneDnn(spec));
    }

    /** Has models computed with oneDNN where there is one and that is allowed; to be called before any is loaded. */
    static void prepare(boolean oneDnn) {
        if (oneDnn) {
            GrowingNN.useOneDnn();
        }
    }

    /** Tells whether nobody forbade oneDNN. */
    static boolean allowsOneDnn(CommandSpec spec) {
        return !(spec.root().userObject() instanceof GrowingnnCommand command && command.withoutOneDnn);
    }

    boolean quiet() {
        return quiet;
    }

    boolean stacktrace() {
        return stacktrace;
    }
}
