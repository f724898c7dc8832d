package org.growingnn.dl4j.adapter;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.jar.JarFile;
import java.util.stream.Collectors;
import java.util.zip.ZipEntry;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.modelimport.keras.layers.TFOpLayer;
import org.growingnn.dl4j.adapter.Coverage.Kind;
import org.growingnn.dl4j.adapter.Coverage.Row;
import org.growingnn.dl4j.testing.LayerCase;
import org.junit.jupiter.api.Test;

/** No class of Deeplearning4j is forgotten, and the page about them tells what the tests show. */
class CoverageTest {

    private static final Path PAGE = Path.of(System.getProperty("growingnn.repository", ".."), "docs", "coverage.md");

    @Test
    void every_layer_vertex_and_preprocessor_of_deeplearning4j_has_a_row() throws Exception {
        Set<String> found = new TreeSet<>();
        for (Class<?> member : List.of(Layer.class, TFOpLayer.class)) {
            for (Class<?> type : concreteClasses(member)) {
                found.add(type.getName());
            }
        }

        assertThat(found).hasSizeGreaterThan(90);
        assertThat(Coverage.rows().stream().map(row -> row.type().getName()))
                .doesNotHaveDuplicates()
                .containsExactlyInAnyOrderElementsOf(found);
    }

    /** Lists the classes in question in the jar that holds a class. */
    private static Set<Class<?>> concreteClasses(Class<?> member) throws Exception {
        Set<Class<?>> found = new LinkedHashSet<>();
        File jar = new File(
                member.getProtectionDomain().getCodeSource().getLocation().toURI());
        try (JarFile file = new JarFile(jar)) {
            for (String name : file.stream().map(ZipEntry::getName).toList()) {
                if (name.startsWith("org/deeplearning4j/") && name.endsWith(".class")) {
                    Class<?> type = Class.forName(
                            name.replace('/', '.').replaceFirst("\\.class$", ""), false, member.getClassLoader());
                    if (!Modifier.isAbstract(type.getModifiers())
                            && (Layer.class.isAssignableFrom(type)
                                    || GraphVertex.class.isAssignableFrom(type)
                                    || InputPreProcessor.class.isAssignableFrom(type))) {
                        found.add(type);
                    }
                }
            }
        }
        return found;
    }

    @Test
    void every_class_has_a_network_around_it_that_deeplearning4j_can_build() {
        Map<Class<?>, List<LayerCase>> tests = Coverage.tests();

        assertThat(Coverage.rows().stream().map(Row::type).filter(type -> !tests.containsKey(type)))
                .as("classes without a network; TensorFlow's cannot be built, which another test shows")
                .containsExactly(TFOpLayer.class);
    }

    @Test
    void every_class_that_is_not_frozen_has_an_adapter_and_every_adapter_has_a_row() {
        Set<Class<?>> described = Coverage.rows().stream()
                .map(Row::type)
                // The layer vertex is what adapters of layers and preprocessors are called by.
                .filter(type -> type != LayerVertex.class && type != TFOpLayer.class)
                .collect(Collectors.toSet());

        assertThat(new StandardAdapters().adapters().<Class<?>>map(ConfigurationAdapter::type))
                .containsExactlyInAnyOrderElementsOf(described);
    }

    @Test
    void nothing_with_units_of_its_own_is_frozen_but_what_no_layout_describes() {
        assertThat(Coverage.rows().stream()
                        .filter(row -> row.kind() == Kind.FROZEN)
                        .map(row -> row.type().getSimpleName()))
                .containsExactlyInAnyOrder("TFOpLayer", "PermutePreprocessor");
    }

    @Test
    void network_names_are_unique() {
        assertThat(LayerCases.all().map(LayerCase::name)).doesNotHaveDuplicates();
    }

    @Test
    void the_page_is_what_the_catalogue_generates() throws IOException {
        String page = Coverage.page();
        if (Boolean.getBoolean("growingnn.rewrite")) {
            Files.writeString(PAGE, page);
        }

        assertThat(Files.readString(PAGE).replace("\r\n", "\n"))
                .as("docs/coverage.md; -Dgrowingnn.rewrite=true writes it anew")
                .isEqualTo(page);
    }
}
