package org.growingnn.dl4j.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.metric.Reading;
import org.growingnn.dl4j.metric.Scale;
import org.growingnn.dl4j.testing.Chains;
import org.junit.jupiter.api.Test;

class ParetoArchiveTest {

    private static final NetworkGraph NETWORK = Chains.dense(2, 2);

    private static ParetoArchive.Entry entry(double accuracy, long parameters, long macs, int number) {
        return new ParetoArchive.Entry(
                NETWORK,
                Reading.of(accuracy, 0, Scale.SHARE),
                accuracy,
                parameters,
                macs < 0 ? OptionalLong.empty() : OptionalLong.of(macs),
                Duration.ofNanos(1000 - number),
                number);
    }

    /** Few distinct values, so that ties and equal models are frequent. */
    private static List<ParetoArchive.Entry> random(long seed, int count) {
        SplittableRandom random = new SplittableRandom(seed);
        List<ParetoArchive.Entry> entries = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            entries.add(entry(random.nextInt(8) / 8.0, random.nextInt(1, 9), random.nextInt(-1, 8), i));
        }
        return entries;
    }

    @Test
    void holds_exactly_what_no_other_model_beats() {
        for (long seed = 0; seed < 200; seed++) {
            List<ParetoArchive.Entry> given = random(seed, 40);
            ParetoArchive archive = new ParetoArchive(1000);
            for (ParetoArchive.Entry entry : given) {
                archive = archive.with(entry);
            }

            List<List<Object>> expected = given.stream()
                    .filter(one -> given.stream().noneMatch(other -> beats(other, one)))
                    .map(ParetoArchiveTest::measures)
                    .distinct()
                    .toList();
            assertThat(archive.entries().stream().map(ParetoArchiveTest::measures))
                    .as("seed %d", seed)
                    .containsExactlyInAnyOrderElementsOf(expected);
            assertThat(archive.entries())
                    .isSortedAccordingTo(Comparator.comparingLong(ParetoArchive.Entry::parameters));
        }
    }

    private static boolean beats(ParetoArchive.Entry a, ParetoArchive.Entry b) {
        long macsOfA = a.macs().isPresent() ? a.macs().getAsLong() : Long.MAX_VALUE;
        long macsOfB = b.macs().isPresent() ? b.macs().getAsLong() : Long.MAX_VALUE;
        boolean worse = a.goodness() < b.goodness() || a.parameters() > b.parameters() || macsOfA > macsOfB;
        boolean better = a.goodness() > b.goodness() || a.parameters() < b.parameters() || macsOfA < macsOfB;
        return better && !worse;
    }

    private static List<Object> measures(ParetoArchive.Entry entry) {
        return List.of(entry.goodness(), entry.parameters(), entry.macs());
    }

    @Test
    void latency_does_not_decide() {
        ParetoArchive archive = new ParetoArchive(10).with(entry(0.9, 100, 100, 0));
        assertThat(archive.with(entry(0.9, 100, 100, 999)))
                .as("faster, else equal")
                .isSameAs(archive);
        assertThat(archive.entries())
                .singleElement()
                .extracting(ParetoArchive.Entry::generation)
                .isEqualTo(0);
    }

    @Test
    void the_number_of_models_is_limited_and_the_extremes_stay() {
        for (int capacity : new int[] {2, 3, 7}) {
            ParetoArchive archive = new ParetoArchive(capacity);
            List<Integer> order = new ArrayList<>();
            for (int i = 0; i < 50; i++) {
                order.add(i * 17 % 50);
            }
            for (int i : order) {
                archive = archive.with(entry(0.5 + i / 100.0, 100 + i * i, 100, i));
            }
            List<ParetoArchive.Entry> entries = archive.entries();
            assertThat(entries).hasSize(capacity);
            assertThat(entries.get(0).generation()).isZero();
            assertThat(entries.get(capacity - 1).generation()).isEqualTo(49);
            for (ParetoArchive.Entry one : entries) {
                assertThat(entries).noneMatch(other -> other.dominates(one));
            }
            assertThat(new HashSet<>(entries)).hasSize(capacity);
        }
    }

    @Test
    void nonsense_is_refused() {
        assertThatThrownBy(() -> new ParetoArchive(1)).hasMessageContaining("1");
        assertThatThrownBy(() -> entry(1.5, 1, 1, 0)).hasMessageContaining("1.5");
    }
}
