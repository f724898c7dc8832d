package org.growingnn.dl4j.worker;

import java.io.BufferedReader;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.growingnn.dl4j.search.Cancellation;
import org.growingnn.dl4j.search.CancelledException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A process that evaluates candidates, seen from the program that started it. Used by one thread at a time.
 *
 * <p>They speak through a socket on the loopback interface rather than through the process's standard output, to which native code writes
 * what it likes. Each side proves by a secret, which the process was told on its standard input, that it is no stranger. The process ends
 * when the connection does, so that it never outlives the program.
 */
final class Worker {

    private static final Logger log = LoggerFactory.getLogger(Worker.class);

    static final int SECRET_BYTES = 16;

    /** How long a Java takes to start on a machine that is busy with something else, generously. */
    private static final Duration START = Duration.ofMinutes(2);

    /** How long an evaluation may go on that was asked to end; most training steps take less. */
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    /** How long a process takes to end, generously. */
    private static final Duration END = Duration.ofSeconds(10);

    private static final int LOOK_AGAIN_MILLIS = 20;

    /** So many strangers may call first. */
    private static final int BACKLOG = 16;

    private static final int LAST_LINES = 20;

    /** Which address the loopback interface has, and where files go. */
    private static final List<String> INHERITED_PROPERTIES = List.of("java.net.prefer", "java.io.tmpdir");

    private static final SecureRandom RANDOM = new SecureRandom();

    private final ProcessExecution settings;
    private final Process process;
    private final Socket socket;
    private final DataOutputStream out;
    private final Output output;
    private final BlockingQueue<Optional<Frame>> received = new LinkedBlockingQueue<>();
    private ProcessExecutor.@Nullable Task known;
    private int number;
    private int asked;
    private boolean spent;

    private Worker(ProcessExecution settings, Process process, Output output, Socket socket) throws IOException {
        this.settings = settings;
        this.process = process;
        this.output = output;
        this.socket = socket;
        socket.setTcpNoDelay(true);
        this.out = Frame.buffered(socket.getOutputStream());
        DataInputStream in = Frame.buffered(socket.getInputStream());
        daemon("listener", () -> receive(in));
    }

    /**
     * Starts a process and awaits that it calls back.
     *
     * @throws CancelledException if asked to end meanwhile
     */
    static Worker start(ProcessExecution settings, Cancellation cancellation) throws WorkerEndedException {
        byte[] secret = secret();
        byte[] answer = secret();
        Process process = null;
        boolean started = false;
        try (ServerSocket server = new ServerSocket(0, BACKLOG, InetAddress.getLoopbackAddress())) {
            process = builder(settings).start();
            Output output = new Output(process);
            try (DataOutputStream input = Frame.buffered(process.getOutputStream())) {
                input.writeInt(server.getLocalPort());
                input.write(secret);
                input.write(answer);
                input.writeLong(settings.memory().orElse(0));
            } catch (IOException e) {
                // It has ended already, which shows below.
                log.debug("The worker process {} does not listen", process.pid(), e);
            }
            Socket socket = accepted(server, secret, process, output, cancellation);
            socket.getOutputStream().write(answer);
            Worker worker = new Worker(settings, process, output, socket);
            log.debug("The worker process {} has started", process.pid());
            started = true;
            return worker;
        } catch (IOException e) {
            throw new WorkerEndedException("A worker process cannot be started: " + e.getMessage() + ".", e);
        } finally {
            if (!started && process != null) {
                process.destroyForcibly();
            }
        }
    }

    private static byte[] secret() {
        byte[] secret = new byte[SECRET_BYTES];
        RANDOM.nextBytes(secret);
        return secret;
    }

