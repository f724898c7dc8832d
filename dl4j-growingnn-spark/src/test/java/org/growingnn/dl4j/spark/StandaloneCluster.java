package org.growingnn.dl4j.spark;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A Spark cluster on the loopback interface: a master and workers of one core each, in processes of their own that are started from this
 * program's class path, without a distribution of Spark. Closing it, or the end of this program, ends them by their ids.
 */
final class StandaloneCluster implements AutoCloseable {

    private static final String HOST = "127.0.0.1";
    private static final String WORKER_MEMORY = "2g";

    /** How long a master takes to start on a machine that is busy with something else, generously. */
    private static final Duration START = Duration.ofMinutes(1);

    private static final Duration END = Duration.ofSeconds(20);

    private final Path directory;
    private final String url;
    private final Process master;
    private final List<Process> workers = new ArrayList<>();
    private final Thread hook = new Thread(this::end, "end of cluster");

    private StandaloneCluster(Path directory, int port) throws IOException {
        this.directory = directory;
        this.url = "spark://" + HOST + ":" + port;
        this.master = start(
                "master",
                "org.apache.spark.deploy.master.Master",
                "--host",
                HOST,
                "--port",
                String.valueOf(port),
                "--webui-port",
                "0");
        Runtime.getRuntime().addShutdownHook(hook);
    }

    /** Starts a master and workers. */
    static StandaloneCluster start(int workers) throws IOException, InterruptedException {
        Path directory = Files.createTempDirectory("spark-cluster");
        // Where Spark looks for its jars; they come from the class path instead.
        Files.createDirectory(directory.resolve("jars"));
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getByName(HOST))) {
            port = free.getLocalPort();
        }
        StandaloneCluster cluster = new StandaloneCluster(directory, port);
        try {
            cluster.awaitMaster(port);
            for (int i = 0; i < workers; i++) {
                cluster.startWorker();
            }
            return cluster;
        } catch (IOException | RuntimeException | Error e) {
            cluster.close();
            throw e;
        }
    }

    private void awaitMaster(int port) throws IOException, InterruptedException {
        long begin = System.nanoTime();
        while (true) {
            try (Socket socket = new Socket()) {
                socket.connect(new InetSocketAddress(HOST, port), 1000);
                return;
            } catch (IOException e) {
                if (!master.isAlive() || System.nanoTime() - begin > START.toNanos()) {
                    throw new IOException(
                            "The master does not listen at " + url + ": " + Files.readString(log("master")), e);
                }
                Thread.sleep(100);
            }
        }
    }

    /** Starts another worker. */
    Process startWorker() throws IOException {
        String name = "worker" + (workers.size() + 1);
        Process worker = start(
                name,
                "org.apache.spark.deploy.worker.Worker",
                "--host",
                HOST,
                "--webui-port",
                "0",
                "--cores",
                "1",
                "--memory",
                WORKER_MEMORY,
                "--work-dir",
                directory.resolve(name).toString(),
                url);
        workers.add(worker);
        return worker;
    }

    private Process start(String name, String type, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "-XX:TieredStopAtLevel=1",
                "-XX:-UsePerfData",
                "-Dspark.master.rest.enabled=false",
                type));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log(name).toFile());
        Map<String, String> environment = builder.environment();
        environment.put("CLASSPATH", System.getProperty("java.class.path"));
        // What workers start executors with.
        environment.put("SPARK_DIST_CLASSPATH", System.getProperty("java.class.path"));
        environment.put("SPARK_HOME", directory.toString());
        environment.put("SPARK_SCALA_VERSION", "2.13");
        environment.put("SPARK_LOCAL_IP", HOST);
        environment.put("JAVA_HOME", System.getProperty("java.home"));
        return builder.start();
    }

    private Path log(String name) {
        return directory.resolve(name + ".log");
    }

    /** Where the cluster is, for {@code --master}. */
    String url() {
        return url;
    }

    List<Process> workers() {
        return workers;
    }

    /** Gives the processes of a worker's executors. */
    static List<ProcessHandle> executors(Process worker) {
        return worker.children().toList();
    }

    /** What its processes have written, for those who ask why something went wrong. */
    String logs() throws IOException {
        StringBuilder text = new StringBuilder();
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
                String name = file.getFileName().toString();
                if (name.endsWith(".log") || name.equals("stderr")) {
                    text.append("== ")
                            .append(directory.relativize(file))
                            .append('\n')
                            .append(Files.readString(file));
                }
            }
        }
        return text.toString();
    }

    @Override
    public void close() {
        Runtime.getRuntime().removeShutdownHook(hook);
        end();
    }

    private void end() {
        List<ProcessHandle> all = new ArrayList<>();
        for (Process worker : workers) {
            // Executors end with their worker; those that do not are ended below.
            all.addAll(worker.descendants().toList());
            all.add(worker.toHandle());
            worker.destroy();
        }
        all.add(master.toHandle());
        master.destroy();
        for (ProcessHandle process : all) {
            try {
                process.onExit().get(END.toSeconds(), TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                process.destroyForcibly();
            } catch (java.util.concurrent.ExecutionException | java.util.concurrent.TimeoutException e) {
                process.destroyForcibly();
            }
        }
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("The directory " + directory + " cannot be deleted.", e);
        }
    }

    /**
     * Runs a cluster until the end of standard input, or Ctrl-C.
     *
     * @param arguments the number of workers
     */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        int workers = arguments.length == 0 ? 2 : Integer.parseInt(arguments[0]);
        try (StandaloneCluster cluster = start(workers)) {
            System.out.println("master " + cluster.url() + ", process " + cluster.master.pid());
            cluster.workers.forEach(worker -> System.out.println("worker, process " + worker.pid()));
            System.out.println("Enter ends them.");
            System.in.read();
        }
    }
}
