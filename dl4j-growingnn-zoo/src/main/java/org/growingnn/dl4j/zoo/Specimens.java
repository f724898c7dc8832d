package org.growingnn.dl4j.zoo;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Function;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.dropout.Dropout;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.modelimport.keras.KerasModel;
import org.deeplearning4j.zoo.InstantiableModel;
import org.deeplearning4j.zoo.model.AlexNet;
import org.deeplearning4j.zoo.model.Darknet19;
import org.deeplearning4j.zoo.model.FaceNetNN4Small2;
import org.deeplearning4j.zoo.model.InceptionResNetV1;
import org.deeplearning4j.zoo.model.LeNet;
import org.deeplearning4j.zoo.model.NASNet;
import org.deeplearning4j.zoo.model.ResNet50;
import org.deeplearning4j.zoo.model.SimpleCNN;
import org.deeplearning4j.zoo.model.SqueezeNet;
import org.deeplearning4j.zoo.model.TextGenerationLSTM;
import org.deeplearning4j.zoo.model.TinyYOLO;
import org.deeplearning4j.zoo.model.UNet;
import org.deeplearning4j.zoo.model.VGG16;
import org.deeplearning4j.zoo.model.VGG19;
import org.deeplearning4j.zoo.model.Xception;
import org.deeplearning4j.zoo.model.YOLO2;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** The models of Deeplearning4j's zoo, and one that is imported from Keras. */
final class Specimens {

    private static final int CLASSES = 10;
    private static final int TIME_STEPS = 8;
    private static final int DOWNSAMPLING = 32;

    private Specimens() {}

    /** Lists the specimens, small ones first. */
    static List<Specimen> all() {
        return List.of(
                keras("KerasFunctional", 2, 24),
                images(
                        "LeNet",
                        4,
                        1,
                        28,
                        shape -> LeNet.builder()
                                .inputShape(shape)
                                .numClasses(CLASSES)
                                .build()),
                series("TextGenerationLSTM", 4),
                images(
                        "SimpleCNN",
                        4,
                        3,
                        48,
                        shape -> SimpleCNN.builder()
                                .inputShape(shape)
                                .numClasses(CLASSES)
                                .build()),
                images(
                        "SqueezeNet",
                        2,
                        3,
                        64,
                        shape -> SqueezeNet.builder()
                                .inputShape(shape)
                                .numClasses(CLASSES)
                                .build()),
                images(
                        "FaceNetNN4Small2",
                        2,
                        3,
                        64,
                        shape -> FaceNetNN4Small2.builder()
                                .inputShape(shape)
                                .numClasses(CLASSES)
                                .build()),
                boxes(
                        "TinyYOLO",
                        64,
                        shape -> TinyYOLO.builder()
                                .inputShape(shape)
                                .numClasses(CLASSES)
                                .build()),
                images(
                        "Darknet19",
                        2,
                        3,
                        64,
                        shape -> Darknet19.builder()
                                .inputShape(shape)
                                .numClasses(CLASSES)
                                .build()),
                images(
                        "AlexNet",
                        2,
                        3,
                        64,
                        shape -> AlexNet.builder()
                                .inputShape(shape)
                                .numClasses(CLASSES)
                                .build()),
                images(
                        "VGG19",
                        1,
                        3,
                        32,
                        shape -> VGG19.builder()
                                .inputShape(shape)
                                .numClasses(CLASSES)
                                .build()),
                images(
                        "VGG16",
                        1,
                        3,
                        32,
                        shape -> VGG16.builder()
                                .inputShape(shape)
                                .numClasses(CLASSES)
                                .build()),
                mask(
                        "UNet",
                        64,
                        shape -> UNet.builder()
                                .inputShape(shape)
                                .numClasses(CLASSES)
                                .build()),
                boxes(
                        "YOLO2",
                        64,
                        shape -> YOLO2.builder()
                                .inputShape(shape)
                                .numClasses(CLASSES)
                                .build()),
                scaled(images(
                        "ResNet50",
                        2,
                        3,
                        96,
                        shape -> ResNet50.builder()
                                .inputShape(shape)
                                .numClasses(CLASSES)
                                .build())),
                images(
                        "Xception",
                        1,
                        3,
                        96,
                        shape -> Xception.builder()
                                .inputShape(shape)
                                .numClasses(CLASSES)
                                .build()),
                scaled(images(
                        "InceptionResNetV1",
                        1,
                        3,
                        96,
                        shape -> InceptionResNetV1.builder()
                                .inputShape(shape)
                                .numClasses(CLASSES)
                                .build())),
                images(
                        "NASNet",
                        1,
                        3,
                        224,
                        shape -> NASNet.builder()
                                .inputShape(shape)
                                .numClasses(CLASSES)
                                .build()));
    }

