package org.growingnn.dl4j.adapter;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.ComposableInputPreProcessor;
import org.growingnn.dl4j.graph.Block;
import org.growingnn.dl4j.graph.Layout;
import org.growingnn.dl4j.graph.Operation;
import org.growingnn.dl4j.graph.Propagation;
import org.growingnn.dl4j.graph.Signal;
import org.growingnn.dl4j.graph.Vertex;

/** Preprocessors one behind the other. */
final class ComposableAdapter implements ConfigurationAdapter<ComposableInputPreProcessor> {

    /** Identifies the space of a block that one of the parts has made itself, which therefore keeps its length. */
    private static final int OWN = -1;

    private final Supplier<AdapterRegistry> adapters;

    ComposableAdapter(Supplier<AdapterRegistry> adapters) {
        this.adapters = adapters;
    }

    @Override
    public ComposableAdapter within(AdapterRegistry registry) {
        return new ComposableAdapter(() -> registry);
    }

    private ConfigurationAdapter<InputPreProcessor> adapter(InputPreProcessor part) {
        return adapters.get().of(part);
    }

    @Override
    public Class<ComposableInputPreProcessor> type() {
        return ComposableInputPreProcessor.class;
    }

    @Override
    public Signal propagate(ComposableInputPreProcessor composition, Propagation p) {
        Signal signal = p.input();
        for (InputPreProcessor part : composition.getInputPreProcessors()) {
            signal = adapter(part).propagate(part, p.behind(signal));
        }
        return signal;
    }

    @Override
    public Optional<InputHint> expectedInput(ComposableInputPreProcessor composition, Optional<InputHint> behind) {
        InputPreProcessor[] parts = composition.getInputPreProcessors();
        Optional<InputHint> taken = behind;
        for (int i = parts.length - 1; i >= 0; i--) {
            taken = adapter(parts[i]).expectedInput(parts[i], taken);
        }
        return taken;
    }

    @Override
    public ComposableInputPreProcessor withWidths(ComposableInputPreProcessor composition, Widths widths) {
        InputPreProcessor[] parts = composition.getInputPreProcessors();
        Signal signal = widths.inputs().get(0);
        for (int i = 0; i < parts.length; i++) {
            Signal arriving = signal;
            parts[i] = adapter(parts[i]).withWidths(parts[i], new Widths(List.of(arriving), Map.of()));
            signal = leaving(parts[i], arriving);
        }
        return new ComposableInputPreProcessor(parts);
    }

    /** What leaves a part outside of any network; blocks keep the spaces that they had when they arrived. */
    private Signal leaving(InputPreProcessor part, Signal arriving) {
        Operation operation = VertexOperation.ofPreprocessor(adapters.get(), part);
        Signal leaving = operation.propagate(
                Propagation.rehearsal(new Vertex("", List.of("in"), operation, Map.of()), List.of(arriving)));
        List<Block> blocks = arriving.units().blocks();
        return leaving.withUnits(new Layout(leaving.units().blocks().stream()
                .map(b -> new Block(
                        b.space() < blocks.size() ? blocks.get(b.space()).space() : OWN, b.size(), b.inner()))
                .toList()));
    }

    @Override
    public ComposableInputPreProcessor resized(
            ComposableInputPreProcessor composition, List<Signal> inputs, ToLongFunction<Block> lengths) {
        InputPreProcessor[] parts = composition.getInputPreProcessors().clone();
        Signal signal = inputs.get(0);
        boolean changed = false;
        ToLongFunction<Block> after = block -> block.space() == OWN ? block.length() : lengths.applyAsLong(block);
        for (int i = 0; i < parts.length; i++) {
            InputPreProcessor part = adapter(parts[i]).resized(parts[i], List.of(signal), after);
            changed |= part != parts[i];
            signal = leaving(parts[i], signal);
            parts[i] = part;
        }
        return changed ? new ComposableInputPreProcessor(parts) : composition;
    }
}
