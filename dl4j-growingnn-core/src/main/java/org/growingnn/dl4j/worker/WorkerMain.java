package org.growingnn.dl4j.worker;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.bytedeco.javacpp.Pointer;
import org.growingnn.dl4j.search.Cancellation;
import org.growingnn.dl4j.search.CancelledException;
import org.growingnn.dl4j.training.BlasThreads;
import org.growingnn.dl4j.training.EvaluationTask;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The program of a worker process: answers one request after another until the connection ends, and with it the process. */
final class WorkerMain {

    private static final Logger log = LoggerFactory.getLogger(WorkerMain.class);

    private final DataInputStream in;
    private final DataOutputStream out;
    private final long memory;
    private final BlockingQueue<Work> waiting = new LinkedBlockingQueue<>();
    private @Nullable EvaluationTask task;

    private record Work(Frame frame, Cancellation cancellation) {}

    private WorkerMain(Socket socket, long memory) throws IOException {
        this.in = Frame.buffered(socket.getInputStream());
        this.out = Frame.buffered(socket.getOutputStream());
        this.memory = memory;
    }

    public static void main(String[] arguments) throws IOException, InterruptedException {
        int port;
        byte[] secret;
        byte[] answer;
        long memory;
        try (DataInputStream told = new DataInputStream(System.in)) {
            port = told.readInt();
            secret = told.readNBytes(Worker.SECRET_BYTES);
            answer = told.readNBytes(Worker.SECRET_BYTES);
            memory = told.readLong();
        }
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setTcpNoDelay(true);
        socket.getOutputStream().write(secret);
        // Whoever listens there sends objects to be read.
        if (!MessageDigest.isEqual(answer, socket.getInputStream().readNBytes(Worker.SECRET_BYTES))) {
            throw new IOException("Another program listens at the port " + port + ".");
        }
        WorkerMain worker = new WorkerMain(socket, memory);
        Thread listener = new Thread(worker::listen, "listener");
        listener.setDaemon(true);
        // The program must not wait for what nobody works at any more.
        listener.setUncaughtExceptionHandler(WorkerMain::end);
        Thread.currentThread().setUncaughtExceptionHandler(WorkerMain::end);
        listener.start();
        worker.work();
    }

    private static void end(Thread thread, Throwable thrown) {
        log.error("The worker process ends", thrown);
        Runtime.getRuntime().halt(1);
    }

    private void listen() {
        try {
            Work latest = null;
            while (true) {
                Frame frame = Frame.read(in);
                if (frame.type() != Frame.Type.CANCEL) {
                    latest = new Work(frame, new Cancellation());
                    waiting.add(latest);
                } else if (latest != null && latest.frame.number() == frame.number()) {
                    latest.cancellation.cancel("The evaluation was cancelled.");
                }
            }
        } catch (IOException e) {
            // Nobody waits for what is under way: native code, too, ends at once.
            Runtime.getRuntime().halt(0);
        }
    }

    @SuppressWarnings("try") // The lease is only held.
    private void work() throws IOException, InterruptedException {
        try (BlasThreads single = BlasThreads.single()) {
            while (true) {
                answer(waiting.take()).write(out);
            }
        }
    }

    private Frame answer(Work work) {
        int number = work.frame.number();
        try {
            byte[] content = {};
            if (work.frame.type() == Frame.Type.TASK) {
                task = EvaluationTask.fromBytes(work.frame.content());
            } else {
                content = task.answer(work.frame.content(), work.cancellation);
            }
            return new Frame(isTooLarge() ? Frame.Type.LAST_ANSWER : Frame.Type.ANSWER, number, content);
        } catch (CancelledException e) {
            return new Frame(Frame.Type.CANCELLED, number);
        } catch (RuntimeException | OutOfMemoryError e) {
            return new Frame(Frame.Type.REFUSED, number, text(e));
        } catch (Error e) {
            return new Frame(Frame.Type.BROKEN, number, text(e));
        }
    }

    private boolean isTooLarge() {
        long allowed = Pointer.maxPhysicalBytes();
        long limit = memory > 0 ? memory : allowed > 0 ? allowed / 4 * 3 : Long.MAX_VALUE;
        return Pointer.physicalBytes() > limit;
    }

    private static byte[] text(Throwable thrown) {
        return thrown.toString().getBytes(StandardCharsets.UTF_8);
    }
}
