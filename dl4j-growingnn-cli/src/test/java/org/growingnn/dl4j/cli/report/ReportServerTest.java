package org.growingnn.dl4j.cli.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportServerTest {

    private final HttpClient client = HttpClient.newHttpClient();

    @TempDir
    private Path folder;

    private HttpResponse<String> get(URI address, String... headers) throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(address).timeout(Duration.ofSeconds(20));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return client.send(request.build(), BodyHandlers.ofString());
    }

    @Test
    void followsARunUntilItHasEnded() throws Exception {
        Path run = folder.resolve("run");
        try (ReportServer server = ReportServer.start(run, 0)) {
            HttpResponse<String> waiting = get(server.address());
            assertThat(waiting.statusCode()).isEqualTo(404);
            assertThat(waiting.headers().firstValue("Refresh")).hasValue("3");

            SimulatedRun.write(run, new SimulatedRun(4, 2, 9).underWay(2));
            HttpResponse<String> underWay = get(server.address());
            assertThat(underWay.statusCode()).isEqualTo(200);
            assertThat(underWay.headers().firstValue("Content-Type")).hasValue("text/html; charset=utf-8");
            assertThat(underWay.body()).contains("data-refresh=\"3\"", "http-equiv=\"refresh\" content=\"3\"");
            new Page(underWay.body());

            String tag = underWay.headers().firstValue("ETag").orElseThrow();
            assertThat(get(server.address(), "If-None-Match", tag).statusCode()).isEqualTo(304);

            SimulatedRun.write(run, new SimulatedRun(4, 2, 9).finished());
            HttpResponse<String> ended = get(server.address(), "If-None-Match", tag);
            assertThat(ended.statusCode()).isEqualTo(200);
            assertThat(ended.body()).contains("finished").doesNotContain("data-refresh=", "http-equiv=\"refresh\"");
        }
    }

    @Test
    void onlyThisMachineIsAnswered() throws Exception {
        Path run = SimulatedRun.write(folder.resolve("run"), new SimulatedRun(4, 2, 3).finished());
        try (ReportServer server = ReportServer.start(run, 0)) {
            assertThat(InetAddress.getByName(server.address().getHost()).isLoopbackAddress())
                    .isTrue();
            assertThat(status(server, "localhost")).isEqualTo(200);
            assertThat(status(server, "evil.example")).isEqualTo(403);
            assertThat(status(server, "localhost.evil.example:80")).isEqualTo(403);
        }
    }

    /** Asks under another name, as a browser does that was led here by one. */
    private static int status(ReportServer server, String host) throws IOException {
        URI address = server.address();
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), address.getPort())) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream()
                    .write(("GET / HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return Integer.parseInt(answer.substring(9, 12));
        }
    }

    @Test
    void thereIsOnePageAndItCanOnlyBeRead() throws Exception {
        Path run = SimulatedRun.write(folder.resolve("run"), new SimulatedRun(4, 2, 3).finished());
        try (ReportServer server = ReportServer.start(run, 0)) {
            assertThat(get(server.address().resolve("/events.jsonl")).statusCode())
                    .isEqualTo(404);
            assertThat(get(server.address().resolve("/../settings.json")).statusCode())
                    .isEqualTo(404);
            HttpRequest post = HttpRequest.newBuilder(server.address())
                    .POST(HttpRequest.BodyPublishers.ofString("x"))
                    .build();
            assertThat(client.send(post, BodyHandlers.ofString()).statusCode()).isEqualTo(405);
            HttpRequest head = HttpRequest.newBuilder(server.address())
                    .method("HEAD", HttpRequest.BodyPublishers.noBody())
                    .build();
            assertThat(client.send(head, BodyHandlers.ofString()).statusCode()).isEqualTo(200);
        }
    }

    @Test
    void settingsAreChecked() {
        assertThatThrownBy(() -> ReportServer.start(folder, 70_000)).hasMessageContaining("port (70000)");
        assertThatThrownBy(() -> ReportServer.start(folder, 0, Duration.ofMillis(5)))
                .hasMessageContaining("at least one second");
    }
}
