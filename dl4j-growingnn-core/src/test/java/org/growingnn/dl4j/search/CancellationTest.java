package org.growingnn.dl4j.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class CancellationTest {

    @Test
    void the_first_reason_counts_and_is_what_a_check_throws() {
        Cancellation cancellation = new Cancellation();
        assertThat(cancellation.requested()).isFalse();
        assertThat(cancellation.reason()).isEmpty();
        cancellation.check();
        cancellation.cancel("enough");
        cancellation.cancel("too late");
        assertThat(cancellation.requested()).isTrue();
        assertThat(cancellation.reason()).contains("enough");
        assertThat(cancellation.deadlinePassed()).isFalse();
        assertThatThrownBy(cancellation::check)
                .isInstanceOf(CancelledException.class)
                .hasMessage("enough");
    }

    @Test
    void children_follow_their_parent_but_not_the_other_way_round() {
        Cancellation parent = new Cancellation();
        Cancellation child = parent.child();
        Cancellation limited = parent.withDeadline(Duration.ofDays(1));
        child.cancel("child only");
        assertThat(parent.requested()).isFalse();
        assertThat(limited.requested()).isFalse();
        parent.cancel("all");
        assertThat(limited.reason()).contains("all");
        assertThat(child.reason()).contains("child only");
    }

    @Test
    void a_deadline_passes_and_says_so_to_children_but_not_to_parents() {
        Cancellation parent = new Cancellation();
        Cancellation limited = parent.withDeadline(Duration.ofNanos(1));
        Cancellation child = limited.child();
        while (!child.requested()) {
            Thread.onSpinWait();
        }
        assertThat(child.deadlinePassed()).isTrue();
        assertThat(limited.deadlinePassed()).isTrue();
        assertThat(parent.requested()).isFalse();
    }

    @Test
    void a_deadline_of_centuries_does_not_overflow() {
        assertThat(Cancellation.never()
                        .withDeadline(Duration.ofSeconds(Long.MAX_VALUE))
                        .requested())
                .isFalse();
    }

    @Test
    void an_interrupt_is_seen_by_every_thread_remembered_and_left_alone() throws InterruptedException {
        Cancellation cancellation = Cancellation.never().withInterrupt();
        assertThat(cancellation.requested()).isFalse();
        Thread.currentThread().interrupt();
        boolean[] seen = new boolean[1];
        Thread other = new Thread(() -> seen[0] = cancellation.requested());
        other.start();
        assertThat(Thread.interrupted()).as("left alone").isTrue();
        other.join();
        // Whichever thread looked first, the request stays if it was seen at all.
        assertThat(cancellation.requested()).isEqualTo(seen[0]);
        Thread.currentThread().interrupt();
        assertThat(cancellation.requested()).isTrue();
        assertThat(Thread.interrupted()).isTrue();
        assertThat(cancellation.requested()).as("remembered").isTrue();
    }

    @Test
    void never_is_never() {
        assertThatThrownBy(() -> Cancellation.never().cancel("now"))
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessageContaining("Maybe");
        assertThat(Cancellation.never().requested()).isFalse();
        assertThatThrownBy(() -> Cancellation.never().withDeadline(Duration.ZERO))
                .hasMessageContaining("PT0S");
        assertThatThrownBy(() -> new Cancellation().cancel(null)).hasMessage("reason");
    }
}
