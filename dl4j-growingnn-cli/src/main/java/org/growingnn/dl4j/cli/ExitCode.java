package org.growingnn.dl4j.cli;

/** What the process tells whoever started it. */
final class ExitCode {

    static final int DONE = 0;

    /** Something went wrong in the middle of the work. */
    static final int FAILED = 1;

    /** What was given cannot be used: options, models, data, recipes. */
    static final int WRONG_INPUT = 2;

    /** The work is done, but not what was to be reached. */
    static final int GOAL_MISSED = 3;

    private ExitCode() {}
}
