package org.growingnn.dl4j.adapter;

import static org.growingnn.dl4j.adapter.Coverage.Kind.EDITABLE;
import static org.growingnn.dl4j.adapter.Coverage.Kind.FOLLOWS;
import static org.growingnn.dl4j.adapter.Coverage.Kind.FROZEN;
import static org.growingnn.dl4j.adapter.Coverage.Kind.PASSES;
import static org.growingnn.dl4j.adapter.Coverage.Kind.TIES;
import static org.growingnn.dl4j.adapter.Coverage.Kind.WRAPS;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.graph.AttentionVertex;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.graph.FrozenVertex;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.L2NormalizeVertex;
import org.deeplearning4j.nn.conf.graph.L2Vertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.graph.PoolHelperVertex;
import org.deeplearning4j.nn.conf.graph.PreprocessorVertex;
import org.deeplearning4j.nn.conf.graph.ReshapeVertex;
import org.deeplearning4j.nn.conf.graph.ScaleVertex;
import org.deeplearning4j.nn.conf.graph.ShiftVertex;
import org.deeplearning4j.nn.conf.graph.StackVertex;
import org.deeplearning4j.nn.conf.graph.SubsetVertex;
import org.deeplearning4j.nn.conf.graph.UnstackVertex;
import org.deeplearning4j.nn.conf.graph.rnn.DuplicateToTimeSeriesVertex;
import org.deeplearning4j.nn.conf.graph.rnn.LastTimeStepVertex;
import org.deeplearning4j.nn.conf.graph.rnn.ReverseTimeSeriesVertex;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.AutoEncoder;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.CapsuleLayer;
import org.deeplearning4j.nn.conf.layers.CapsuleStrengthLayer;
import org.deeplearning4j.nn.conf.layers.CenterLossOutputLayer;
import org.deeplearning4j.nn.conf.layers.Cnn3DLossLayer;
import org.deeplearning4j.nn.conf.layers.CnnLossLayer;
import org.deeplearning4j.nn.conf.layers.Convolution1D;
import org.deeplearning4j.nn.conf.layers.Convolution1DLayer;
import org.deeplearning4j.nn.conf.layers.Convolution2D;
import org.deeplearning4j.nn.conf.layers.Convolution3D;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.Deconvolution2D;
import org.deeplearning4j.nn.conf.layers.Deconvolution3D;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DepthwiseConvolution2D;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.EmbeddingLayer;
import org.deeplearning4j.nn.conf.layers.EmbeddingSequenceLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.GravesBidirectionalLSTM;
import org.deeplearning4j.nn.conf.layers.GravesLSTM;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.LearnedSelfAttentionLayer;
import org.deeplearning4j.nn.conf.layers.LocalResponseNormalization;
import org.deeplearning4j.nn.conf.layers.LocallyConnected1D;
import org.deeplearning4j.nn.conf.layers.LocallyConnected2D;
import org.deeplearning4j.nn.conf.layers.LossLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PReLULayer;
import org.deeplearning4j.nn.conf.layers.Pooling1D;
import org.deeplearning4j.nn.conf.layers.Pooling2D;
import org.deeplearning4j.nn.conf.layers.PrimaryCapsules;
import org.deeplearning4j.nn.conf.layers.RecurrentAttentionLayer;
import org.deeplearning4j.nn.conf.layers.RnnLossLayer;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.conf.layers.SelfAttentionLayer;
import org.deeplearning4j.nn.conf.layers.SeparableConvolution2D;
import org.deeplearning4j.nn.conf.layers.SpaceToBatchLayer;
import org.deeplearning4j.nn.conf.layers.SpaceToDepthLayer;
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
import org.deeplearning4j.nn.conf.layers.misc.ElementWiseMultiplicationLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayerWithBackprop;
import org.deeplearning4j.nn.conf.layers.misc.RepeatVector;
import org.deeplearning4j.nn.conf.layers.objdetect.Yolo2OutputLayer;
import org.deeplearning4j.nn.conf.layers.recurrent.Bidirectional;
import org.deeplearning4j.nn.conf.layers.recurrent.LastTimeStep;
import org.deeplearning4j.nn.conf.layers.recurrent.SimpleRnn;
import org.deeplearning4j.nn.conf.layers.recurrent.TimeDistributed;
import org.deeplearning4j.nn.conf.layers.util.MaskLayer;
import org.deeplearning4j.nn.conf.layers.util.MaskZeroLayer;
import org.deeplearning4j.nn.conf.layers.variational.VariationalAutoencoder;
import org.deeplearning4j.nn.conf.layers.wrapper.BaseWrapperLayer;
import org.deeplearning4j.nn.conf.ocnn.OCNNOutputLayer;
import org.deeplearning4j.nn.conf.preprocessor.Cnn3DToFeedForwardPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.CnnToFeedForwardPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.CnnToRnnPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.ComposableInputPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.FeedForwardToCnn3DPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.FeedForwardToCnnPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.FeedForwardToRnnPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.RnnToCnnPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.RnnToFeedForwardPreProcessor;
import org.deeplearning4j.nn.layers.util.IdentityLayer;
import org.deeplearning4j.nn.modelimport.keras.layers.TFOpLayer;
import org.deeplearning4j.nn.modelimport.keras.preprocessors.TensorFlowCnnToFeedForwardPreProcessor;
import org.deeplearning4j.preprocessors.KerasFlattenRnnPreprocessor;
import org.deeplearning4j.preprocessors.PermutePreprocessor;
import org.deeplearning4j.preprocessors.ReshapePreprocessor;
import org.growingnn.dl4j.testing.LayerCase;
import org.growingnn.dl4j.testing.LayerCase.Ability;

