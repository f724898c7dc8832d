package org.growingnn.dl4j.spark;

import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.UUID;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.growingnn.dl4j.search.Cancellation;
import org.growingnn.dl4j.worker.ProcessExecutor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A share in this process's connection to Spark, of which there can be one only. The last share that is closed ends the connection, unless
 * it was there before the first.
 */
final class Connection implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(Connection.class);

    /** Tells a connection that was made here from one that was there. */
    private static final String MADE_BY = "spark.growingnn.connection";

    /** How long a cluster may take to start executors, generously. */
    private static final Duration START = Duration.ofMinutes(2);

    /** Executors of a cluster do not all arrive at once; behind such a pause, no others are awaited. */
    private static final Duration PAUSE = Duration.ofSeconds(2);

    private static final int LOOK_AGAIN_MILLIS = 50;

    private static @Nullable SparkContext made;
    private static int shares;

    private final SparkContext context;
    private boolean open = true;

    private Connection(SparkContext context) {
        this.context = context;
    }

    /**
     * Connects, or shares the connection that there is.
     *
     * @throws IllegalStateException if there is one to another cluster, or if the cluster cannot be reached or has no executor
     */
    static Connection to(String master) {
        Connection connection = share(master);
        try {
            connection.awaitExecutors(master);
            return connection;
        } catch (RuntimeException | Error e) {
            connection.close();
            throw e;
        }
    }

    private static synchronized Connection share(String master) {
        String id = UUID.randomUUID().toString();
        SparkContext context = SparkContext.getOrCreate(configuration(master).set(MADE_BY, id));
        if (!context.master().equals(master)) {
            throw new IllegalStateException("Candidates cannot be evaluated on " + master
                    + ": this process is connected to " + context.master() + ", and Spark allows one connection only.\n"
                    + "Maybe evaluate there, or close that SparkContext first?");
        }
        if (id.equals(context.getConf().get(MADE_BY, ""))) {
            made = context;
            shares = 0;
        }
        if (context == made) {
            shares++;
        }
        return new Connection(context);
    }

    /** What the program or {@code spark-submit} has set stays as it is. */
    private static SparkConf configuration(String master) {
        SparkConf configuration = new SparkConf()
                .setMaster(master)
                .setIfMissing("spark.app.name", "growingnn")
                // It would listen on all interfaces.
                .setIfMissing("spark.ui.enabled", "false")
                .setIfMissing("spark.ui.showConsoleProgress", "false")
                .setIfMissing("spark.executorEnv.OMP_NUM_THREADS", "1")
                // Of tasks that were cancelled: one that does not end within a minute ends with its process.
                .setIfMissing("spark.task.reaper.enabled", "true")
                .setIfMissing("spark.task.reaper.killTimeout", "60s")
                .setIfMissing(
                        "spark.executor.extraJavaOptions", String.join(" ", ProcessExecutor.computingProperties()));
        if (isLocal(master) || isOnLoopback(master)) {
            configuration.setIfMissing("spark.driver.bindAddress", "127.0.0.1");
            configuration.setIfMissing("spark.driver.host", "127.0.0.1");
        }
        return configuration;
    }

    private static boolean isLocal(String master) {
        return master.startsWith("local");
    }

    private static boolean isOnLoopback(String master) {
        if (!master.startsWith("spark://")) {
            return false;
        }
        try {
            String host = URI.create(master).getHost();
            return host != null && InetAddress.getByName(host).isLoopbackAddress();
        } catch (IllegalArgumentException | UnknownHostException e) {
            // Spark says what is wrong with it.
            log.debug("The host of {} is unknown", master, e);
            return false;
        }
    }

    private void awaitExecutors(String master) {
        if (isLocal(master)) {
            return;
        }
        Cancellation interrupt = Cancellation.never().withInterrupt();
        long begin = System.nanoTime();
        long changed = begin;
        int known = 0;
        while (known == 0 || System.nanoTime() - changed < PAUSE.toNanos()) {
            interrupt.check();
            if (context.isStopped()) {
                throw new IllegalStateException(
                        "The Spark master " + master
                                + " cannot be reached, or has turned the application down.\nMaybe it has another address, or is not running?");
            }
            if (known == 0 && System.nanoTime() - begin > START.toNanos()) {
                throw new IllegalStateException(
                        "The Spark master " + master + " has started no executor within " + START
                                + ".\nMaybe its workers have too few cores or too little memory left? spark.executor.memory and"
                                + " spark.cores.max ask for less.");
            }
            // One of them is the driver.
            int now = context.getExecutorMemoryStatus().size() - 1;
            if (now != known) {
                known = now;
                changed = System.nanoTime();
            }
            try {
                Thread.sleep(LOOK_AGAIN_MILLIS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        log.info("Candidates are evaluated by {} executors of {}", known, master);
    }

    JavaSparkContext spark() {
        return JavaSparkContext.fromSparkContext(context);
    }

    /** How many tasks run at once. */
    int slots() {
        int cores = context.defaultParallelism();
        return Math.max(1, cores / context.getConf().getInt("spark.task.cpus", 1));
    }

    @Override
    public void close() {
        synchronized (Connection.class) {
            if (open && context == made && --shares == 0) {
                made = null;
                context.stop();
            }
            open = false;
        }
    }
}
