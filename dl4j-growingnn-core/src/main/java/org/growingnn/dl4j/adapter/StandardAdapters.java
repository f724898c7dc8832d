package org.growingnn.dl4j.adapter;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.graph.L2NormalizeVertex;
import org.deeplearning4j.nn.conf.graph.L2Vertex;
import org.deeplearning4j.nn.conf.graph.PoolHelperVertex;
import org.deeplearning4j.nn.conf.graph.ScaleVertex;
import org.deeplearning4j.nn.conf.graph.ShiftVertex;
import org.deeplearning4j.nn.conf.graph.StackVertex;
import org.deeplearning4j.nn.conf.graph.UnstackVertex;
import org.deeplearning4j.nn.conf.graph.rnn.DuplicateToTimeSeriesVertex;
import org.deeplearning4j.nn.conf.graph.rnn.LastTimeStepVertex;
import org.deeplearning4j.nn.conf.graph.rnn.ReverseTimeSeriesVertex;
import org.deeplearning4j.nn.conf.layers.AutoEncoder;
import org.deeplearning4j.nn.conf.layers.CenterLossOutputLayer;
import org.deeplearning4j.nn.conf.layers.Cnn3DLossLayer;
import org.deeplearning4j.nn.conf.layers.CnnLossLayer;
import org.deeplearning4j.nn.conf.layers.Convolution1D;
import org.deeplearning4j.nn.conf.layers.Convolution1DLayer;
import org.deeplearning4j.nn.conf.layers.Convolution2D;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.Deconvolution2D;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.GravesBidirectionalLSTM;
import org.deeplearning4j.nn.conf.layers.GravesLSTM;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.LocalResponseNormalization;
import org.deeplearning4j.nn.conf.layers.LossLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.Pooling1D;
import org.deeplearning4j.nn.conf.layers.Pooling2D;
import org.deeplearning4j.nn.conf.layers.RnnLossLayer;
import org.deeplearning4j.nn.conf.layers.SpaceToBatchLayer;
import org.deeplearning4j.nn.conf.layers.Subsampling1DLayer;
import org.deeplearning4j.nn.conf.layers.Subsampling3DLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.conf.layers.Upsampling1D;
import org.deeplearning4j.nn.conf.layers.Upsampling2D;
import org.deeplearning4j.nn.conf.layers.Upsampling3D;
import org.deeplearning4j.nn.conf.layers.ZeroPadding1DLayer;
import org.deeplearning4j.nn.conf.layers.ZeroPadding3DLayer;
import org.deeplearning4j.nn.conf.layers.ZeroPaddingLayer;
import org.deeplearning4j.nn.conf.layers.convolutional.Cropping1D;
import org.deeplearning4j.nn.conf.layers.convolutional.Cropping2D;
import org.deeplearning4j.nn.conf.layers.convolutional.Cropping3D;
import org.deeplearning4j.nn.conf.layers.misc.RepeatVector;
import org.deeplearning4j.nn.conf.layers.objdetect.Yolo2OutputLayer;
import org.deeplearning4j.nn.conf.layers.util.MaskLayer;
import org.deeplearning4j.nn.layers.util.IdentityLayer;
import org.deeplearning4j.preprocessors.PermutePreprocessor;
import org.growingnn.dl4j.graph.BatchFactor;
import org.growingnn.dl4j.graph.Layout;
import org.growingnn.dl4j.graph.Propagation;
import org.growingnn.dl4j.graph.Signal;
import org.growingnn.dl4j.graph.Signal.Format;
import org.growingnn.dl4j.graph.Signal.Kind;

/** The adapters that come with the library: every layer, vertex and preprocessor class of Deeplearning4j that has a fixed form. */
final class StandardAdapters implements AdapterProvider {

    @Override
    public Stream<ConfigurationAdapter<?>> adapters() {
        return Stream.of(layersWithUnits(), layersPerUnit(), wrappers(), vertices(), preprocessors())
                .flatMap(List::stream);
    }