/** What the library does with each class of Deeplearning4j, and the page that tells it. */
final class Coverage {

    /** What a class does with units. */
    enum Kind {
        EDITABLE("editable", "computes units of its own, which can be removed and added"),
        FOLLOWS("per unit", "has values or positions per arriving unit, and follows when these are resized"),
        PASSES("pass-through", "stores nothing about units and passes them on"),
        TIES("tied", "makes units of several sources one space"),
        WRAPS("wrapper", "does what the class that it wraps does"),
        FROZEN("frozen", "keeps the widths around it, for the reason given");

        private final String label;
        private final String meaning;

        Kind(String label, String meaning) {
            this.label = label;
            this.meaning = meaning;
        }
    }

    /** One class. */
    record Row(Class<?> type, Kind kind, String note) {
        Row {
            if (kind == FROZEN && note.isBlank()) {
                throw new IllegalArgumentException("The class " + type + " needs a reason for being frozen.");
            }
        }
    }

    private static final int LISTED = 8;

    /** What most networks consist of; only the networks around it count as its tests. */
    private static final Set<Class<?>> SCAFFOLDING = Set.of(
            DenseLayer.class,
            OutputLayer.class,
            RnnOutputLayer.class,
            ConvolutionLayer.class,
            Convolution3D.class,
            LSTM.class,
            LayerVertex.class,
            MergeVertex.class,
            CnnToFeedForwardPreProcessor.class,
            Cnn3DToFeedForwardPreProcessor.class,
            RnnToFeedForwardPreProcessor.class,
            FeedForwardToRnnPreProcessor.class);

    private Coverage() {}

