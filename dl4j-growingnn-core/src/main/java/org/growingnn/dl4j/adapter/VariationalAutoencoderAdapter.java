package org.growingnn.dl4j.adapter;

import static org.deeplearning4j.nn.params.VariationalAutoencoderParamInitializer.BIAS_KEY_SUFFIX;
import static org.deeplearning4j.nn.params.VariationalAutoencoderParamInitializer.DECODER_PREFIX;
import static org.deeplearning4j.nn.params.VariationalAutoencoderParamInitializer.ENCODER_PREFIX;
import static org.deeplearning4j.nn.params.VariationalAutoencoderParamInitializer.PXZ_B;
import static org.deeplearning4j.nn.params.VariationalAutoencoderParamInitializer.PXZ_W;
import static org.deeplearning4j.nn.params.VariationalAutoencoderParamInitializer.PZX_LOGSTD2_PREFIX;
import static org.deeplearning4j.nn.params.VariationalAutoencoderParamInitializer.PZX_MEAN_PREFIX;
import static org.deeplearning4j.nn.params.VariationalAutoencoderParamInitializer.WEIGHT_KEY_SUFFIX;

import java.util.Optional;
import org.deeplearning4j.nn.conf.layers.variational.CompositeReconstructionDistribution;
import org.deeplearning4j.nn.conf.layers.variational.VariationalAutoencoder;
import org.growingnn.dl4j.graph.Axis;
import org.growingnn.dl4j.graph.Layout;
import org.growingnn.dl4j.graph.Propagation;
import org.growingnn.dl4j.graph.Signal;

/**
 * Variational auto-encoder: a chain of dense encoders, the mean and the variance of the latent units, which leave the layer, a
 * chain of dense decoders, and the parameters of the reconstruction's distribution, which come in blocks of one value per
 * arriving unit. All of them are resizable spaces.
 */
final class VariationalAutoencoderAdapter implements ConfigurationAdapter<VariationalAutoencoder> {

    private static final String MEAN = PZX_MEAN_PREFIX + WEIGHT_KEY_SUFFIX;

    @Override
    public Class<VariationalAutoencoder> type() {
        return VariationalAutoencoder.class;
    }

    @Override
    public Signal propagate(VariationalAutoencoder layer, Propagation p) {
        Layout in = p.input().units();
        Layout current = in;
        for (int i = 0; i < layer.getEncoderLayerSizes().length; i++) {
            current = dense(p, ENCODER_PREFIX + i, current, p.produce("encoder" + i, width(p, ENCODER_PREFIX + i)));
        }
        Layout latent = p.produce(width(p, PZX_MEAN_PREFIX));
        dense(p, PZX_MEAN_PREFIX, current, latent);
        // Outside of pre-training only the mean is computed.
        dense(p, PZX_LOGSTD2_PREFIX, current, latent);
        current = latent;
        for (int i = 0; i < layer.getDecoderLayerSizes().length; i++) {
            current = dense(p, DECODER_PREFIX + i, current, p.produce("decoder" + i, width(p, DECODER_PREFIX + i)));
        }
        reconstruction(layer, p, in, current);
        Signals.activation(layer.getPzxActivationFn(), latent, p);
        return Signal.feedForward(latent);
    }

    private static long width(Propagation p, String prefix) {
        return p.shape(prefix + WEIGHT_KEY_SUFFIX)[1];
    }

    private static Layout dense(Propagation p, String prefix, Layout in, Layout out) {
        String weight = prefix + WEIGHT_KEY_SUFFIX;
        p.axes(weight, Axis.consumes(in), Axis.produces(out));
        p.axes(prefix + BIAS_KEY_SUFFIX, Axis.produces(out));
        if (prefix.equals(PZX_MEAN_PREFIX) || prefix.startsWith(ENCODER_PREFIX)) {
            p.macs(Signals.product(p.shape(weight)));
        }
        return out;
    }

    private static void reconstruction(VariationalAutoencoder layer, Propagation p, Layout in, Layout decoded) {
        long values = p.shape(PXZ_W)[1];
        if (layer.getOutputDistribution() instanceof CompositeReconstructionDistribution
                || in.length() == Layout.UNKNOWN) {
            p.freeze(in, "'" + p.vertex() + "' reconstructs ranges of units by different distributions");
            p.axes(PXZ_W, Axis.consumes(decoded), Axis.free());
            return;
        }
        Layout perUnit = in.repeat(values / in.length());
        p.axes(PXZ_W, Axis.consumes(decoded), Axis.follows(perUnit));
        p.axes(PXZ_B, Axis.follows(perUnit));
    }

    @Override
    public VariationalAutoencoder withWidths(VariationalAutoencoder layer, Widths widths) {
        String first = layer.getEncoderLayerSizes().length > 0 ? ENCODER_PREFIX + 0 : PZX_MEAN_PREFIX;
        layer.setNIn(widths.size(first + WEIGHT_KEY_SUFFIX, 0));
        layer.setNOut(widths.size(MEAN, 1));
        for (int i = 0; i < layer.getEncoderLayerSizes().length; i++) {
            layer.getEncoderLayerSizes()[i] = width(widths, ENCODER_PREFIX + i);
        }
        for (int i = 0; i < layer.getDecoderLayerSizes().length; i++) {
            layer.getDecoderLayerSizes()[i] = width(widths, DECODER_PREFIX + i);
        }
        return layer;
    }

    private static int width(Widths widths, String prefix) {
        return Math.toIntExact(widths.size(prefix + WEIGHT_KEY_SUFFIX, 1));
    }

    @Override
    public Optional<InputHint> expectedInput(VariationalAutoencoder layer, Optional<InputHint> behind) {
        return layer.getNIn() > 0 ? Optional.of(InputHint.vectors(layer.getNIn())) : Optional.empty();
    }
}
