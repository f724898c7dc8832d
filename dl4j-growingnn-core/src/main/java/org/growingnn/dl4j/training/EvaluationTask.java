package org.growingnn.dl4j.training;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.NotSerializableException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalDouble;
import org.growingnn.dl4j.adapter.NetworkBytes;
import org.growingnn.dl4j.graph.ContentHash;
import org.growingnn.dl4j.graph.Cost;
import org.growingnn.dl4j.graph.Costs;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.metric.Metric;
import org.growingnn.dl4j.metric.Reading;
import org.growingnn.dl4j.score.Score;
import org.growingnn.dl4j.score.ScoreTerm;
import org.growingnn.dl4j.search.Cancellation;
import org.growingnn.dl4j.search.CancelledException;
import org.growingnn.dl4j.search.Evaluation;
import org.growingnn.dl4j.search.Evaluator;
import org.growingnn.dl4j.search.Failure;
import org.growingnn.dl4j.search.Grade;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The evaluation of candidates as a function from bytes to bytes, for executors that evaluate in other processes. It gives bit for bit what
 * the evaluator itself gives, where ND4J computes with as many threads on the same kind of processor.
 *
 * <pre>
 * here   EvaluationTask.of(evaluator).toBytes()      once for all candidates of a search
 * there  task = EvaluationTask.fromBytes(bytes)
 * here   request = EvaluationTask.evaluation(candidate, seed)
 * there  answer = task.answer(request, cancellation)
 * here   EvaluationTask.evaluated(candidate, answer)
 * </pre>
 *
 * <p>Both sides need the same classes. Metrics, score terms and schedules are serialised as Java objects: bytes must come from whom one
 * would run code of.
 */
public final class EvaluationTask {

    private enum Request {
        EVALUATION,
        PREVIEW,
        IDENTITY
    }

    private enum Answer {
        /** A grade with what training has changed. */
        TRAINED,
        /** A grade of the candidate as it was. */
        UNTRAINED,
        FAILURE,
        PREVIEW,
        IDENTITY
    }

    private final CandidateEvaluator evaluator;

    private EvaluationTask(CandidateEvaluator evaluator) {
        this.evaluator = evaluator;
    }

    /**
     * Takes an evaluator.
     *
     * @param evaluator grades candidates
     * @return the same as a task
     * @throws IllegalArgumentException if it is no {@link CandidateEvaluator}
     */
    public static EvaluationTask of(Evaluator evaluator) {
        Objects.requireNonNull(evaluator, "evaluator");
        if (!(evaluator instanceof CandidateEvaluator known)) {
            throw new IllegalArgumentException("The evaluator (" + evaluator
                    + ") cannot be taken to another process: it is code of the program's own rather than a CandidateEvaluator.\n"
                    + "Maybe evaluate in threads of this process?");
        }
        return new EvaluationTask(known);
    }

    /**
     * Gives a task that takes a fraction of the time and uses the same parts of the libraries: it trains with one batch. Answers of two
     * processes to the same request, trained parameters included, then tell whether both compute the same bits.
     *
     * @return the short task, with trained networks in its answers
     */
    public EvaluationTask brief() {
        return new EvaluationTask(new CandidateEvaluator(evaluator.definition().brief(), true));
    }

    /**
     * Writes what all candidates have in common: the simulation set, settings, score, metric, learning rates, and what ND4J's arrays are
     * made of unless something else is said.
     *
     * @return bytes that {@link #fromBytes} reads
     * @throws IllegalArgumentException if the metric, a score term or the schedule cannot be serialised, with its name and the reason
     */
    public byte[] toBytes() {
        CandidateEvaluator.Definition definition = evaluator.definition();
        return bytes(out -> {
            out.writeUTF(Nd4j.dataType().name());
            out.writeUTF(Nd4j.defaultFloatingPointType().name());
            // What must be refused comes before what is large.
            writeScore(definition.score(), out);
            writeObject("metric '" + definition.metric().name() + "'", definition.metric(), out);
            writeObject("reading of the metric", definition.reference(), out);
            writeObject("learning-rate schedule (" + definition.schedule() + ")", definition.schedule(), out);
            writeSettings(definition.settings(), out);
            out.writeInt(definition.initialCosts().known().size());
            for (Map.Entry<Cost, Long> cost : definition.initialCosts().known().entrySet()) {
                out.writeUTF(cost.getKey().name());
                out.writeLong(cost.getValue());
            }
            out.writeDouble(definition.learningRate().orElse(Double.NaN));
            out.writeBoolean(evaluator.keepsTrained());
            writeSet(definition.set(), out);
        });
    }