    @SuppressWarnings("deprecation") // Old models hold deprecated layers.
    static List<Row> rows() {
        return List.of(
                row(DenseLayer.class, EDITABLE, "layer normalisation and softmax mix the units"),
                row(OutputLayer.class, FOLLOWS, "its own width is that of the labels"),
                row(RnnOutputLayer.class, FOLLOWS, "its own width is that of the labels; NCW and NWC"),
                row(CenterLossOutputLayer.class, FOLLOWS, "the centres, too; its own width is that of the labels"),
                row(OCNNOutputLayer.class, EDITABLE, "its hidden units"),
                row(AutoEncoder.class, EDITABLE, "the visible bias follows what arrives"),
                row(
                        VariationalAutoencoder.class,
                        EDITABLE,
                        "encoders, latent units and decoders; what arrives is frozen if several distributions share it,"
                                + " because the model stores the number of values of each"),
                row(EmbeddingLayer.class, EDITABLE, "the vocabulary is data"),
                row(EmbeddingSequenceLayer.class, EDITABLE, "the vocabulary is data; NCW and NWC"),
                row(ConvolutionLayer.class, EDITABLE, "NCHW and NHWC; Deeplearning4j cannot train its dropout in NHWC"),
                row(Convolution2D.class, EDITABLE, "as ConvolutionLayer"),
                row(Convolution1DLayer.class, EDITABLE, "NCW; Deeplearning4j cannot train NWC"),
                row(Convolution1D.class, EDITABLE, "as Convolution1DLayer"),
                row(Convolution3D.class, EDITABLE, "NCDHW and NDHWC"),
                row(Deconvolution2D.class, EDITABLE, "NCHW and NHWC"),
                row(Deconvolution3D.class, EDITABLE, "NCDHW and NDHWC"),
                row(SeparableConvolution2D.class, EDITABLE, "NCHW and NHWC; any depth multiplier"),
                row(DepthwiseConvolution2D.class, FOLLOWS, "NCHW and NHWC; any depth multiplier"),
                row(LocallyConnected1D.class, EDITABLE, ""),
                row(LocallyConnected2D.class, EDITABLE, "NCHW and NHWC"),
                row(LSTM.class, EDITABLE, "NCW and NWC"),
                row(GravesLSTM.class, EDITABLE, "peepholes follow the cells"),
                row(GravesBidirectionalLSTM.class, EDITABLE, "both directions share their cells"),
                row(SimpleRnn.class, EDITABLE, "layer normalisation mixes the units"),
                row(SelfAttentionLayer.class, EDITABLE, "outputs and heads; without projections it mixes what arrives"),
                row(
                        LearnedSelfAttentionLayer.class,
                        EDITABLE,
                        "outputs and heads; without projections it mixes what arrives"),
                row(
                        RecurrentAttentionLayer.class,
                        EDITABLE,
                        "outputs and heads; without projections outputs are tied to what arrives, and mixed"),
                row(PrimaryCapsules.class, EDITABLE, "a unit is a channel, which makes a capsule at every position"),
                row(CapsuleLayer.class, EDITABLE, "routing mixes the capsules on both sides"),
                row(CapsuleStrengthLayer.class, PASSES, ""),
                row(BatchNormalization.class, FOLLOWS, "vectors, NCHW and NHWC; with or without scale"),
                row(PReLULayer.class, FOLLOWS, "vectors, NCHW and NHWC; any shared axes"),
                row(ElementWiseMultiplicationLayer.class, FOLLOWS, ""),
                row(LocalResponseNormalization.class, PASSES, "mixes neighbours, and sets a least number of units"),
                row(SubsamplingLayer.class, PASSES, "NCHW and NHWC; maximum, mean, p-norm"),
                row(Pooling2D.class, PASSES, "as SubsamplingLayer"),
                row(Subsampling1DLayer.class, PASSES, ""),
                row(Pooling1D.class, PASSES, "as Subsampling1DLayer"),
                row(Subsampling3DLayer.class, PASSES, "NCDHW and NDHWC"),
                row(
                        GlobalPoolingLayer.class,
                        PASSES,
                        "maps, volumes, series NCW; Deeplearning4j cannot pool series NWC"),
                row(Upsampling1D.class, PASSES, ""),
                row(Upsampling2D.class, PASSES, "NCHW and NHWC"),
                row(Upsampling3D.class, PASSES, ""),
                row(ZeroPadding1DLayer.class, PASSES, ""),
                row(ZeroPaddingLayer.class, PASSES, "NCHW and NHWC"),
                row(ZeroPadding3DLayer.class, PASSES, ""),
                row(Cropping1D.class, PASSES, ""),
                row(Cropping2D.class, PASSES, "NCHW and NHWC"),
                row(Cropping3D.class, PASSES, ""),
                row(SpaceToDepthLayer.class, PASSES, "every unit comes once per position of a block; NCHW and NHWC"),
                row(SpaceToBatchLayer.class, PASSES, ""),
                row(ActivationLayer.class, PASSES, "softmax mixes the units"),
                row(DropoutLayer.class, PASSES, ""),
                row(IdentityLayer.class, PASSES, "part of Keras' masking"),
                row(MaskLayer.class, PASSES, ""),
                row(RepeatVector.class, PASSES, ""),
                row(LossLayer.class, PASSES, "its width is that of the labels"),
                row(CnnLossLayer.class, PASSES, "its width is that of the labels"),
                row(RnnLossLayer.class, PASSES, "its width is that of the labels"),
                row(Cnn3DLossLayer.class, PASSES, "its width is that of the labels"),
                row(Yolo2OutputLayer.class, PASSES, "its width is that of the labels"),
                row(Bidirectional.class, WRAPS, "all modes; both directions have as many units"),
                row(LastTimeStep.class, WRAPS, ""),
                row(TimeDistributed.class, WRAPS, "NCW and NWC"),
                row(MaskZeroLayer.class, WRAPS, ""),
                row(
                        FrozenLayer.class,
                        WRAPS,
                        "the units that it computes are frozen, because the model says so"
                                + "; pruneFrozenLayers lets them, and those that it takes, be left out, and nothing else"),
                row(FrozenLayerWithBackprop.class, WRAPS, "as FrozenLayer"),
                row(
                        TFOpLayer.class,
                        FROZEN,
                        "runs a graph of TensorFlow, which has no layout of units; Deeplearning4j does not store it either"),
                row(LayerVertex.class, WRAPS, "a layer behind a preprocessor"),
                row(MergeVertex.class, PASSES, "concatenates units; along another axis it ties them; all formats"),
                row(ElementWiseVertex.class, TIES, "all operations; a single unit that is broadcast is frozen"),
                row(StackVertex.class, TIES, ""),
                row(UnstackVertex.class, PASSES, ""),
                row(
                        SubsetVertex.class,
                        PASSES,
                        "the range moves with the units; a space that it cuts is frozen, because which of its units are"
                                + " selected is stored as a range"),
                row(ScaleVertex.class, PASSES, ""),
                row(ShiftVertex.class, PASSES, ""),
                row(
                        ReshapeVertex.class,
                        FOLLOWS,
                        "if units stay whole; else they are frozen, because a new unit has values of several old ones"),
                row(L2NormalizeVertex.class, PASSES, "mixes the units"),
                row(L2Vertex.class, TIES, "mixes the units; its single output is frozen"),
                row(PoolHelperVertex.class, PASSES, ""),
                row(PreprocessorVertex.class, WRAPS, ""),
                row(
                        AttentionVertex.class,
                        EDITABLE,
                        "outputs and heads; without projections queries and keys are tied"),
                row(LastTimeStepVertex.class, PASSES, ""),
                row(ReverseTimeSeriesVertex.class, PASSES, ""),
                row(DuplicateToTimeSeriesVertex.class, PASSES, ""),
                row(FrozenVertex.class, WRAPS, "as FrozenLayer"),
                row(CnnToFeedForwardPreProcessor.class, FOLLOWS, "NCHW and NHWC"),
                row(TensorFlowCnnToFeedForwardPreProcessor.class, FOLLOWS, "channels last"),
                row(Cnn3DToFeedForwardPreProcessor.class, FOLLOWS, "NCDHW and NDHWC"),
                row(CnnToRnnPreProcessor.class, FOLLOWS, "NCW and NWC"),
                row(
                        FeedForwardToCnnPreProcessor.class,
                        FOLLOWS,
                        "maps that were flattened; other units are frozen, because each would be one position of a map"),
                row(FeedForwardToCnn3DPreProcessor.class, FOLLOWS, "as FeedForwardToCnnPreProcessor; NCDHW and NDHWC"),
                row(RnnToCnnPreProcessor.class, FOLLOWS, "as FeedForwardToCnnPreProcessor; NCW and NWC"),
                row(RnnToFeedForwardPreProcessor.class, PASSES, "NCW and NWC"),
                row(FeedForwardToRnnPreProcessor.class, PASSES, "NCW and NWC"),
                row(ComposableInputPreProcessor.class, WRAPS, ""),
                row(
                        ReshapePreprocessor.class,
                        FOLLOWS,
                        "if units stay whole; else they are frozen, because a new unit has values of several old ones"),
                row(KerasFlattenRnnPreprocessor.class, FOLLOWS, ""),
                row(
                        PermutePreprocessor.class,
                        FROZEN,
                        "units and positions change places, so that a width behind it is an extent of the data"));
    }

