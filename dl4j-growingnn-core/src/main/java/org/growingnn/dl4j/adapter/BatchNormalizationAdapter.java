package org.growingnn.dl4j.adapter;

import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.params.BatchNormalizationParamInitializer;
import org.growingnn.dl4j.graph.Axis;
import org.growingnn.dl4j.graph.Propagation;
import org.growingnn.dl4j.graph.Signal;
import org.growingnn.dl4j.graph.Statistic;

/** Batch normalisation: every parameter holds one value per arriving unit; the width is stored twice. */
final class BatchNormalizationAdapter implements ConfigurationAdapter<BatchNormalization> {

    @Override
    public Class<BatchNormalization> type() {
        return BatchNormalization.class;
    }

    @Override
    public Signal propagate(BatchNormalization layer, Propagation p) {
        p.keys().forEach(key -> p.axes(key, Axis.follows(p.input().units(), statistic(key))));
        return p.input();
    }

    private static Statistic statistic(String key) {
        return switch (key) {
            case BatchNormalizationParamInitializer.GLOBAL_MEAN -> Statistic.MEAN;
            case BatchNormalizationParamInitializer.GAMMA -> Statistic.SCALE;
            case BatchNormalizationParamInitializer.GLOBAL_VAR -> Statistic.VARIANCE;
            case BatchNormalizationParamInitializer.GLOBAL_LOG_STD -> Statistic.LOG_DEVIATION;
            default -> Statistic.VALUE;
        };
    }

    @Override
    public BatchNormalization withWidths(BatchNormalization layer, Widths widths) {
        long width = widths.size(BatchNormalizationParamInitializer.GLOBAL_MEAN, 0);
        layer.setNIn(width);
        layer.setNOut(width);
        return layer;
    }
}