    /**
     * Reads a task, and has ND4J make arrays of the type that they are of in the process that wrote it.
     *
     * @param bytes what {@link #toBytes} wrote in another process
     * @return the task
     * @throws IllegalArgumentException if it cannot be read, for example because a class is missing here
     */
    public static EvaluationTask fromBytes(byte[] bytes) {
        return read(bytes, in -> {
            Nd4j.setDefaultDataTypes(DataType.valueOf(in.readUTF()), DataType.valueOf(in.readUTF()));
            Score score = readScore(in);
            Metric metric = readObject(in, Metric.class);
            Reading reference = readObject(in, Reading.class);
            LearningRateSchedule schedule = readObject(in, LearningRateSchedule.class);
            SimulationSettings settings =
                    new SimulationSettings(in.readInt(), in.readDouble(), in.readInt(), in.readInt());
            Map<Cost, Long> costs = new EnumMap<>(Cost.class);
            for (int left = in.readInt(); left > 0; left--) {
                costs.put(Cost.valueOf(in.readUTF()), in.readLong());
            }
            double rate = in.readDouble();
            OptionalDouble learningRate = Double.isNaN(rate) ? OptionalDouble.empty() : OptionalDouble.of(rate);
            boolean keepsTrained = in.readBoolean();
            SimulationSet set = readSet(in);
            return new EvaluationTask(new CandidateEvaluator(
                    new CandidateEvaluator.Definition(
                            set, settings, score, new Costs(costs), learningRate, metric, reference, schedule),
                    keepsTrained));
        });
    }

    /**
     * Asks for {@link Evaluator#evaluate}.
     *
     * @param candidate the network, which must be {@linkplain NetworkBytes#requirePortable portable}
     * @param seed what all randomness derives from
     * @return the request
     */
    public static byte[] evaluation(NetworkGraph candidate, long seed) {
        return bytes(out -> {
            out.writeByte(Request.EVALUATION.ordinal());
            out.writeLong(seed);
            NetworkBytes.write(candidate, out);
        });
    }

    /**
     * Asks for {@link Evaluator#preview}.
     *
     * @param candidate the network, which must be {@linkplain NetworkBytes#requirePortable portable}
     * @return the request
     */
    public static byte[] preview(NetworkGraph candidate) {
        return bytes(out -> {
            out.writeByte(Request.PREVIEW.ordinal());
            NetworkBytes.write(candidate, out);
        });
    }

    /**
     * Asks what a network is on the other side.
     *
     * @param network any network
     * @return the request
     */
    public static byte[] identity(NetworkGraph network) {
        return bytes(out -> {
            out.writeByte(Request.IDENTITY.ordinal());
            NetworkBytes.write(network, out);
        });
    }

    /**
     * Does what is asked for. What the evaluator throws, an exhausted memory included, becomes a failure in the answer.
     *
     * @param request what {@link #evaluation}, {@link #preview} or {@link #identity} made
     * @param cancellation looked at before every training step
     * @return the answer
     * @throws CancelledException if asked to end
     * @throws IllegalArgumentException if the request cannot be read
     */
    public byte[] answer(byte[] request, Cancellation cancellation) {
        return read(request, in -> {
            Request kind = Request.values()[in.readByte()];
            long seed = kind == Request.EVALUATION ? in.readLong() : 0;
            try {
                NetworkGraph network = NetworkBytes.read(in);
                return switch (kind) {
                    case EVALUATION -> answer(network, evaluator.evaluate(network, seed, cancellation));
                    case PREVIEW -> answer(evaluator.preview(network, cancellation));
                    case IDENTITY ->
                        bytes(out -> {
                            out.writeByte(Answer.IDENTITY.ordinal());
                            out.writeUTF(ContentHash.of(network).toString());
                        });
                };
            } catch (RuntimeException | OutOfMemoryError e) {
                if (e instanceof CancelledException && cancellation.requested()) {
                    throw e;
                }
                return answer(Failure.of(e));
            }
        });
    }