    private static Row row(Class<?> type, Kind kind, String note) {
        return new Row(type, kind, note);
    }

    /** Finds the networks that test each class. */
    static Map<Class<?>, List<LayerCase>> tests() {
        Map<Class<?>, List<LayerCase>> tests = new LinkedHashMap<>();
        LayerCases.all().forEach(testCase -> {
            Set<Class<?>> subjects = new LinkedHashSet<>(testCase.subjects());
            testCase.configuration().getVertices().forEach((name, vertex) -> {
                Set<Class<?>> found = new LinkedHashSet<>();
                collect(vertex, found);
                if (!name.equals("layer")) {
                    found.removeAll(SCAFFOLDING);
                }
                found.remove(LayerVertex.class);
                subjects.addAll(found);
            });
            subjects.forEach(type ->
                    tests.computeIfAbsent(type, key -> new ArrayList<>()).add(testCase));
        });
        return tests;
    }

    private static void collect(Object configuration, Set<Class<?>> found) {
        if (configuration == null) {
            return;
        }
        found.add(configuration.getClass());
        if (configuration instanceof LayerVertex vertex) {
            collect(vertex.getPreProcessor(), found);
            collect(vertex.getLayerConf().getLayer(), found);
        } else if (configuration instanceof PreprocessorVertex vertex) {
            collect(vertex.getPreProcessor(), found);
        } else if (configuration instanceof FrozenVertex vertex) {
            collect(vertex.getUnderlying(), found);
        } else if (configuration instanceof ComposableInputPreProcessor composition) {
            for (InputPreProcessor part : composition.getInputPreProcessors()) {
                collect(part, found);
            }
        } else if (configuration instanceof Bidirectional layer) {
            collect(layer.getFwd(), found);
        } else if (configuration instanceof FrozenLayer layer) {
            collect(layer.getLayer(), found);
        } else if (configuration instanceof BaseWrapperLayer layer) {
            collect(layer.getUnderlying(), found);
        }
    }

