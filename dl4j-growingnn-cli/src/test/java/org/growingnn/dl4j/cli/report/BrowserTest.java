package org.growingnn.dl4j.cli.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.net.httpserver.HttpServer;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Opens pages in a browser, where there is one. */
class BrowserTest {

    private static final Logger LOG = LoggerFactory.getLogger(BrowserTest.class);

    @TempDir
    private Path folder;

    private Path browser;

    /** What a browser made of a page, and what it complained about. */
    private record Shown(String html, String messages) {}

    @BeforeEach
    void findBrowser() {
        Optional<Path> found = Stream.of("chromium", "chromium-browser", "google-chrome", "chrome")
                .flatMap(name -> Stream.of(System.getenv("PATH").split(File.pathSeparator))
                        .map(directory -> Path.of(directory, name)))
                .filter(Files::isExecutable)
                .findFirst();
        assumeTrue(found.isPresent(), "There is no Chromium on the path.");
        browser = found.get();
    }

    private Shown open(URI page, String... options) throws IOException, InterruptedException {
        Path html = folder.resolve("shown.html");
        Path messages = folder.resolve("messages.txt");
        long start = System.nanoTime();
        List<String> command = new ArrayList<>(List.of(
                browser.toString(),
                "--headless=new",
                // Tests may run as root, which Chromium's sandbox refuses; pages are the project's own.
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--no-first-run",
                "--user-data-dir=" + folder.resolve("browser"),
                "--enable-logging=stderr",
                "--dump-dom"));
        command.addAll(List.of(options));
        command.add(page.toString());
        Process process = new ProcessBuilder(command)
                .redirectOutput(html.toFile())
                .redirectError(messages.toFile())
                .start();
        try {
            boolean done = process.waitFor(60, TimeUnit.SECONDS);
            assumeTrue(done && process.exitValue() == 0, "The browser does not work here.");
        } finally {
            process.destroyForcibly();
        }
        LOG.info("{} opened in {} ms, the browser's own start included", page, (System.nanoTime() - start) / 1_000_000);
        return new Shown(Files.readString(html), Files.readString(messages));
    }

    private static void assertNoErrors(Shown shown) {
        // Errors of scripts and what the page's policy forbids come as messages of the console.
        assertThat(shown.messages.lines().filter(line -> line.contains("CONSOLE")))
                .isEmpty();
        assertThat(shown.html).contains("class=\"js\"");
    }

    @Test
    void aLargePageOpensAndItsScriptRuns() throws Exception {
        Path run = SimulatedRun.write(folder.resolve("run"), RunFolders.large());
        Path report = folder.resolve("report.html");
        Report.write(run, report);

        Shown shown = open(URI.create(report.toUri() + "?theme=dark"));

        assertNoErrors(shown);
        assertThat(shown.html).contains("data-theme=\"dark\"", "aria-pressed=\"true\"", "id=\"actions-table\"");
        assertThat(hiddenTrees(shown.html)).isEqualTo(199);
    }

    private static int hiddenTrees(String html) {
        return html.split("data-tree=\"\\d+\" hidden=\"\"", -1).length - 1;
    }

    @Test
    void namesAreNoScript() throws Exception {
        Path run = SimulatedRun.write(folder.resolve("run"), RunFolders.hostile());
        Path report = folder.resolve("report.html");
        Report.write(run, report);

        Shown shown = open(report.toUri());

        assertNoErrors(shown);
        assertThat(List.of(shown.html.split("<script", -1))).hasSize(2);
    }

    @Test
    void aServedPageFollowsTheRun() throws Exception {
        RunLog underWay = read("under way", new SimulatedRun(4, 4, 9).underWay(6));
        RunLog ended = read("ended", new SimulatedRun(4, 4, 9).finished());
        Optional<Duration> refresh = Optional.of(Duration.ofSeconds(1));
        AtomicInteger asked = new AtomicInteger();
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        // The run ends as soon as the page was opened; waiting for that would make a slow test.
        server.createContext("/", exchange -> {
            try (exchange) {
                boolean page = exchange.getRequestURI().getPath().equals("/");
                RunLog log = page && asked.getAndIncrement() == 0 ? underWay : ended;
                byte[] html = Report.page(log, new NetworkDrawing(), refresh).getBytes(StandardCharsets.UTF_8);
                exchange.getResponseHeaders().set("Content-Type", "text/html; charset=utf-8");
                exchange.getResponseHeaders().set("ETag", "\"" + asked + "\"");
                exchange.sendResponseHeaders(page ? 200 : 404, html.length);
                exchange.getResponseBody().write(html);
            }
        });
        server.start();
        try {
            URI address = URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/");

            // The browser's clock runs ahead while it has nothing to do.
            Shown shown = open(address, "--virtual-time-budget=20000");

            assertNoErrors(shown);
            assertThat(shown.html).contains("data-refresh=\"1\"", "The run has ended.", "All generations have run.");
            assertThat(shown.html).contains("<details id=\"tree-9\" data-tree=\"9\" open=\"\">");
            assertThat(asked).hasValue(2);
        } finally {
            server.stop(0);
        }
    }

    private RunLog read(String name, List<String> lines) throws IOException {
        return RunLog.read(SimulatedRun.write(folder.resolve(name), lines));
    }
}
