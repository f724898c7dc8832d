package org.growingnn.dl4j.benchmarks.jmh;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.growingnn.dl4j.Dl4jGraphs;
import org.growingnn.dl4j.action.Actions;
import org.growingnn.dl4j.action.StructuralAction;
import org.growingnn.dl4j.adapter.ModelWriter;
import org.growingnn.dl4j.data.TrainingData;
import org.growingnn.dl4j.graph.Axis;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.graph.UnitSpace;
import org.growingnn.dl4j.graph.Vertex;
import org.growingnn.dl4j.projection.Projection;
import org.growingnn.dl4j.projection.Projections;
import org.growingnn.dl4j.projection.Refit;
import org.growingnn.dl4j.projection.Resizer;
import org.growingnn.dl4j.projection.UnitMap;
import org.growingnn.dl4j.training.Calibrator;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** Everything that making a candidate takes, step by step. Half of the units of one space are removed. */
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class CandidateBenchmark {

    /** Made by JMH. */
    public CandidateBenchmark() {}

    /** A model, and the network that was read from it. */
    @State(Scope.Benchmark)
    public static class Original {

        /** Which one. */
        @Param({"MLP", "LENET", "RESNET50"})
        public Subject subject;

        /** Whether the optimiser has state. */
        @Param({"false", "true"})
        public boolean state;

        ComputationGraph model;
        NetworkGraph network;
        UnitSpace space;
        Projection projection;
        StructuralAction action;
        UnitMap map;

        private ComputationGraph made;

        /** Made by JMH. */
        public Original() {}

        /** Builds the model. */
        @Setup
        public void build() {
            model = subject.model(state);
            network = Dl4jGraphs.read(model);
            space = network.space(subject.producer());
            projection = Projections.pseudoInverse();
            action = Actions.removeNeurons(space, 0.5);
            map = halved(space);
        }

        /** Frees the native arrays of what was made, which the garbage collector would do some time; not measured. */
        @TearDown(Level.Invocation)
        public void release() {
            if (made != null) {
                ModelWriter.release(made);
                made = null;
            }
        }

        ComputationGraph released(ComputationGraph model) {
            made = model;
            return model;
        }
    }

    /** A network that was calibrated, and what is left of it before its weights are refitted. */
    @State(Scope.Benchmark)
    public static class Reduced {

        NetworkGraph calibrated;
        NetworkGraph reduced;
        Map<String, UnitMap> maps;

        /** Made by JMH. */
        public Reduced() {}

        /**
         * Calibrates and reduces.
         *
         * @param original what to reduce
         */
        @Setup
        public void build(Original original) {
            calibrated = new Calibrator(1)
                    .momentsOnly()
                    .calibrate(
                            original.network,
                            TrainingData.of(List.of(original.subject.examples(8).toMultiDataSet())));
            maps = Map.of(original.space.name(), original.map);
            reduced = Resizer.resize(calibrated, maps, false);
        }
    }

    private static UnitMap halved(UnitSpace space) {
        int size = Math.toIntExact(space.size());
        return UnitMap.selection(
                size, IntStream.range(0, size / 2).map(i -> 2 * i).toArray());
    }

    /**
     * Deeplearning4j's own copy, which everything else is compared with.
     *
     * @param original what to copy
     * @return the copy
     */
    @Benchmark
    public ComputationGraph clone(Original original) {
        return original.released(original.model.clone());
    }

    /**
     * Reads a model.
     *
     * @param original what to read
     * @return the network
     */
    @Benchmark
    public NetworkGraph read(Original original) {
        return Dl4jGraphs.read(original.model);
    }

    /**
     * Writes a network as it is.
     *
     * @param original what to write
     * @return the model
     */
    @Benchmark
    public ComputationGraph write(Original original) {
        return original.released(Dl4jGraphs.toComputationGraph(original.network));
    }

    /**
     * Finds the axes that a space indexes.
     *
     * @param original whose space
     * @return the axes
     */
    @Benchmark
    public List<Axis> plan(Original original) {
        NetworkGraph network = original.network;
        List<Axis> touched = new ArrayList<>();
        for (Vertex vertex : network.vertices()) {
            network.axes(vertex.name())
                    .values()
                    .forEach(axes -> axes.stream()
                            .filter(axis -> axis.layout().blocks().stream()
                                    .anyMatch(block -> network.space(block).equals(original.space)))
                            .forEach(touched::add));
        }
        return touched;
    }

    /**
     * Finds matrices.
     *
     * @param original whose space
     * @return the matrices
     */
    @Benchmark
    public UnitMap project(Original original) {
        return original.projection.map(original.network, original.space, Math.toIntExact(original.space.size() / 2));
    }

    /**
     * Resizes a space, given matrices.
     *
     * @param original whose space
     * @return the reduced network
     */
    @Benchmark
    public NetworkGraph resize(Original original) {
        return Resizer.resize(original.network, original.space, original.map);
    }

    /**
     * Resizes a space, given matrices, and builds a model that runs.
     *
     * @param original whose space
     * @return the reduced model
     */
    @Benchmark
    public ComputationGraph resizeAndWrite(Original original) {
        return original.released(
                Dl4jGraphs.toComputationGraph(Resizer.resize(original.network, original.space, original.map)));
    }

    /**
     * Makes a candidate of a search: finds matrices, resizes a space and builds a model that runs.
     *
     * @param original what to start from
     * @return the reduced model
     */
    @Benchmark
    public ComputationGraph candidate(Original original) {
        return original.released(
                Dl4jGraphs.toComputationGraph(original.action.apply(original.network, original.projection)));
    }

    /**
     * Refits what consumes the reduced units.
     *
     * @param reduced what to refit
     * @return the refitted network
     */
    @Benchmark
    public NetworkGraph refit(Reduced reduced) {
        return Refit.consumers(reduced.calibrated, reduced.reduced, reduced.maps);
    }
}
