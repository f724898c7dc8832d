package org.growingnn.dl4j.cli.report;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.OptionalLong;

/** How numbers are written. Signs and spaces are those of typesetting, so that no number breaks into two lines. */
final class Numbers {

    static final String UNKNOWN = "unknown";
    static final String ARROW = " \u2192 ";
    private static final char MINUS = '\u2212';
    private static final String THIN = "\u00a0";
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss 'UTC'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);

    private Numbers() {}

    static String count(long value) {
        return signed(String.format(Locale.ROOT, "%,d", value));
    }

    static String count(OptionalLong value) {
        return value.isPresent() ? count(value.getAsLong()) : UNKNOWN;
    }

    /** Three digits and a unit, for axes. */
    static String brief(double value) {
        double size = Math.abs(value);
        if (size >= 1e9) {
            return digits(value / 1e9) + "G";
        }
        if (size >= 1e6) {
            return digits(value / 1e6) + "M";
        }
        return size >= 1e3 ? digits(value / 1e3) + "k" : digits(value);
    }

    /** A metric, a loss or a score: four digits where that tells something. */
    static String real(double value) {
        if (Double.isNaN(value)) {
            return UNKNOWN;
        }
        double size = Math.abs(value);
        String format = size >= 1e7 || (size < 1e-3 && size > 0) ? "%.3e" : size >= 1e3 ? "%,.1f" : "%.4f";
        return signed(String.format(Locale.ROOT, format, value));
    }

    /** As many digits as needed, for axes. */
    static String digits(double value) {
        if (value != 0 && (Math.abs(value) < 1e-4 || Math.abs(value) >= 1e7)) {
            return signed(String.format(Locale.ROOT, "%.2e", value));
        }
        String text = String.format(Locale.ROOT, "%.5f", value);
        return signed(text.replaceAll("\\.?0+$", ""));
    }

    static String percent(double share) {
        return Double.isNaN(share) ? UNKNOWN : signed(String.format(Locale.ROOT, "%.1f", 100 * share)) + THIN + "%";
    }

    /** By how much a value changed, with its sign; empty if that is not known. */
    static String change(double before, double after) {
        if (!(before > 0) || Double.isNaN(after)) {
            return "";
        }
        String text = String.format(Locale.ROOT, "%+.1f", 100 * (after / before - 1));
        return signed(text.equals("-0.0") ? "+0.0" : text) + THIN + "%";
    }

    /** By how much a metric changed, with its sign; empty if that is not known. */
    static String difference(double before, double after) {
        if (Double.isNaN(before) || Double.isNaN(after)) {
            return "";
        }
        boolean small = Math.max(Math.abs(before), Math.abs(after)) < 1e-3;
        String text = small ? real(after - before) : signed(String.format(Locale.ROOT, "%.4f", after - before));
        return after < before ? text : "+" + text;
    }

    static String seconds(double seconds) {
        if (Double.isNaN(seconds)) {
            return UNKNOWN;
        }
        if (seconds < 1e-3) {
            return digits(Math.round(seconds * 1e7) / 10.0) + THIN + "\u00b5s";
        }
        if (seconds < 1) {
            return digits(Math.round(seconds * 1e5) / 100.0) + THIN + "ms";
        }
        if (seconds < 60) {
            return String.format(Locale.ROOT, "%.1f", seconds) + THIN + "s";
        }
        long whole = Math.round(seconds);
        return whole < 3600
                ? whole / 60 + THIN + "min " + whole % 60 + THIN + "s"
                : whole / 3600 + THIN + "h " + whole % 3600 / 60 + THIN + "min";
    }

    static String time(Instant time) {
        return TIME.format(time);
    }

    private static String signed(String text) {
        return text.replace('-', MINUS);
    }
}