    private static byte[] answer(NetworkGraph candidate, Evaluation evaluation) {
        if (evaluation instanceof Failure failure) {
            return answer(failure);
        }
        Grade grade = (Grade) evaluation;
        boolean trained = grade.trained() != candidate;
        return bytes(out -> {
            out.writeByte((trained ? Answer.TRAINED : Answer.UNTRAINED).ordinal());
            out.writeDouble(grade.score());
            out.writeDouble(grade.standardError());
            if (trained) {
                NetworkBytes.writeTraining(grade.trained(), out);
            }
        });
    }

    private static byte[] answer(OptionalDouble preview) {
        return bytes(out -> {
            out.writeByte(Answer.PREVIEW.ordinal());
            out.writeBoolean(preview.isPresent());
            out.writeDouble(preview.orElse(0));
        });
    }

    private static byte[] answer(Failure failure) {
        return bytes(out -> {
            out.writeByte(Answer.FAILURE.ordinal());
            byte[] reason = failure.reason().getBytes(StandardCharsets.UTF_8);
            out.writeInt(reason.length);
            out.write(reason);
        });
    }

    /**
     * Reads the answer to {@link #evaluation}.
     *
     * @param candidate the network that was asked about
     * @param answer the answer
     * @return the grade with the candidate as it was trained there, with its own calibration; or why there is none
     */
    public static Evaluation evaluated(NetworkGraph candidate, byte[] answer) {
        return read(answer, in -> {
            Answer kind = Answer.values()[in.readByte()];
            if (kind == Answer.FAILURE) {
                return readFailure(in);
            }
            require(kind == Answer.TRAINED || kind == Answer.UNTRAINED, kind);
            return new Grade(
                    in.readDouble(),
                    in.readDouble(),
                    kind == Answer.TRAINED ? NetworkBytes.readTraining(candidate, in) : candidate);
        });
    }

    /**
     * Reads the answer to {@link #preview}.
     *
     * @param answer the answer
     * @return the grade without training; empty if there is none
     * @throws IllegalStateException if the preview failed, with the reason
     */
    public static OptionalDouble previewed(byte[] answer) {
        return read(answer, in -> {
            requireAnswer(Answer.PREVIEW, in);
            boolean present = in.readBoolean();
            return present ? OptionalDouble.of(in.readDouble()) : OptionalDouble.empty();
        });
    }

    /**
     * Insists that a network is the same on the other side.
     *
     * @param network the network that was asked about
     * @param answer the answer to {@link #identity}
     * @throws IllegalStateException if it could not be read there, or is another one, with the reason
     */
    public static void requireSame(NetworkGraph network, byte[] answer) {
        read(answer, in -> {
            requireAnswer(Answer.IDENTITY, in);
            if (!in.readUTF().equals(ContentHash.of(network).toString())) {
                throw new IllegalStateException("The network is another one in the other process.\n"
                        + "Maybe a layer of the program's own has a field that its JSON form leaves out?");
            }
            return true;
        });
    }

    private static void requireAnswer(Answer wanted, DataInputStream in) throws IOException {
        Answer kind = Answer.values()[in.readByte()];
        if (kind == Answer.FAILURE) {
            throw new IllegalStateException(readFailure(in).reason());
        }
        require(kind == wanted, kind);
    }

    private static void require(boolean expected, Answer kind) {
        if (!expected) {
            throw new IllegalArgumentException("This is the answer to another request: " + kind);
        }
    }

    private static Failure readFailure(DataInputStream in) throws IOException {
        return new Failure(new String(in.readNBytes(in.readInt()), StandardCharsets.UTF_8));
    }

    private static void writeSettings(SimulationSettings settings, DataOutputStream out) throws IOException {
        out.writeInt(settings.samples());
        out.writeDouble(settings.gradingShare());
        out.writeInt(settings.epochs());
        out.writeInt(settings.batchSize());
    }

    private static void writeScore(Score score, DataOutputStream out) throws IOException {
        out.writeInt(score.terms().size());
        for (Score.Weighted weighted : score.terms()) {
            writeObject("score term '" + weighted.term().name() + "'", weighted.term(), out);
            out.writeDouble(weighted.weight());
        }
    }

    private static Score readScore(DataInputStream in) throws IOException {
        List<Score.Weighted> terms = new ArrayList<>();
        for (int left = in.readInt(); left > 0; left--) {
            terms.add(new Score.Weighted(readObject(in, ScoreTerm.class), in.readDouble()));
        }
        return new Score(terms);
    }

