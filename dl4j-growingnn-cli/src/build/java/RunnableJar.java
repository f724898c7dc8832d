import java.io.BufferedOutputStream;
import java.io.ByteArrayInputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipArchiveOutputStream;
import org.apache.commons.compress.archivers.zip.ZipFile;

/**
 * Joins all jars of the class path into one that runs by itself. What is compressed stays so: ND4J's native library alone has some 370
 * MB, which the shade plugin takes half a minute to unpack and to compress again.
 */
public final class RunnableJar {

    private static final int BUFFER = 1 << 20;

    private static final String MANIFEST = "META-INF/MANIFEST.MF";
    private static final String SERVICES = "META-INF/services/";

    /** What belongs to single jars; native code that nobody calls. */
    private static final Pattern LEFT_OUT = Pattern.compile("META-INF/[^/]*\\.(SF|DSA|RSA)|" + MANIFEST
            + "|META-INF/INDEX\\.LIST|(META-INF/versions/\\d+/)?module-info\\.class"
            + "|org/bytedeco/opencv/[^/]+/(python|share|include)/.*");

    private final Set<String> written = new HashSet<>();
    private final Map<String, Set<String>> services = new LinkedHashMap<>();
    private final ZipArchiveOutputStream out;

    private RunnableJar(ZipArchiveOutputStream out) {
        this.out = out;
    }

    /**
     * Writes the jar.
     *
     * @param arguments the file to write, the main class, a pattern of names of jars to leave out, and the module's own jar
     * @throws IOException if a file cannot be read or written
     */
    public static void main(String[] arguments) throws IOException {
        Path file = Path.of(arguments[0]);
        Pattern leftOut = Pattern.compile(arguments[2]);
        Files.createDirectories(file.getParent());
        try (ZipArchiveOutputStream out = new ZipArchiveOutputStream(new BufferedOutputStream(Files.newOutputStream(file), BUFFER))) {
            RunnableJar jar = new RunnableJar(out);
            jar.add(MANIFEST, "Manifest-Version: 1.0\r\nMulti-Release: true\r\nMain-Class: " + arguments[1] + "\r\n\r\n");
            jar.addJar(Path.of(arguments[3]));
            for (String element : System.getProperty("java.class.path").split(Pattern.quote(File.pathSeparator))) {
                Path path = Path.of(element);
                // The directory of classes is what the module's own jar was made from.
                if (Files.isRegularFile(path) && !leftOut.matcher(path.getFileName().toString()).matches()) {
                    jar.addJar(path);
                }
            }
            for (Map.Entry<String, Set<String>> service : jar.services.entrySet()) {
                jar.add(service.getKey(), String.join("\n", service.getValue()) + "\n");
            }
        }
    }

    private void addJar(Path path) throws IOException {
        try (ZipFile jar = new ZipFile(path.toFile())) {
            for (ZipArchiveEntry entry : Collections.list(jar.getEntriesInPhysicalOrder())) {
                String name = entry.getName();
                if (isService(name)) {
                    try (InputStream in = jar.getInputStream(entry)) {
                        addService(name, in.readAllBytes());
                    }
                } else if (isNew(name)) {
                    try (InputStream raw = jar.getRawInputStream(entry)) {
                        out.addRawArchiveEntry(entry, raw);
                    }
                }
            }
        }
    }

    private static boolean isService(String name) {
        return name.startsWith(SERVICES) && !name.endsWith("/");
    }

    private void addService(String name, byte[] content) {
        Set<String> providers = services.computeIfAbsent(name, key -> new LinkedHashSet<>());
        new String(content, StandardCharsets.UTF_8)
                .lines()
                .map(line -> line.replaceFirst("#.*", "").strip())
                .filter(line -> !line.isEmpty())
                .forEach(providers::add);
    }

    /** Of files that several jars have, the first one counts, as on the class path. */
    private boolean isNew(String name) {
        return !LEFT_OUT.matcher(name).matches() && written.add(name);
    }

    private void add(String name, String content) throws IOException {
        add(name, content.getBytes(StandardCharsets.UTF_8));
    }

    private void add(String name, byte[] content) throws IOException {
        ZipArchiveEntry entry = new ZipArchiveEntry(name);
        // Any fixed moment, so that the same sources give the same file.
        entry.setTime(1_735_689_600_000L);
        out.putArchiveEntry(entry);
        new ByteArrayInputStream(content).transferTo(out);
        out.closeArchiveEntry();
    }
}
