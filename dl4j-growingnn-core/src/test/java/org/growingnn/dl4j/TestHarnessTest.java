package org.growingnn.dl4j;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** The package that is published as the test jar works without the rest of the tests. */
@AnalyzeClasses(packages = TestHarnessTest.HARNESS)
class TestHarnessTest {

    static final String HARNESS = "org.growingnn.dl4j.testing";

    @ArchTest
    static final ArchRule needs_nothing_but_the_library_and_what_its_page_names = classes()
            .should()
            .onlyDependOnClassesThat(resideInAnyPackage(HARNESS, "java..", "org.junit.jupiter..", "org.assertj..")
                    .or(resideInAnyPackage("org.deeplearning4j..", "org.nd4j..", "org.jspecify.."))
                    .or(describe("of the library", TestHarnessTest::isOfTheLibrary)));

    private static boolean isOfTheLibrary(JavaClass type) {
        return type.getPackageName().startsWith("org.growingnn.dl4j")
                && type.getSource()
                        .map(source -> !source.getUri().toString().contains("/test-classes/"))
                        .orElse(false);
    }
}