    private static void writeObject(String what, Object object, DataOutputStream out) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream objects = new ObjectOutputStream(bytes)) {
            objects.writeObject(object);
        } catch (NotSerializableException e) {
            throw new IllegalArgumentException(
                    "The " + what + " cannot be taken to another process: it holds an object of the class "
                            + e.getMessage() + ", which is not Serializable.\n"
                            + "Maybe make it so, or evaluate in threads of this process?",
                    e);
        }
        out.writeInt(bytes.size());
        bytes.writeTo(out);
    }

    private static <T> T readObject(DataInputStream in, Class<T> type) throws IOException {
        try (ObjectInputStream objects = new ObjectInputStream(new ByteArrayInputStream(in.readNBytes(in.readInt())))) {
            return type.cast(objects.readObject());
        } catch (ClassNotFoundException e) {
            throw new IllegalArgumentException("The class " + e.getMessage() + " is missing in this process.", e);
        }
    }

    /** Batches of which training and grading share the same array objects are written once. */
    private static void writeSet(SimulationSet set, DataOutputStream out) throws IOException {
        Map<MultiDataSet, Integer> numbers = new IdentityHashMap<>();
        List<MultiDataSet> batches = new ArrayList<>();
        for (List<MultiDataSet> part : List.of(set.training(), set.grading())) {
            for (MultiDataSet batch : part) {
                if (numbers.putIfAbsent(batch, batches.size()) == null) {
                    batches.add(batch);
                }
            }
        }
        out.writeBoolean(set.unseen());
        out.writeInt(batches.size());
        for (MultiDataSet batch : batches) {
            writeArrays(batch.getFeatures(), out);
            writeArrays(batch.getLabels(), out);
            writeArrays(batch.getFeaturesMaskArrays(), out);
            writeArrays(batch.getLabelsMaskArrays(), out);
        }
        for (List<MultiDataSet> part : List.of(set.training(), set.grading())) {
            out.writeInt(part.size());
            for (MultiDataSet batch : part) {
                out.writeInt(numbers.get(batch));
            }
        }
    }

    private static SimulationSet readSet(DataInputStream in) throws IOException {
        boolean unseen = in.readBoolean();
        MultiDataSet[] batches = new MultiDataSet[in.readInt()];
        for (int i = 0; i < batches.length; i++) {
            batches[i] = new org.nd4j.linalg.dataset.MultiDataSet(
                    readArrays(in), readArrays(in), readArrays(in), readArrays(in));
        }
        return new SimulationSet(readPart(batches, in), readPart(batches, in), unseen);
    }

    private static List<MultiDataSet> readPart(MultiDataSet[] batches, DataInputStream in) throws IOException {
        MultiDataSet[] part = new MultiDataSet[in.readInt()];
        for (int i = 0; i < part.length; i++) {
            part[i] = batches[in.readInt()];
        }
        return Arrays.asList(part);
    }

    /** Strides, of arrays that are no parts of others, and types survive: they decide how ND4J multiplies. */
    private static void writeArrays(INDArray[] arrays, DataOutputStream out) throws IOException {
        out.writeInt(arrays == null ? -1 : arrays.length);
        if (arrays != null) {
            for (INDArray array : arrays) {
                out.writeBoolean(array != null);
                if (array != null) {
                    Nd4j.write(array, out);
                }
            }
        }
    }

    private static INDArray[] readArrays(DataInputStream in) throws IOException {
        int length = in.readInt();
        if (length < 0) {
            return null;
        }
        INDArray[] arrays = new INDArray[length];
        for (int i = 0; i < length; i++) {
            arrays[i] = in.readBoolean() ? Nd4j.read(in) : null;
        }
        return arrays;
    }

    private interface Writer {
        void write(DataOutputStream out) throws IOException;
    }

    private interface Reader<T> {
        T read(DataInputStream in) throws IOException;
    }

    private static byte[] bytes(Writer writer) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try {
            writer.write(new DataOutputStream(bytes));
        } catch (IOException e) {
            throw new UncheckedIOException("An object cannot be serialised.", e);
        }
        return bytes.toByteArray();
    }

    private static <T> T read(byte[] bytes, Reader<T> reader) {
        try {
            return reader.read(new DataInputStream(new ByteArrayInputStream(bytes)));
        } catch (IOException e) {
            throw new IllegalArgumentException("What came from another process cannot be read: " + e, e);
        }
    }
}