    /** Writes the page. */
    static String page() {
        StringBuilder text = new StringBuilder();
        text.append("# What is covered\n\n");
        text.append(
                "Every layer, vertex and preprocessor class of Deeplearning4j 1.0.0-M2.1 and of its Keras import, and what the\n");
        text.append(
                "library does with it. This page is generated from the tests' own catalogue (`Coverage` and the networks of\n");
        text.append("`LayerCases`), and a test fails when they differ. `-Dgrowingnn.rewrite=true` writes it anew:\n\n");
        text.append("```\nmvn -pl dl4j-growingnn-core test -Dtest=CoverageTest -Dgrowingnn.rewrite=true\n```\n\n");
        text.append("| kind | the class |\n|---|---|\n");
        for (Kind kind : Kind.values()) {
            text.append("| ")
                    .append(kind.label)
                    .append(" | ")
                    .append(kind.meaning)
                    .append(" |\n");
        }
        text.append("| user code | keeps the widths around it, unless an `AdapterProvider` describes it |\n");
        text.append(
                "\nUnits that are *mixed* can be resized and permuted, but no replication preserves the function.\n\n");
        text.append(
                "Each network is read and written back bit by bit, trained on, permuted, replicated, shrunk and grown, with masks\n");
        text.append(
                "where it takes series; removed units are compared with zeros written by hand into Deeplearning4j's own arrays.\n");
        text.append(
                "Where Deeplearning4j itself fails, `DeeplearningLimitsTest` shows it on a model that the library has not touched.\n\n");
        text.append("Subclasses of `SameDiffLayer`, `SameDiffLambdaLayer`, `SameDiffOutputLayer`, `SameDiffVertex`,\n");
        text.append(
                "`SameDiffLambdaVertex`, and any other layer, vertex or preprocessor that Deeplearning4j does not bring, are user\n");
        text.append("code (`UnknownLayersTest`).\n");
        Map<Class<?>, List<LayerCase>> tests = tests();
        section(text, "Layers", Layer.class, tests);
        section(text, "Vertices", GraphVertex.class, tests);
        section(text, "Preprocessors", InputPreProcessor.class, tests);
        return text.toString();
    }

    private static void section(StringBuilder text, String title, Class<?> base, Map<Class<?>, List<LayerCase>> tests) {
        text.append("\n## ").append(title).append("\n\n| class | kind | note | tested as |\n|---|---|---|---|\n");
        rows().stream()
                .filter(row -> base.isAssignableFrom(row.type()))
                .forEach(row -> text.append("| `")
                        .append(row.type().getSimpleName())
                        .append("` | ")
                        .append(row.kind().label)
                        .append(" | ")
                        .append(row.note())
                        .append(" | ")
                        .append(names(tests.getOrDefault(row.type(), List.of())))
                        .append(" |\n"));
    }

    private static String names(List<LayerCase> cases) {
        String listed = cases.stream()
                .limit(LISTED)
                .map(testCase -> testCase.name() + limit(testCase.ability()))
                .collect(Collectors.joining("; "));
        return cases.isEmpty()
                ? "`DeeplearningLimitsTest`"
                : listed + (cases.size() > LISTED ? "; and " + (cases.size() - LISTED) + " more" : "");
    }

    private static String limit(Ability ability) {
        return switch (ability) {
            case TRAINS -> "";
            case RUNS -> " (Deeplearning4j cannot train it)";
            case BUILDS -> " (Deeplearning4j cannot run it)";
        };
    }
}
