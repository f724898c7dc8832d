package org.growingnn.dl4j.adapter;

import java.util.List;
import java.util.Map;
import java.util.function.ToLongFunction;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.ComposableInputPreProcessor;
import org.growingnn.dl4j.graph.Block;
import org.growingnn.dl4j.graph.Operation;
import org.growingnn.dl4j.graph.Propagation;
import org.growingnn.dl4j.graph.Signal;
import org.growingnn.dl4j.graph.Vertex;

/** Preprocessors one behind the other. */
final class ComposableAdapter implements ConfigurationAdapter<ComposableInputPreProcessor> {

    @Override
    public Class<ComposableInputPreProcessor> type() {
        return ComposableInputPreProcessor.class;
    }

    @Override
    public Signal propagate(ComposableInputPreProcessor composition, Propagation p) {
        Signal signal = p.input();
        for (InputPreProcessor part : composition.getInputPreProcessors()) {
            signal = AdapterRegistry.propagate(part, p.behind(signal));
        }
        return signal;
    }

    @Override
    public ComposableInputPreProcessor withWidths(ComposableInputPreProcessor composition, Widths widths) {
        InputPreProcessor[] parts = composition.getInputPreProcessors();
        Signal signal = widths.inputs().get(0);
        for (int i = 0; i < parts.length; i++) {
            Signal arriving = signal;
            parts[i] = AdapterRegistry.withWidths(parts[i], new Widths(List.of(arriving), Map.of()));
            signal = leaving(parts[i], arriving);
        }
        return new ComposableInputPreProcessor(parts);
    }

    /** Only widths and extents of the result count here, so that it need not belong to any network. */
    private static Signal leaving(InputPreProcessor part, Signal arriving) {
        Operation operation = VertexOperation.ofPreprocessor(part);
        return operation.propagate(
                Propagation.rehearsal(new Vertex("", List.of("in"), operation, Map.of()), List.of(arriving)));
    }

    @Override
    public ComposableInputPreProcessor resized(
            ComposableInputPreProcessor composition, List<Signal> inputs, ToLongFunction<Block> lengths) {
        InputPreProcessor[] parts = composition.getInputPreProcessors().clone();
        Signal signal = inputs.get(0);
        boolean changed = false;
        for (int i = 0; i < parts.length; i++) {
            InputPreProcessor part = AdapterRegistry.resized(parts[i], List.of(signal), lengths);
            changed |= part != parts[i];
            signal = leaving(parts[i], signal);
            parts[i] = part;
        }
        return changed ? new ComposableInputPreProcessor(parts) : composition;
    }
}
