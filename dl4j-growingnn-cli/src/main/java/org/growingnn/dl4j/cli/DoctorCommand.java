package org.growingnn.dl4j.cli;

import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import org.bytedeco.javacpp.Pointer;
import org.growingnn.dl4j.Diagnosis;
import org.growingnn.dl4j.GrowingNN;
import org.nd4j.shade.jackson.databind.node.ObjectNode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Tells what the process computes with. */
@Command(
        name = "doctor",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        description = "Tells what models are computed with, which limits memory has, and what to change.")
final class DoctorCommand implements Callable<Integer> {

    private static final String THREADS = "OMP_NUM_THREADS";
    private static final int MIB = 20;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(names = "--json", description = "print JSON")
    private boolean json;

    @Override
    public Integer call() {
        GrowingnnCommand.prepare(spec);
        Diagnosis diagnosis = GrowingNN.diagnose();
        long heap = Runtime.getRuntime().maxMemory();
        OptionalLong machine = machineMemory();
        List<String> advice = new ArrayList<>();
        if (machine.isPresent() && heap < machine.getAsLong() / 8) {
            advice.add("give Java more than " + mib(heap) + " of the machine's " + mib(machine.getAsLong())
                    + " for large models, by JAVA_OPTS=-Xmx" + (machine.getAsLong() / 4 >> MIB) + "m?");
        }
        if (System.getenv(THREADS) == null) {
            advice.add("set " + THREADS
                    + "=1 in the environment: small networks are computed faster by one thread for each"
                    + " search worker, and results repeat?");
        }
        Console console = Console.of(spec);
        if (json) {
            console.result(Json.text(json(diagnosis, heap, machine, advice)));
            return ExitCode.DONE;
        }
        StringBuilder text = new StringBuilder("Java: " + System.getProperty("java.version") + ", "
                + System.getProperty("java.vendor") + ", " + System.getProperty("os.name") + " "
                + System.getProperty("os.arch") + "\n");
        text.append("Heap: at most ").append(mib(heap));
        machine.ifPresent(bytes -> text.append(", of ").append(mib(bytes)).append(" of the machine"));
        text.append("\nNative memory: JavaCPP's own arrays ")
                .append(limit(Pointer.maxBytes()))
                .append(", the whole process ")
                .append(limit(Pointer.maxPhysicalBytes()))
                .append("\n" + THREADS + ": ")
                .append(System.getenv(THREADS) == null ? "not set" : System.getenv(THREADS))
                .append('\n')
                .append(diagnosis);
        advice.forEach(line -> text.append("\nMaybe ").append(line));
        console.result(text.append('\n').toString());
        return ExitCode.DONE;
    }

    private static OptionalLong machineMemory() {
        return ManagementFactory.getOperatingSystemMXBean() instanceof com.sun.management.OperatingSystemMXBean machine
                ? OptionalLong.of(machine.getTotalMemorySize())
                : OptionalLong.empty();
    }

    private static String mib(long bytes) {
        return TextTable.number(bytes >> MIB) + " MiB";
    }

    private static String limit(long bytes) {
        return bytes > 0 ? "at most " + mib(bytes) : "without limit";
    }

    private static ObjectNode json(Diagnosis diagnosis, long heap, OptionalLong machine, List<String> advice) {
        ObjectNode root = Json.object();
        root.put("java", System.getProperty("java.version"));
        root.put("vendor", System.getProperty("java.vendor"));
        root.put("os", System.getProperty("os.name"));
        root.put("arch", System.getProperty("os.arch"));
        root.put("heapBytes", heap);
        Json.put(root, "machineBytes", machine);
        root.put("javacppMaxBytes", Pointer.maxBytes());
        root.put("javacppMaxPhysicalBytes", Pointer.maxPhysicalBytes());
        root.put("ompNumThreads", System.getenv(THREADS));
        root.put("backend", diagnosis.backend());
        root.put("platform", diagnosis.platform());
        root.put("blas", diagnosis.blas());
        root.put("cores", diagnosis.cores());
        root.put("blasThreads", diagnosis.blasThreads());
        root.put("ompThreads", diagnosis.ompThreads());
        root.put("vectorExtension", diagnosis.vectorExtension());
        root.put("processor", diagnosis.processor());
        root.put("oneDnnBuilt", diagnosis.oneDnnBuilt());
        root.put("oneDnnUsed", diagnosis.oneDnnUsed());
        List<String> all = new ArrayList<>(diagnosis.advice());
        all.addAll(advice);
        all.forEach(root.putArray("advice")::add);
        return root;
    }
}