    @SuppressWarnings("deprecation") // Old models hold deprecated layers.
    private static List<ConfigurationAdapter<?>> layersWithUnits() {
        return List.of(
                DenseAdapter.vectors(DenseLayer.class),
                DenseAdapter.vectors(OutputLayer.class),
                DenseAdapter.series(),
                DenseAdapter.vectors(CenterLossOutputLayer.class),
                DenseAdapter.vectors(AutoEncoder.class),
                new OneClassOutputAdapter(),
                new VariationalAutoencoderAdapter(),
                EmbeddingAdapter.single(),
                EmbeddingAdapter.sequence(),
                ConvolutionAdapter.maps(ConvolutionLayer.class),
                ConvolutionAdapter.maps(Convolution2D.class),
                ConvolutionAdapter.transposedMaps(Deconvolution2D.class),
                ConvolutionAdapter.volumes(),
                ConvolutionAdapter.transposedVolumes(),
                new Convolution1DAdapter<>(Convolution1DLayer.class),
                new Convolution1DAdapter<>(Convolution1D.class),
                new SeparableConvolutionAdapter(),
                LocallyConnectedAdapter.series(),
                LocallyConnectedAdapter.maps(),
                LstmAdapter.forward(LSTM.class),
                LstmAdapter.forward(GravesLSTM.class),
                LstmAdapter.bothDirections(GravesBidirectionalLSTM.class),
                new SimpleRnnAdapter(),
                new AttentionAdapter.SelfAttention(),
                new AttentionAdapter.LearnedSelfAttention(),
                new AttentionAdapter.RecurrentAttention(),
                new CapsuleAdapter.Primary(),
                new CapsuleAdapter.Routed());
    }

    private static List<ConfigurationAdapter<?>> layersPerUnit() {
        return List.of(
                new BatchNormalizationAdapter(),
                new DepthwiseConvolutionAdapter(),
                new PReluAdapter(),
                new ElementWiseMultiplicationAdapter(),
                new CapsuleAdapter.Strength(),
                new SpaceToDepthAdapter(),
                new ActivationAdapter(),
                new DropoutAdapter(),
                WidthlessAdapter.unitwise(MaskLayer.class),
                // Keras' masking is imported as this layer within another that masks.
                WidthlessAdapter.unitwise(IdentityLayer.class),
                WidthlessAdapter.unitwise(LossLayer.class),
                WidthlessAdapter.unitwise(CnnLossLayer.class),
                WidthlessAdapter.unitwise(RnnLossLayer.class),
                WidthlessAdapter.unitwise(Cnn3DLossLayer.class),
                WidthlessAdapter.unitwise(Yolo2OutputLayer.class),
                new WidthlessAdapter<>(LocalResponseNormalization.class, StandardAdapters::responseNormalization),
                new WidthlessAdapter<>(GlobalPoolingLayer.class, StandardAdapters::globalPooling, Trait.KEEPS_SIGN),
                new WidthlessAdapter<>(
                        RepeatVector.class,
                        (layer, p) -> new Signal(
                                Kind.RECURRENT,
                                p.input().units(),
                                InputTypes.format(layer.getDataFormat()),
                                layer.getN())),
                resampling(SubsamplingLayer.class, Trait.KEEPS_SIGN),
                resampling(Pooling2D.class, Trait.KEEPS_SIGN),
                resampling(Subsampling1DLayer.class, Trait.KEEPS_SIGN),
                resampling(Pooling1D.class, Trait.KEEPS_SIGN),
                resampling(Subsampling3DLayer.class),
                resampling(Upsampling1D.class),
                resampling(Upsampling2D.class),
                resampling(Upsampling3D.class),
                resampling(ZeroPadding1DLayer.class),
                resampling(ZeroPaddingLayer.class, Trait.KEEPS_SIGN),
                resampling(ZeroPadding3DLayer.class),
                resampling(Cropping1D.class),
                resampling(Cropping2D.class),
                resampling(Cropping3D.class),
                new WidthlessAdapter<>(SpaceToBatchLayer.class, StandardAdapters::spaceToBatch));
    }

    private static List<ConfigurationAdapter<?>> wrappers() {
        return List.of(
                new BidirectionalAdapter(AdapterRegistry::standard),
                WrapperAdapter.lastTimeStep(),
                WrapperAdapter.timeDistributed(),
                WrapperAdapter.maskZero(),
                WrapperAdapter.frozenLayer(),
                WrapperAdapter.frozenLayerWithBackprop(),
                WrapperAdapter.frozenVertex());
    }

