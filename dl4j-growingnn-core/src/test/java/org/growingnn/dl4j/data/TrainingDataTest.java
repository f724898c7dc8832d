package org.growingnn.dl4j.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.deeplearning4j.datasets.iterator.ExistingDataSetIterator;
import org.deeplearning4j.datasets.iterator.IteratorMultiDataSetIterator;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.growingnn.dl4j.adapter.ModelReader;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.AsyncDataSetIterator;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.MultiDataSet;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;
import org.nd4j.linalg.factory.Nd4j;

class TrainingDataTest {

    private static final int BATCHES = 20;

    /** A batch of two examples whose features are its number. */
    private static DataSet batch(int number) {
        return new DataSet(Nd4j.valueArrayOf(new long[] {2, 1}, (double) number), Nd4j.eye(2));
    }

    private static List<DataSet> batches() {
        return IntStream.range(0, BATCHES).mapToObj(TrainingDataTest::batch).toList();
    }

    private static DataSetIterator iterator() {
        return new ExistingDataSetIterator(batches());
    }

    private static int number(MultiDataSet batch) {
        return batch.getFeatures(0).getInt(0, 0);
    }

    private static List<Integer> read(Iterator<MultiDataSet> reader, int count) {
        return IntStream.range(0, count).mapToObj(i -> number(reader.next())).toList();
    }

    private static List<Integer> read(Iterator<MultiDataSet> reader) {
        List<Integer> numbers = new ArrayList<>();
        reader.forEachRemaining(batch -> numbers.add(number(batch)));
        return numbers;
    }

    private static List<Integer> numbers(int from, int to) {
        return IntStream.range(from, to).map(i -> i % BATCHES).boxed().toList();
    }

    @Test
    void training_goes_on_where_it_was_whatever_else_reads_the_iterator_meanwhile() {
        TrainingData data = TrainingData.of(iterator());
        BatchStream training = data.stream(Position.START);
        List<Integer> seen = new ArrayList<>();
        for (int generation = 0; generation < 8; generation++) {
            seen.addAll(read(training, 3));
            Examples.sample(data, 10, 5, 1);
            assertThat(read(data.iterator(), 2)).containsExactly(0, 1);
        }
        assertThat(seen).isEqualTo(numbers(0, 24));
        assertThat(training.position()).isEqualTo(new Position(1, 4));
    }

    @Test
    void passes_may_be_read_in_turn() {
        TrainingData data = TrainingData.of(iterator());
        Iterator<MultiDataSet> one = data.iterator();
        // What counts is the iterator, not what reads it.
        DataSetIterator shared = iterator();
        Iterator<MultiDataSet> two = TrainingData.of(shared).iterator();
        Iterator<MultiDataSet> three = TrainingData.of(shared).iterator();
        for (int i = 0; i < BATCHES; i++) {
            assertThat(List.of(number(one.next()), number(two.next()), number(three.next())))
                    .containsExactly(i, i, i);
        }
        assertThat(two.hasNext()).isFalse();
        assertThat(three.hasNext()).isFalse();
    }

    @Test
    void a_position_says_where_to_go_on_with_equal_data() {
        BatchStream first = TrainingData.of(iterator()).stream(Position.START);
        assertThat(read(first, 33)).isEqualTo(numbers(0, 33));
        assertThat(read(TrainingData.of(iterator()).stream(first.position()), 17))
                .isEqualTo(read(first, 17))
                .isEqualTo(numbers(33, 50));
        assertThat(read(TrainingData.of(iterator()).stream(new Position(4, BATCHES)), 2))
                .as("the end of a pass")
                .containsExactly(0, 1);
        assertThat(read(TrainingData.of(iterator()).map(batch -> batch).stream(new Position(1, 7)), 2))
                .containsExactly(7, 8);
        assertThatIllegalArgumentException().isThrownBy(() -> new Position(0, -1));
    }

    @Test
    void an_order_in_memory_depends_on_the_pass_and_not_on_who_else_reads() {
        List<MultiDataSet> batches = new ArrayList<>();
        TrainingData.of(iterator()).forEach(batches::add);
        TrainingData quiet = Examples.reshuffled(batches, 2, 5);
        TrainingData busy = Examples.reshuffled(batches, 2, 5);
        BatchStream alone = quiet.stream(Position.START);
        BatchStream among = busy.stream(Position.START);
        List<Integer> order = new ArrayList<>();
        for (int i = 0; i < 3 * BATCHES; i++) {
            busy.iterator().next();
            MultiDataSet next = alone.next();
            assertThat(among.next()).isEqualTo(next);
            order.add(number(next));
        }
        assertThat(order.subList(0, BATCHES)).isNotEqualTo(order.subList(BATCHES, 2 * BATCHES));
        MultiDataSet later = quiet.stream(new Position(2, 3)).next();
        BatchStream counted = busy.stream(Position.START);
        IntStream.range(0, 2 * BATCHES + 3).forEach(i -> counted.next());
        assertThat(counted.position()).isEqualTo(new Position(2, 3));
        assertThat(counted.next()).isEqualTo(later);
    }