    /** Finds a specimen. */
    static Specimen named(String name) {
        return all().stream()
                .filter(specimen -> specimen.name().equalsIgnoreCase(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("There is no model '" + name + "'.\nMaybe one of "
                        + all().stream().map(Specimen::name).toList() + "?"));
    }

    private static Specimen images(
            String name, int batch, int channels, int side, Function<int[], InstantiableModel> model) {
        return maps(name, batch, channels, side, model, Specimens::oneHot);
    }

    /** One object in the middle of the picture. */
    private static Specimen boxes(String name, int side, Function<int[], InstantiableModel> model) {
        return maps(name, 1, 3, side, model, features -> {
            int cells = side / DOWNSAMPLING;
            INDArray labels = Nd4j.zeros(DataType.FLOAT, 1, 4 + CLASSES, cells, cells);
            double[] box = {cells / 2.0 - 0.3, cells / 2.0 - 0.4, cells / 2.0 + 0.5, cells / 2.0 + 0.6};
            for (int i = 0; i < box.length; i++) {
                labels.putScalar(new int[] {0, i, cells / 2, cells / 2}, box[i]);
            }
            labels.putScalar(new int[] {0, 4 + 3, cells / 2, cells / 2}, 1);
            return labels;
        });
    }

    /** A mask of one channel. */
    private static Specimen mask(String name, int side, Function<int[], InstantiableModel> model) {
        return maps(
                name,
                1,
                3,
                side,
                model,
                features -> features.get(NDArrayIndex.all(), NDArrayIndex.interval(0, 1))
                        .gt(0)
                        .castTo(DataType.FLOAT));
    }

    private static Specimen maps(
            String name,
            int batch,
            int channels,
            int side,
            Function<int[], InstantiableModel> model,
            Specimen.Labels labels) {
        int[] shape = {channels, side, side};
        return new Specimen(
                name,
                new int[] {batch, channels, side, side},
                InputType.convolutional(side, side, channels),
                () -> model.apply(shape).init(),
                labels);
    }

    /**
     * Scales every convolution to a gain of one. The zoo draws some weights so large that an untrained network says nothing:
     * ResNet50's activations exceed single precision, and InceptionResNetV1 turns rounding into entirely different outputs.
     */
    private static Specimen scaled(Specimen specimen) {
        return new Specimen(
                specimen.name(),
                specimen.shape(),
                specimen.inputType(),
                () -> {
                    ComputationGraph model =
                            (ComputationGraph) specimen.builder().build();
                    model.paramTable().forEach((name, weights) -> {
                        if (name.endsWith("_W") && weights.rank() == 4) {
                            double fanIn = weights.length() / (double) weights.size(0);
                            weights.divi(weights.stdNumber().doubleValue() * Math.sqrt(fanIn));
                        }
                    });
                    return model;
                },
                specimen.labels());
    }

    private static Specimen series(String name, int batch) {
        return new Specimen(
                name,
                new int[] {batch, CLASSES, TIME_STEPS},
                InputType.recurrent(CLASSES, TIME_STEPS, RNNFormat.NCW),
                () -> TextGenerationLSTM.builder()
                        .totalUniqueCharacters(CLASSES)
                        .inputShape(new int[] {TIME_STEPS, CLASSES})
                        .build()
                        .init(),
                features -> {
                    INDArray labels = Nd4j.zeros(DataType.FLOAT, batch, CLASSES, TIME_STEPS);
                    for (int i = 0; i < batch; i++) {
                        for (int t = 0; t < TIME_STEPS; t++) {
                            labels.putScalar(new int[] {i, (i + t) % CLASSES, t}, 1);
                        }
                    }
                    return labels;
                });
    }

    /** A functional model of Keras 2, channels last; weights are random, because only the configuration is imported. */
    private static Specimen keras(String name, int batch, int side) {
        return new Specimen(
                name,
                new int[] {batch, side, side, 3},
                InputType.convolutional(side, side, 3, CNN2DFormat.NHWC),
                () -> {
                    ComputationGraphConfiguration configuration = new KerasModel()
                            .modelBuilder()
                            .modelJson(resource("/keras-functional.json"))
                            .trainingJson(resource("/keras-training.json"))
                            .enforceTrainingConfig(true)
                            .buildModel()
                            .getComputationGraphConfiguration();
                    withoutIneffectiveDropout(configuration);
                    ComputationGraph model = new ComputationGraph(configuration);
                    model.init();
                    return model;
                },
                Specimens::oneHot);
    }

    /**
     * The import gives every layer a dropout that keeps everything, with which Deeplearning4j cannot train convolutions whose
     * channels come last: it multiplies by a mask of the other format.
     */
    private static void withoutIneffectiveDropout(ComputationGraphConfiguration configuration) {
        for (GraphVertex vertex : configuration.getVertices().values()) {
            if (vertex instanceof LayerVertex layer
                    && layer.getLayerConf().getLayer().getIDropout() instanceof Dropout dropout
                    && dropout.getP() == 1) {
                layer.getLayerConf().getLayer().setIDropout(null);
            }
        }
    }

    private static INDArray oneHot(INDArray features) {
        INDArray labels = Nd4j.zeros(DataType.FLOAT, features.size(0), CLASSES);
        for (int i = 0; i < features.size(0); i++) {
            labels.putScalar(new int[] {i, (3 * i + 1) % CLASSES}, 1);
        }
        return labels;
    }

    private static String resource(String name) throws IOException {
        try (InputStream in = Specimens.class.getResourceAsStream(name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