    private static List<ConfigurationAdapter<?>> vertices() {
        return List.of(
                new MergeAdapter(),
                new ElementWiseAdapter(),
                new SubsetAdapter(),
                new ReshapeAdapter.Vertex(),
                new PreprocessorVertexAdapter(AdapterRegistry::standard),
                new AttentionAdapter.Vertex(),
                WidthlessAdapter.unitwise(ScaleVertex.class, Trait.UNITWISE),
                WidthlessAdapter.unitwise(ShiftVertex.class, Trait.UNITWISE),
                new WidthlessAdapter<>(UnstackVertex.class, (vertex, p) -> {
                    p.batch(p.batches().get(0).dividedBy(vertex.getStackSize()));
                    return p.input();
                }),
                WidthlessAdapter.unitwise(ReverseTimeSeriesVertex.class, Trait.KEEPS_UNITS),
                new WidthlessAdapter<>(StackVertex.class, (vertex, p) -> {
                    p.inputs().forEach(in -> p.unify(p.input().units(), in.units()));
                    p.batch(BatchFactor.sum(p.batches(), p.vertex()));
                    return p.input();
                }),
                new WidthlessAdapter<>(L2NormalizeVertex.class, (vertex, p) -> {
                    p.mixes(p.input().units(), "normalisation by all units in '" + p.vertex() + "'");
                    return p.input();
                }),
                new WidthlessAdapter<>(L2Vertex.class, StandardAdapters::distance),
                new WidthlessAdapter<>(PoolHelperVertex.class, StandardAdapters::withoutFirstRowAndColumn),
                new WidthlessAdapter<>(
                        LastTimeStepVertex.class,
                        (vertex, p) -> Signal.feedForward(p.input().units()),
                        Trait.KEEPS_UNITS),
                new WidthlessAdapter<>(
                        DuplicateToTimeSeriesVertex.class,
                        (vertex, p) -> Signals.recurrent(p.input()),
                        Trait.KEEPS_UNITS));
    }

    private static List<ConfigurationAdapter<?>> preprocessors() {
        return List.of(
                FlattenAdapter.maps(),
                FlattenAdapter.mapsChannelsLast(),
                FlattenAdapter.volumes(),
                FoldAdapter.maps(),
                FoldAdapter.seriesToMaps(),
                FoldAdapter.volumes(),
                new CnnToRnnAdapter(),
                new ComposableAdapter(AdapterRegistry::standard),
                new ReshapeAdapter.PreProcessor(),
                new ReshapeAdapter.FlattenSeries(),
                new FoldedSeriesAdapter(),
                new UnfoldedSeriesAdapter(),
                new WidthlessAdapter<>(PermutePreprocessor.class, StandardAdapters::permutation));
    }

    /** Layers that work on each unit's positions alone and change their number: pooling, padding, cropping, upsampling. */
    private static <L extends Layer> ConfigurationAdapter<L> resampling(Class<L> type, Trait... traits) {
        return new WidthlessAdapter<>(type, StandardAdapters::resampled, traits);
    }

    private static Signal resampled(Layer layer, Propagation p) {
        return p.input().kind() == Kind.UNKNOWN
                ? p.input()
                : p.input().withExtents(InputTypes.outputExtents(layer, p.input()));
    }

    private static Signal spaceToBatch(SpaceToBatchLayer layer, Propagation p) {
        p.batch(p.batches().get(0).multipliedBy(Signals.product(layer.getBlocks()[0], layer.getBlocks()[1])));
        return resampled(layer, p);
    }

    /** Response normalisation divides each unit by its neighbours within a window of {@code n} units. */
    private static Signal responseNormalization(LocalResponseNormalization layer, Propagation p) {
        p.mixes(p.input().units(), "response normalisation over neighbouring units in '" + p.vertex() + "'");
        // Deeplearning4j fails on fewer units than lie on one side of the window.
        p.atLeast(p.input().units(), (long) layer.getN() / 2 + 1);
        return p.input();
    }

    private static Signal globalPooling(GlobalPoolingLayer layer, Propagation p) {
        if (layer.isCollapseDimensions()) {
            return Signal.feedForward(p.input().units());
        }
        long[] extents = p.input().extents();
        Arrays.fill(extents, 1);
        return p.input().withExtents(extents);
    }

    /** The distance of two vectors counts each unit once, whatever it weighs in later layers. */
    private static Signal distance(L2Vertex vertex, Propagation p) {
        p.inputs().forEach(in -> p.unify(p.input().units(), in.units()));
        p.mixes(p.input().units(), "distance over all units in '" + p.vertex() + "'");
        return Signal.feedForward(p.produceFrozen(1, "single output of '" + p.vertex() + "'"));
    }

    private static Signal withoutFirstRowAndColumn(PoolHelperVertex vertex, Propagation p) {
        return p.input()
                .withExtents(Arrays.stream(p.input().extents())
                        .map(extent -> extent < 0 ? Layout.UNKNOWN : extent - 1)
                        .toArray());
    }

    /** Behind a permutation, positions of the old units are the new units, so that either number is that of the data. */
    private static Signal permutation(PermutePreprocessor permutation, Propagation p) {
        String reason = "'" + p.vertex() + "' permutes units and positions";
        p.freeze(p.input().units(), reason);
        p.batch(p.batches().get(0).foldedBy(p.vertex()));
        return new Signal(Kind.UNKNOWN, p.produceFrozen(Layout.UNKNOWN, reason), Format.CHANNELS_FIRST);
    }
}
