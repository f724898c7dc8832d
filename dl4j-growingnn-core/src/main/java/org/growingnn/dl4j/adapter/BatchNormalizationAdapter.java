package org.growingnn.dl4j.adapter;

import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.params.BatchNormalizationParamInitializer;
import org.growingnn.dl4j.graph.Axis;
import org.growingnn.dl4j.graph.LayerFactory.Scaling;
import org.growingnn.dl4j.graph.Parameter;
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

    /** It takes vectors and maps alike. */
    @Override
    public Optional<InputHint> expectedInput(BatchNormalization layer, Optional<InputHint> behind) {
        return layer.getNIn() > 0 ? Optional.of(InputHint.units(layer.getNIn())) : Optional.empty();
    }

    /** The activation function in the configuration is not applied. */
    @Override
    public Set<Trait> traits(BatchNormalization layer) {
        return Set.of(Trait.UNITWISE, Trait.BELONGS_TO_LAYER_IN_FRONT, Trait.AFFINE);
    }

    @Override
    public Optional<Scaling> scaling(BatchNormalization layer, Map<String, Parameter> parameters) {
        double[] mean = parameters
                .get(BatchNormalizationParamInitializer.GLOBAL_MEAN)
                .value()
                .toDoubles();
        double[] scale = new double[mean.length];
        double[] shift = new double[mean.length];
        for (int i = 0; i < mean.length; i++) {
            // DL4J stores the variance, or the decimal logarithm of the standard deviation.
            double variance = layer.isUseLogStd()
                    ? Math.pow(10, 2 * value(parameters, BatchNormalizationParamInitializer.GLOBAL_LOG_STD, i, 0))
                    : value(parameters, BatchNormalizationParamInitializer.GLOBAL_VAR, i, 1);
            double gamma = value(parameters, BatchNormalizationParamInitializer.GAMMA, i, layer.getGamma());
            double beta = value(parameters, BatchNormalizationParamInitializer.BETA, i, layer.getBeta());
            scale[i] = gamma / Math.sqrt(variance + layer.getEps());
            shift[i] = beta - scale[i] * mean[i];
        }
        return Optional.of(new Scaling(scale, shift));
    }

    private static double value(Map<String, Parameter> parameters, String key, int index, double otherwise) {
        Parameter parameter = parameters.get(key);
        return parameter == null ? otherwise : parameter.value().get(index);
    }
}