    private static ProcessBuilder builder(ProcessExecution settings) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx" + settings.heap().orElse(Runtime.getRuntime().maxMemory()),
                // A process that is ended by force would leave its file behind.
                "-XX:-UsePerfData"));
        ProcessExecutor.properties(INHERITED_PROPERTIES).forEach(command::add);
        ProcessExecutor.computingProperties().forEach(command::add);
        command.add(WorkerMain.class.getName());
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        Map<String, String> environment = builder.environment();
        environment.put("CLASSPATH", System.getProperty("java.class.path"));
        environment.put("OMP_NUM_THREADS", "1");
        settings.environment().forEach(variable -> environment.put(variable.name(), variable.value()));
        return builder;
    }

    /** Anybody on the machine may call; only the process knows the secret. */
    private static Socket accepted(
            ServerSocket server, byte[] secret, Process process, Output output, Cancellation cancellation)
            throws IOException, WorkerEndedException {
        server.setSoTimeout(LOOK_AGAIN_MILLIS);
        long begin = System.nanoTime();
        while (process.isAlive()) {
            cancellation.check();
            if (System.nanoTime() - begin > START.toNanos()) {
                process.destroyForcibly();
                throw new WorkerEndedException("A worker process did not start within " + START + "." + output.last());
            }
            try {
                Socket caller = server.accept();
                if (knows(secret, caller)) {
                    return caller;
                }
                caller.close();
            } catch (SocketTimeoutException e) {
                // Nobody has called so far.
            }
        }
        throw new WorkerEndedException("A worker process " + exit(process) + " before it had started." + output.last());
    }

    private static boolean knows(byte[] secret, Socket caller) {
        try {
            caller.setSoTimeout((int) END.toMillis());
            boolean same = MessageDigest.isEqual(secret, caller.getInputStream().readNBytes(SECRET_BYTES));
            caller.setSoTimeout(0);
            return same;
        } catch (IOException e) {
            log.debug("Somebody else has called", e);
            return false;
        }
    }

    private void receive(DataInputStream in) {
        try {
            while (true) {
                received.add(Optional.of(Frame.read(in)));
            }
        } catch (IOException e) {
            log.debug("The connection to the worker process {} has ended", process.pid(), e);
        } finally {
            // Whatever it was, nobody must wait any more.
            received.add(Optional.empty());
        }
    }

    /**
     * Has the process answer a request.
     *
     * @throws WorkerEndedException if it ends instead
     * @throws CancelledException if asked to end
     * @throws IllegalStateException if the process cannot take the task, with the reason
     * @throws Error if the program's own code throws one there
     */
    byte[] ask(ProcessExecutor.Task task, byte[] request, Cancellation cancellation) throws WorkerEndedException {
        if (task != known) {
            answer(Frame.Type.TASK, task.bytes(), cancellation);
            known = task;
        }
        asked++;
        return answer(Frame.Type.REQUEST, request, cancellation);
    }

    private byte[] answer(Frame.Type type, byte[] content, Cancellation cancellation) throws WorkerEndedException {
        // Whatever is thrown before there is an answer, the next request must not get this one's.
        spent = true;
        try {
            new Frame(type, ++number, content).write(out);
            Frame frame = awaited(cancellation);
            spent = frame.type() == Frame.Type.LAST_ANSWER;
            return switch (frame.type()) {
                case ANSWER, LAST_ANSWER -> frame.content();
                case CANCELLED -> {
                    cancellation.check();
                    throw new IllegalStateException("A worker process was cancelled though nobody asked for it.");
                }
                case REFUSED -> throw new IllegalStateException(text(frame));
                case BROKEN -> throw new Error("A worker process has met an error: " + text(frame));
                case TASK, REQUEST, CANCEL ->
                    throw new IllegalStateException("A worker process asked for " + frame.type() + ".");
            };
        } catch (IOException e) {
            throw ended();
        }
    }

    private static String text(Frame frame) {
        return new String(frame.content(), StandardCharsets.UTF_8);
    }

    private Frame awaited(Cancellation cancellation) throws IOException, WorkerEndedException {
        long since = 0;
        boolean ending = false;
        while (true) {
            Optional<Frame> frame = poll();
            if (frame == null) {
                if (ending && System.nanoTime() - since > PATIENCE.toNanos()) {
                    end();
                    cancellation.check();
                } else if (!ending && cancellation.requested()) {
                    new Frame(Frame.Type.CANCEL, number).write(out);
                    ending = true;
                    since = System.nanoTime();
                }
            } else {
                return frame.orElseThrow(this::ended);
            }
        }
    }

    private @Nullable Optional<Frame> poll() {
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return received.poll(LOOK_AGAIN_MILLIS, TimeUnit.MILLISECONDS);
                } catch (InterruptedException e) {
                    // Whoever interrupts the search asks by its cancellation.
                    interrupted = true;
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private WorkerEndedException ended() {
        spent = true;
        if (!exited(END)) {
            process.destroyForcibly();
        }
        return new WorkerEndedException(
                "The worker process " + exit(process) + " while it evaluated a candidate." + output.last());
    }

    private static String exit(Process process) {
        if (process.isAlive()) {
            return "broke the connection";
        }
        int code = process.exitValue();
        return "ended with exit code " + code + (code > 128 ? ", as by the signal " + (code - 128) + "," : "");
    }

    /** Tells whether the process may be given another request. */
    boolean isUsable() {
        return !spent && asked < settings.candidates() && process.isAlive();
    }

    long pid() {
        return process.pid();
    }

    /** Ends the process, whatever it is doing, and awaits its end. */
    void end() {
        spent = true;
        try {
            socket.close();
        } catch (IOException e) {
            log.debug("The connection to the worker process {} ended by an exception", process.pid(), e);
        }
        if (!exited(PATIENCE)) {
            process.destroyForcibly();
            exited(END);
        }
        log.debug("The worker process {} has ended", process.pid());
    }

    private boolean exited(Duration limit) {
        boolean interrupted = false;
        long begin = System.nanoTime();
        try {
            while (true) {
                try {
                    long left = limit.toNanos() - (System.nanoTime() - begin);
                    return process.waitFor(left, TimeUnit.NANOSECONDS);
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static Thread daemon(String what, Runnable work) {
        Thread thread = new Thread(work, "growingnn-process-" + what);
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    /** What the process writes, above all when it crashes. */
    private static final class Output {

        private final Deque<String> lines = new ArrayDeque<>();
        private final Thread reader;

        Output(Process process) {
            BufferedReader text = process.inputReader();
            reader = daemon("output", () -> read(process.pid(), text));
        }

        private void read(long pid, BufferedReader text) {
            try (text) {
                for (String line = text.readLine(); line != null; line = text.readLine()) {
                    log.debug("{}: {}", pid, line);
                    synchronized (lines) {
                        lines.add(line);
                        if (lines.size() > LAST_LINES) {
                            lines.remove();
                        }
                    }
                }
            } catch (IOException e) {
                log.debug("The output of the worker process {} ended by an exception", pid, e);
            }
        }

        /** Gives the last lines; of a process that has ended. */
        String last() {
            try {
                reader.join(END.toMillis());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            synchronized (lines) {
                return lines.isEmpty() ? "" : "\nIts last words:\n" + String.join("\n", lines);
            }
        }
    }
}
