package org.growingnn.dl4j;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.GeneralCodingRules.NO_CLASSES_SHOULD_ACCESS_STANDARD_STREAMS;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.util.List;
import java.util.stream.Stream;

/** The packages form a one-way street: each may use those before it, never those after it. */
@AnalyzeClasses(packages = ArchitectureTest.ROOT, importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

    static final String ROOT = "org.growingnn.dl4j";

    /** In the order of the street. The root package, the facade, comes after the last one and may use all. */
    private static final List<String> STREET = List.of(
            "value",
            "graph",
            "projection",
            "action",
            "adapter",
            "metric",
            "score",
            "search",
            "data",
            "training",
            "worker",
            "run",
            "folder");

    /** The packages that work on the graph alone, whatever framework the network came from. */
    private static final List<String> WITHOUT_DL4J =
            List.of("value", "graph", "projection", "action", "score", "search", "worker");

    @ArchTest
    static final ArchRule every_class_has_a_place_on_the_street = classes()
            .should()
            .resideInAnyPackage(Stream.concat(Stream.of(ROOT), STREET.stream().map(ArchitectureTest::packageTree))
                    .toArray(String[]::new));

    @ArchTest
    static void packages_use_only_packages_before_them(JavaClasses library) {
        for (int place = 0; place < STREET.size(); place++) {
            String[] after = STREET.subList(place + 1, STREET.size()).stream()
                    .map(ArchitectureTest::packageTree)
                    .toArray(String[]::new);
            noClasses()
                    .that()
                    .resideInAPackage(packageTree(STREET.get(place)))
                    .should()
                    .dependOnClassesThat(resideInAPackage(ROOT).or(resideInAnyPackage(after)))
                    .as("The package " + STREET.get(place) + " should use only packages before it: "
                            + STREET.subList(0, place))
                    .allowEmptyShould(true)
                    .check(library);
        }
    }

    @ArchTest
    static final ArchRule no_package_is_in_a_cycle =
            slices().matching(ROOT + ".(**)").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule only_adapter_training_and_facade_know_dl4j = noClasses()
            .that()
            .resideInAnyPackage(packageTrees(WITHOUT_DL4J))
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.deeplearning4j..", "org.datavec..");

    @ArchTest
    static final ArchRule no_class_writes_to_standard_streams = NO_CLASSES_SHOULD_ACCESS_STANDARD_STREAMS;

    @ArchTest
    static final ArchRule logging_goes_through_slf4j = noClasses()
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "java.util.logging..", "org.apache.log4j..", "org.apache.logging..", "ch.qos.logback..");

    private static String[] packageTrees(List<String> names) {
        return names.stream().map(ArchitectureTest::packageTree).toArray(String[]::new);
    }

    private static String packageTree(String name) {
        return ROOT + "." + name + "..";
    }
}
