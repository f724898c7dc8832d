package org.growingnn.dl4j.cli.report;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.growingnn.dl4j.value.Ranges;

/**
 * Serves the report of a run to browsers on this machine. The page is made anew from the run's folder when its log has grown; it looks for
 * news by itself until the run has ended. Nobody else can reach it: it listens on the loopback interface only, and answers nobody
 * who was led here by another name.
 */
public final class ReportServer implements AutoCloseable {

    /** How often pages look for news unless told otherwise. */
    public static final Duration REFRESH = Duration.ofSeconds(3);

    private static final int HIGHEST_PORT = 65_535;
    private static final Set<String> NAMES = Set.of("localhost", "127.0.0.1", "[::1]");

    private final Path runFolder;
    private final Duration refresh;
    private final HttpServer server;
    private final ExecutorService executor;
    private final NetworkDrawing drawing = new NetworkDrawing();

    /** The last page that was made, and the state of the log that it was made from. */
    private record Page(String state, byte[] bytes) {}

    private Page page = new Page("", new byte[0]);

    private ReportServer(Path runFolder, int port, Duration refresh) throws IOException {
        this.runFolder = runFolder;
        this.refresh = refresh;
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
        executor = Executors.newFixedThreadPool(2, task -> {
            Thread thread = new Thread(task, "report-server");
            thread.setDaemon(true);
            return thread;
        });
        server.setExecutor(executor);
        server.createContext("/", this::answer);
    }

    /**
     * Starts to serve.
     *
     * @param runFolder the run's folder; the run need not have begun
     * @param port the port, or 0 for a free one
     * @return a server to be closed
     * @throws IOException if the port is taken
     */
    public static ReportServer start(Path runFolder, int port) throws IOException {
        return start(runFolder, port, REFRESH);
    }

    /**
     * Starts to serve.
     *
     * @param runFolder the run's folder; the run need not have begun
     * @param port the port, or 0 for a free one
     * @param refresh how often pages look for news, at least a second
     * @return a server to be closed
     * @throws IOException if the port is taken
     */
    public static ReportServer start(Path runFolder, int port, Duration refresh) throws IOException {
        Objects.requireNonNull(runFolder, "runFolder");
        Ranges.require(port >= 0 && port <= HIGHEST_PORT, "port", port, "in [0, " + HIGHEST_PORT + "]");
        Ranges.require(refresh.toSeconds() >= 1, "time between two looks for news", refresh, "at least one second");
        ReportServer server = new ReportServer(runFolder, port, refresh);
        server.server.start();
        return server;
    }

    /**
     * Tells where the page is.
     *
     * @return an address for browsers on this machine
     */
    public URI address() {
        InetSocketAddress bound = server.getAddress();
        String host = bound.getAddress().getHostAddress();
        return URI.create("http://" + (host.contains(":") ? "[::1]" : host) + ":" + bound.getPort() + "/");
    }

    /** Stops to serve, without waiting for anybody. */
    @Override
    public void close() {
        server.stop(0);
        executor.shutdownNow();
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            String method = exchange.getRequestMethod();
            if (!trusted(exchange)) {
                send(exchange, 403, "Only browsers on this machine are answered, at " + address() + ".");
            } else if (!method.equals("GET") && !method.equals("HEAD")) {
                exchange.getResponseHeaders().set("Allow", "GET, HEAD");
                send(exchange, 405, "The report can only be read.");
            } else if (!exchange.getRequestURI().getPath().equals("/")) {
                send(exchange, 404, "There is only one page, at " + address() + ".");
            } else {
                page(exchange);
            }
        }
    }

    /** Whether a browser means this server. A page of somebody else could let a name of its own lead here. */
    private static boolean trusted(HttpExchange exchange) {
        String host = Optional.ofNullable(exchange.getRequestHeaders().getFirst("Host"))
                .orElse("");
        return NAMES.contains(host.replaceFirst(":\\d+$", "").toLowerCase(Locale.ROOT));
    }

    private void page(HttpExchange exchange) throws IOException {
        Page current;
        try {
            current = current();
        } catch (NoSuchFileException missing) {
            exchange.getResponseHeaders().set("Refresh", String.valueOf(refresh.toSeconds()));
            send(
                    exchange,
                    404,
                    "The run has written nothing yet. This page looks again by itself.\n" + missing.getReason());
            return;
        } catch (IOException | RuntimeException broken) {
            send(exchange, 500, "The report could not be made: " + broken);
            return;
        }
        String tag = '"' + current.state() + '"';
        exchange.getResponseHeaders().set("ETag", tag);
        exchange.getResponseHeaders().set("Cache-Control", "no-cache");
        if (tag.equals(exchange.getRequestHeaders().getFirst("If-None-Match"))) {
            exchange.sendResponseHeaders(304, -1);
        } else {
            send(exchange, 200, "text/html; charset=utf-8", current.bytes());
        }
    }

    private synchronized Page current() throws IOException {
        Path log = runFolder.resolve(LogReader.FILE);
        // Before it is read: what is written meanwhile makes another state.
        String state = Files.exists(log)
                ? Files.size(log) + "-"
                        + Files.readAttributes(log, BasicFileAttributes.class)
                                .lastModifiedTime()
                                .toMillis()
                : "";
        if (state.isEmpty() || !state.equals(page.state())) {
            String html = Report.page(RunLog.read(runFolder), drawing, Optional.of(refresh));
            page = new Page(state, html.getBytes(StandardCharsets.UTF_8));
        }
        return page;
    }

    private static void send(HttpExchange exchange, int status, String text) throws IOException {
        send(exchange, status, "text/plain; charset=utf-8", text.getBytes(StandardCharsets.UTF_8));
    }

    private static void send(HttpExchange exchange, int status, String type, byte[] bytes) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", type);
        exchange.getResponseHeaders().set("X-Content-Type-Options", "nosniff");
        if (exchange.getRequestMethod().equals("HEAD")) {
            exchange.sendResponseHeaders(status, -1);
            return;
        }
        exchange.sendResponseHeaders(status, bytes.length);
        try (OutputStream out = exchange.getResponseBody()) {
            out.write(bytes);
        }
    }
}
