package org.growingnn.dl4j.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Links of the pages to one another lead somewhere. */
class LinksTest {

    private static final Pattern LINK = Pattern.compile("]\\(([^)\\s]+)\\)");
    private static final Pattern HEADING = Pattern.compile("^#{1,6} +(.+?) *$", Pattern.MULTILINE);
    private static final Pattern FENCED = Pattern.compile("^```.*?^```", Pattern.DOTALL | Pattern.MULTILINE);

    @Test
    void every_link_within_the_repository_has_a_file_and_a_heading() throws IOException {
        List<String> broken = new ArrayList<>();
        int links = 0;
        for (Path page : pages()) {
            Matcher matcher = LINK.matcher(prose(page));
            while (matcher.find()) {
                String link = matcher.group(1);
                if (link.contains("://")) {
                    continue;
                }
                links++;
                String[] parts = link.split("#", 2);
                Path target = parts[0].isEmpty() ? page : page.resolveSibling(parts[0]);
                if (!Files.exists(target)
                        || parts.length > 1 && !anchors(target).contains(parts[1])) {
                    broken.add(page.getFileName() + ": " + link);
                }
            }
        }
        assertThat(links).isGreaterThan(50);
        assertThat(broken).isEmpty();
    }

    private static List<Path> pages() throws IOException {
        List<Path> pages = new ArrayList<>();
        for (String folder : List.of("..", "../docs")) {
            try (Stream<Path> files = Files.list(Repository.testModels(folder))) {
                files.filter(file -> file.toString().endsWith(".md")).forEach(pages::add);
            }
        }
        return pages;
    }

    private static String prose(Path page) throws IOException {
        return FENCED.matcher(Files.readString(page).replace("\r\n", "\n")).replaceAll("");
    }

    /** As GitHub makes them of headings. */
    private static Set<String> anchors(Path page) throws IOException {
        Set<String> anchors = new HashSet<>();
        Matcher matcher = HEADING.matcher(prose(page));
        while (matcher.find()) {
            String anchor = matcher.group(1)
                    .toLowerCase(Locale.ROOT)
                    .replaceAll("[^\\p{L}\\p{N}\\s_-]", "")
                    .replace(' ', '-');
            for (int copy = 1; !anchors.add(anchor); copy++) {
                anchor = anchor.replaceAll("-\\d+$", "") + "-" + copy;
            }
        }
        return anchors;
    }
}
