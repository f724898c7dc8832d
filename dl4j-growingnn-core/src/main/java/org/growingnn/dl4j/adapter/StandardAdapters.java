package org.growingnn.dl4j.adapter;

import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.graph.ScaleVertex;
import org.deeplearning4j.nn.conf.graph.ShiftVertex;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.CnnLossLayer;
import org.deeplearning4j.nn.conf.layers.Convolution1D;
import org.deeplearning4j.nn.conf.layers.Convolution1DLayer;
import org.deeplearning4j.nn.conf.layers.Convolution2D;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.LossLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.Pooling1D;
import org.deeplearning4j.nn.conf.layers.Pooling2D;
import org.deeplearning4j.nn.conf.layers.RnnLossLayer;
import org.deeplearning4j.nn.conf.layers.Subsampling1DLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.conf.layers.ZeroPadding1DLayer;
import org.deeplearning4j.nn.conf.layers.ZeroPaddingLayer;

/** The adapters that come with the library. */
final class StandardAdapters implements AdapterProvider {

    @Override
    public Stream<ConfigurationAdapter<?>> adapters() {
        return Stream.of(
                new DenseAdapter<>(DenseLayer.class),
                new DenseAdapter<>(OutputLayer.class),
                new ConvolutionAdapter<>(ConvolutionLayer.class),
                new ConvolutionAdapter<>(Convolution2D.class),
                new Convolution1DAdapter<>(Convolution1DLayer.class),
                new Convolution1DAdapter<>(Convolution1D.class),
                new BatchNormalizationAdapter(),
                new GlobalPoolingAdapter(),
                new ResamplingAdapter<>(SubsamplingLayer.class),
                new ResamplingAdapter<>(Pooling2D.class),
                new ResamplingAdapter<>(Subsampling1DLayer.class),
                new ResamplingAdapter<>(Pooling1D.class),
                new ResamplingAdapter<>(ZeroPaddingLayer.class),
                new ResamplingAdapter<>(ZeroPadding1DLayer.class),
                new UnitwiseAdapter<>(ActivationLayer.class),
                new UnitwiseAdapter<>(DropoutLayer.class),
                new UnitwiseAdapter<>(LossLayer.class),
                new UnitwiseAdapter<>(CnnLossLayer.class),
                new UnitwiseAdapter<>(RnnLossLayer.class),
                new ResponseNormalizationAdapter(),
                new RnnToFeedForwardAdapter(),
                new FeedForwardToRnnAdapter(),
                new CnnToFeedForwardAdapter(),
                new FeedForwardToCnnAdapter(),
                new UnitwiseAdapter<>(ScaleVertex.class),
                new UnitwiseAdapter<>(ShiftVertex.class),
                new MergeAdapter(),
                new ElementWiseAdapter());
    }
}
