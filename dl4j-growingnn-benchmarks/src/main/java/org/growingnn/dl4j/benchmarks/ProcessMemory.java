package org.growingnn.dl4j.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What Linux tells about the process's memory; elsewhere 0. */
final class ProcessMemory {

    private ProcessMemory() {}

    static long residentMebibytes() throws IOException {
        return kibibytes("VmRSS:") / 1024;
    }

    /** The most that the process ever had. */
    static long peakMebibytes() throws IOException {
        return kibibytes("VmHWM:") / 1024;
    }

    private static long kibibytes(String field) throws IOException {
        Path status = Path.of("/proc/self/status");
        if (!Files.exists(status)) {
            return 0;
        }
        return Files.readAllLines(status).stream()
                .filter(line -> line.startsWith(field))
                .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")))
                .findFirst()
                .orElse(0);
    }
}
