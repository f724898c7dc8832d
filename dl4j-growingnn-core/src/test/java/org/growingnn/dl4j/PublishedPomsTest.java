package org.growingnn.dl4j;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.xpath.XPathFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.w3c.dom.Document;

/** What is published has what Maven Central asks for, and nothing else is published. */
class PublishedPomsTest {

    private static final Path REPOSITORY = Path.of(System.getProperty("growingnn.repository"));
    private static final String CORE = "dl4j-growingnn-core";
    private static final String CLI = "dl4j-growingnn-cli";

    private static String value(String module, String path) throws Exception {
        Document pom = DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(REPOSITORY.resolve(module).resolve("pom.xml").toFile());
        return XPathFactory.newInstance().newXPath().evaluate(path, pom).strip();
    }

    @Test
    void modules_inherit_licence_developers_and_places_of_the_source() throws Exception {
        for (String path : List.of(
                "/project/url",
                "/project/licenses/license/name",
                "/project/licenses/license/url",
                "/project/developers/developer/name",
                "/project/developers/developer/url",
                "/project/scm/connection",
                "/project/scm/developerConnection",
                "/project/scm/url")) {
            assertThat(value("", path)).as(path).isNotEmpty();
        }
        // Else the names of the modules would be appended, which leads nowhere.
        assertThat(value("", "/project/@child.project.url.inherit.append.path")).isEqualTo("false");
        assertThat(value("", "/project/scm/@child.scm.url.inherit.append.path")).isEqualTo("false");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", CORE, CLI})
    void what_is_published_has_a_name_and_a_description_of_its_own(String module) throws Exception {
        assertThat(value(module, "/project/name")).isNotEmpty();
        assertThat(value(module, "/project/description")).isNotEmpty();
    }

    @Test
    void only_the_library_and_the_command_line_are_published() throws Exception {
        for (String module : Stream.of("core", "cli", "examples", "benchmarks", "zoo")
                .map("dl4j-growingnn-"::concat)
                .toList()) {
            assertThat(value(module, "/project/properties/maven.deploy.skip"))
                    .as(module)
                    .isEqualTo(List.of(CORE, CLI).contains(module) ? "" : "true");
        }
    }
}
