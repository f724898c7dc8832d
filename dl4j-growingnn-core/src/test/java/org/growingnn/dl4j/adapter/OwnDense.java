package org.growingnn.dl4j.adapter;

import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.samediff.SDLayerParams;
import org.deeplearning4j.nn.conf.layers.samediff.SameDiffLayer;
import org.growingnn.dl4j.graph.Axis;
import org.growingnn.dl4j.graph.Layout;
import org.growingnn.dl4j.graph.Propagation;
import org.growingnn.dl4j.graph.Signal;
import org.growingnn.dl4j.graph.Signal.Format;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A dense layer with rectifiers as a user would write it, which the library does not know. */
public final class OwnDense extends SameDiffLayer {

    private long inputs;
    private long units;

    /** For Deeplearning4j, which reads the layer from JSON. */
    public OwnDense() {}

    public OwnDense(long inputs, long units) {
        this.inputs = inputs;
        this.units = units;
    }

    public long getInputs() {
        return inputs;
    }

    public void setInputs(long inputs) {
        this.inputs = inputs;
    }

    public long getUnits() {
        return units;
    }

    public void setUnits(long units) {
        this.units = units;
    }

    @Override
    public InputType getOutputType(int layerIndex, InputType inputType) {
        return InputType.feedForward(units);
    }

    @Override
    public void setNIn(InputType inputType, boolean override) {
        inputs = inputType.arrayElementsPerExample();
    }

    @Override
    public void defineParameters(SDLayerParams params) {
        params.clear();
        params.addWeightParam("weights", inputs, units);
        params.addBiasParam("bias", units);
    }

    @Override
    public void initializeParameters(Map<String, INDArray> params) {
        params.values().forEach(array -> array.assign(0));
    }

    @Override
    public SDVariable defineLayer(
            SameDiff sameDiff, SDVariable layerInput, Map<String, SDVariable> parameters, SDVariable mask) {
        return sameDiff.nn.relu(layerInput.mmul(parameters.get("weights")).add(parameters.get("bias")), 0);
    }

    /** All that the library needs to know. */
    public static final class Adapter implements ConfigurationAdapter<OwnDense> {

        @Override
        public Class<OwnDense> type() {
            return OwnDense.class;
        }

        @Override
        public Signal propagate(OwnDense layer, Propagation p) {
            Layout out = p.produce(p.shape("weights")[1]);
            p.axes("weights", Axis.consumes(p.input().units()), Axis.produces(out));
            p.axes("bias", Axis.produces(out));
            return Signal.feedForward(out);
        }

        @Override
        public OwnDense withWidths(OwnDense copy, Widths widths) {
            copy.setInputs(widths.size("weights", 0));
            copy.setUnits(widths.size("weights", 1));
            copy.setLayerParams(null);
            return copy;
        }

        @Override
        public Optional<InputHint> expectedInput(OwnDense layer, Optional<InputHint> behind) {
            return Optional.of(InputHint.vectors(layer.getInputs()));
        }

        @Override
        public Optional<Weighing> weighing(OwnDense layer) {
            return Optional.of(Weighing.rows("weights", Format.CHANNELS_FIRST, false));
        }

        @Override
        public Set<Trait> traits(OwnDense layer) {
            return Set.of(Trait.NON_NEGATIVE);
        }
    }

    /** Contributes the adapter from a jar, whose service file names this class. */
    public static final class Provider implements AdapterProvider {

        @Override
        public Stream<ConfigurationAdapter<?>> adapters() {
            return Stream.of(new Adapter());
        }
    }
}