    @Test
    void the_orders_of_passes_that_follow_each_other_have_nothing_in_common() {
        INDArray numbers = Nd4j.arange(256).reshape(256, 1).castTo(Nd4j.dataType());
        TrainingData data =
                Examples.reshuffled(List.of(new org.nd4j.linalg.dataset.MultiDataSet(numbers, numbers)), 256, 5);
        int close = 0;
        int before = -100;
        for (int pass = 0; pass < 100; pass++) {
            int last = data.pass(pass, 0).next().getFeatures(0).getInt(255, 0);
            close += Math.abs(last - before) <= 2 ? 1 : 0;
            before = last;
        }
        // By chance, two are in 51.
        assertThat(close).as("last examples close to that of the pass before").isLessThan(10);
    }

    @Test
    void input_types_are_told_where_the_first_batch_fits_the_inputs_and_not_otherwise() {
        MultiLayerNetwork model = new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                .list()
                .layer(new DenseLayer.Builder().nIn(6).nOut(4).build())
                .layer(new OutputLayer.Builder()
                        .nIn(4)
                        .nOut(2)
                        .activation(Activation.SOFTMAX)
                        .build())
                .build());
        model.init();
        NetworkGraph network = ModelReader.read(model, List.of());
        INDArray labels = Nd4j.ones(3, 2);
        assertThat(inMemory(Nd4j.ones(3, 6), labels).inputTypes(network)).containsExactly(InputType.feedForward(6));
        for (INDArray features : Arrays.asList(
                Nd4j.ones(3),
                Nd4j.scalar(3f),
                Nd4j.ones(3, 5),
                Nd4j.ones(3, 6, 2, 2),
                Nd4j.ones(3, 6, 2, 2, 2, 2),
                null)) {
            assertThat(inMemory(features, labels).inputTypes(network))
                    .as("%s", features == null ? "none" : Arrays.toString(features.shape()))
                    .isEmpty();
        }
        assertThat(TrainingData.of(List.<MultiDataSet>of(new org.nd4j.linalg.dataset.MultiDataSet(
                                new INDArray[] {Nd4j.ones(3, 6), Nd4j.ones(3, 6)}, new INDArray[] {labels})))
                        .inputTypes(network))
                .isEmpty();
        assertThat(TrainingData.of(List.of()).inputTypes(network)).isEmpty();
    }

    private static TrainingData inMemory(INDArray features, INDArray labels) {
        return TrainingData.of(
                List.of(new org.nd4j.linalg.dataset.MultiDataSet(new INDArray[] {features}, new INDArray[] {labels})));
    }

    @Test
    void asynchronous_iterators_give_all_batches() {
        AsyncDataSetIterator asynchronous = new AsyncDataSetIterator(iterator());
        try {
            TrainingData data = TrainingData.of(asynchronous);
            BatchStream stream = data.stream(Position.START);
            assertThat(read(stream, 5)).isEqualTo(numbers(0, 5));
            assertThat(read(data.iterator())).isEqualTo(numbers(0, BATCHES));
            assertThat(read(stream, 25)).isEqualTo(numbers(5, 30));
            Iterator<MultiDataSet> unasked = data.iterator();
            assertThat(number(unasked.next())).isZero();
            assertThat(number(unasked.next())).isOne();
        } finally {
            asynchronous.shutdown();
        }
    }

    @Test
    void an_iterator_that_shuffles_when_it_is_reset_is_not_confined_to_a_few_batches() {
        Random random = new Random(3);
        DataSetIterator shuffling = new ExistingDataSetIterator(() -> {
            List<DataSet> order = new ArrayList<>(batches());
            Collections.shuffle(order, random);
            return order.iterator();
        });
        TrainingData data = TrainingData.of(shuffling);
        BatchStream training = data.stream(Position.START);
        HashSet<Integer> seen = new HashSet<>();
        for (int generation = 0; generation < 40; generation++) {
            seen.addAll(read(training, 3));
            data.iterator().next();
        }
        assertThat(seen).hasSize(BATCHES);
    }

    @Test
    void a_second_user_of_an_iterator_is_refused_until_the_first_is_done() {
        DataSetIterator iterator = iterator();
        TrainingData training = TrainingData.of(iterator).named("training data");
        TrainingData again = TrainingData.of(iterator).named("validation data");
        Lease first = Lease.of("the first run", List.of(training, again.map(batch -> batch)));
        assertThatIllegalStateException()
                .isThrownBy(() -> again.lease("the second run"))
                .withMessageContainingAll(
                        "the second run",
                        "in use by the first run",
                        "validation data",
                        "ExistingDataSetIterator",
                        "Maybe");
        TrainingData other = TrainingData.of(iterator());
        assertThatIllegalStateException().isThrownBy(() -> Lease.of("the second run", List.of(other, again)));
        // What was taken before the refusal is free again.
        other.lease("the third run").close();
        first.close();
        try (Lease second = again.lease("the second run")) {
            first.close();
            assertThatIllegalStateException()
                    .as("closing twice does not end somebody else's lease")
                    .isThrownBy(() -> training.lease("the third run"));
            assertThat(second).isNotNull();
        }
    }

    @Test
    void data_in_memory_may_have_any_number_of_users() {
        TrainingData data = TrainingData.of(List.of());
        try (Lease one = data.lease("one");
                Lease two = data.lease("two")) {
            assertThat(one).isNotSameAs(two);
        }
    }

    @Test
    void equal_iterators_are_not_the_same() {
        record Equal(List<MultiDataSet> batches) {}
        assertThat(new Equal(List.of())).isEqualTo(new Equal(List.of()));
        class Alike extends IteratorMultiDataSetIterator {
            Alike() {
                super(Collections.emptyIterator(), 1);
            }

            @Override
            public boolean resetSupported() {
                return true;
            }

            @Override
            public boolean equals(Object other) {
                return other instanceof Alike;
            }

            @Override
            public int hashCode() {
                return 1;
            }
        }
        try (Lease one = TrainingData.of(new Alike()).lease("one");
                Lease two = TrainingData.of(new Alike()).lease("two")) {
            assertThat(one).isNotSameAs(two);
        }
    }

    @Test
    void readers_on_several_threads_each_get_their_own_order() throws Exception {
        TrainingData data = TrainingData.of(iterator());
        ExecutorService threads = Executors.newFixedThreadPool(2);
        try {
            Callable<List<Integer>> reading = () -> read(data.stream(Position.START), 50);
            for (Future<List<Integer>> result : threads.invokeAll(List.of(reading, reading))) {
                assertThat(result.get()).isEqualTo(numbers(0, 50));
            }
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void an_iterator_that_fails_is_reported_with_the_data_the_batch_and_the_cause() {
        RuntimeException cause = new IllegalArgumentException("disk on fire");
        TrainingData data = TrainingData.of(new ExistingDataSetIterator(batches()) {
                    private int given;

                    @Override
                    public void reset() {
                        given = 0;
                        super.reset();
                    }

                    @Override
                    public DataSet next() {
                        if (given++ == 3) {
                            throw cause;
                        }
                        return super.next();
                    }
                })
                .named("validation data");
        Iterator<MultiDataSet> reader = data.iterator();
        assertThat(read(reader, 3)).containsExactly(0, 1, 2);
        assertThatIllegalStateException()
                .isThrownBy(reader::next)
                .withMessageContainingAll("Batch 3", "validation data", "disk on fire", "Maybe")
                .withCause(cause);
    }

    @Test
    void an_iterator_that_refuses_to_be_reset_is_reported() {
        TrainingData data = TrainingData.of(new ExistingDataSetIterator(batches()) {
                    @Override
                    public void reset() {
                        throw new UnsupportedOperationException("only once");
                    }
                })
                .named("training data");
        assertThatIllegalStateException()
                .isThrownBy(() -> data.iterator().hasNext())
                .withMessageContainingAll("training data", "reset", "only once");
    }

    @Test
    void a_missing_batch_is_reported() {
        List<DataSet> withHole = new ArrayList<>(batches());
        withHole.set(2, null);
        TrainingData data =
                TrainingData.of(new ExistingDataSetIterator(withHole)).named("training data");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> read(data.iterator()))
                .withMessageContainingAll("Batch 2", "training data", "null");
    }

    @Test
    void a_stream_over_nothing_ends_with_a_message() {
        TrainingData nothing = TrainingData.of(List.of()).named("training data");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> nothing.stream(Position.START).next())
                .withMessageContaining("training data is empty");
    }

    @Test
    void skipped_batches_are_not_changed() {
        List<Integer> changed = new ArrayList<>();
        TrainingData data = TrainingData.of(iterator()).map(batch -> {
            changed.add(number(batch));
            return batch;
        });
        BatchStream stream = data.stream(new Position(0, 5));
        stream.next();
        data.iterator().next();
        stream.next();
        assertThat(changed).containsExactly(5, 0, 6);
        assertThat(LongStream.of(stream.position().batch())).containsExactly(7L);
    }
}
