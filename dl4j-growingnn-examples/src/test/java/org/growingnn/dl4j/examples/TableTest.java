package org.growingnn.dl4j.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.nd4j.linalg.indexing.NDArrayIndex.all;
import static org.nd4j.linalg.indexing.NDArrayIndex.interval;

import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;

class TableTest {

    @Test
    void each_part_of_the_shuttle_data_has_its_share_of_every_class() {
        Table shuttle = ShrinkRareClasses.shuttle();

        assertThat(classes(shuttle.train())).containsExactly(27_352, 30, 103, 5_342, 1_961, 6, 8);
        assertThat(classes(shuttle.validation())).containsExactly(9_117, 10, 34, 1_781, 653, 2, 3);
        assertThat(classes(shuttle.test())).containsExactly(9_117, 10, 34, 1_780, 653, 2, 2);
    }

    @Test
    void diamonds_have_one_grade_of_each_quality_and_an_extent() {
        Table diamonds = ShrinkRegression.diamonds();

        DataSet train = diamonds.train();
        assertThat(train.numExamples()
                        + diamonds.validation().numExamples()
                        + diamonds.test().numExamples())
                .isEqualTo(53_940 - 23);
        // carat, 5 grades of cut, 7 of color, 8 of clarity; depth, table, x, y, z
        INDArray features = train.getFeatures();
        assertThat(features.columns()).isEqualTo(26);
        INDArray grades = features.get(all(), interval(1, 21));
        assertThat(grades.sum(1).minNumber().intValue()).isEqualTo(3);
        assertThat(grades.sum(1).maxNumber().intValue()).isEqualTo(3);
        assertThat(features.get(all(), interval(25, 26)).minNumber().doubleValue())
                .isPositive();
        assertThat(train.getLabels().minNumber().intValue()).isBetween(326, 400);
    }

    private static int[] classes(DataSet part) {
        return part.getLabels().sum(0).toIntVector();
    }
}
