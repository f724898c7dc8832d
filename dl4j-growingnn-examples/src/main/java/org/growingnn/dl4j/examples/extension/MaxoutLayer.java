package org.growingnn.dl4j.examples.extension;

import java.util.Map;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.samediff.SDLayerParams;
import org.deeplearning4j.nn.conf.layers.samediff.SameDiffLayer;
import org.deeplearning4j.nn.weights.WeightInit;
import org.deeplearning4j.nn.weights.WeightInitUtil;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A layer that Deeplearning4j does not have: each unit is the largest of several linear pieces (Goodfellow et al. 2013).
 * {@code W [nIn, pieces · nOut]} and {@code b [pieces · nOut]} hold all units' first pieces, then all second ones, and so on.
 */
public final class MaxoutLayer extends SameDiffLayer {

    static final String WEIGHT = "W";
    static final String BIAS = "b";

    private long inputs;
    private long units;
    private int pieces;

    /** For Deeplearning4j, which reads the layer from JSON. */
    public MaxoutLayer() {}

    /**
     * Makes a layer.
     *
     * @param units number of units, ≥ 1
     * @param pieces number of linear pieces of each, ≥ 2
     */
    public MaxoutLayer(long units, int pieces) {
        this.units = units;
        this.pieces = pieces;
    }

    /**
     * Gives the number of arriving units.
     *
     * @return the number
     */
    public long getInputs() {
        return inputs;
    }

    /**
     * Changes the number of arriving units.
     *
     * @param inputs the number
     */
    public void setInputs(long inputs) {
        this.inputs = inputs;
    }

    /**
     * Gives the number of units.
     *
     * @return the number
     */
    public long getUnits() {
        return units;
    }

    /**
     * Changes the number of units.
     *
     * @param units the number
     */
    public void setUnits(long units) {
        this.units = units;
    }

    /**
     * Gives the number of linear pieces of each unit.
     *
     * @return the number
     */
    public int getPieces() {
        return pieces;
    }

    /**
     * Changes the number of linear pieces.
     *
     * @param pieces the number
     */
    public void setPieces(int pieces) {
        this.pieces = pieces;
    }

    @Override
    public InputType getOutputType(int layerIndex, InputType inputType) {
        return InputType.feedForward(units);
    }

    @Override
    public void setNIn(InputType inputType, boolean override) {
        if (inputs <= 0 || override) {
            inputs = inputType.arrayElementsPerExample();
        }
    }

    @Override
    public void defineParameters(SDLayerParams params) {
        params.clear();
        params.addWeightParam(WEIGHT, inputs, pieces * units);
        params.addBiasParam(BIAS, pieces * units);
    }

    @Override
    public void initializeParameters(Map<String, INDArray> params) {
        params.get(BIAS).assign(0);
        INDArray weight = params.get(WEIGHT);
        WeightInitUtil.initWeights(inputs, units, weight.shape(), WeightInit.XAVIER, null, 'c', weight);
    }

    @Override
    public SDVariable defineLayer(
            SameDiff sameDiff, SDVariable layerInput, Map<String, SDVariable> paramTable, SDVariable mask) {
        return layerInput
                .mmul(paramTable.get(WEIGHT))
                .add(paramTable.get(BIAS))
                .reshape(-1, pieces, units)
                .max(1);
    }
}
