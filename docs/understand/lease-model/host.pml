/*
 * A host that claims the write address: its daemon, and the element in its kernel.
 */

/* An election has one winner, so an epoch is asked for by one host. RIVALS has no such trust. */
#if defined(CLAIMS_AGAIN)
#define IS_ELECTED(h, n) (host[h].asked == 0 && n == 1 + 2 * h)
#elif defined(RIVALS)
#define IS_ELECTED(h, n) (n > host[h].asked && EPOCH(n) <= EPOCHS)
#else
#define IS_ELECTED(h, n) (n > host[h].asked && EPOCH(n) <= EPOCHS && \
    !(host[1 - h].requests & BIT(n)))
#endif

/* The daemon is one thread: it does nothing else while it is busy with the kernel. */
#define IS_FREE(h) (host[h].doing <= GRANTED)

/* An epoch that every voter has reached without its being asked for will never be granted. */
#ifdef OLD_EPOCHS_MATTER
#define IS_WORTH_ASKING(h, n) true
#else
#define IS_WORTH_ASKING(h, n) (EPOCH(n) > voter[0].epoch || (host[1 - h].requests & BIT(n)))
#endif

/* The clock is read, then the request is sent. Answers to the request before count no more. */
inline ask(h, n) {
    printf("host %c asks for epoch %d\n", 'A' + h, EPOCH(n));
#ifdef BREAK_ANSWER_TO_AN_EARLIER_REQUEST_COUNTS
    if
    :: host[h].asked == n && host[h].doing == GRANTED
    :: host[h].asked == n && host[h].doing != GRANTED -> host[h].doing = ASKING
    :: host[h].asked != n -> host[h].doing = ASKING; forget_answers(h)
    fi;
#else
    host[h].doing = ASKING;
    forget_answers(h);
#endif
    host[h].asked = n;
    host[h].requests = host[h].requests | BIT(n);
    host[h].age = 0;
    settle()
}

#define WINS(h, n) d_step { \
    IS_ELECTED(h, n) && IS_FREE(h) && IS_WORTH_ASKING(h, n) -> ask(h, n) }

inline remove_element(h) {
    host[h].element = 0;
#ifndef BREAK_RELEASE_IN_THE_KERNELS_DELAY
    host[h].linger = 0;
#endif
#ifdef TWO_GATES
    host[h].element2 = 0;
    host[h].linger2 = 0;
#endif
    skip
}

inline turn_to(h, next) {
    host[h].doing = next;
    host[h].age = 0;
    host[h].rest = 0;
    forget_answers(h)
}

#define REST(h) (USE - host[h].age)

#if defined(BREAK_EXPIRED_ELEMENT_IS_ADDED_AGAIN)
#define IS_WORTH_SETTING(h) (REST(h) > host[h].element || host[h].age == USE)
#elif defined(TWO_GATES)
#define IS_WORTH_SETTING(h) (REST(h) > host[h].element || REST(h) > host[h].element2)
#else
#define IS_WORTH_SETTING(h) (REST(h) > host[h].element)
#endif

/* The kernel was told later than the rest was computed, be it by a moment: what the kernel counts
 * from now ends after the lease. To ask whether the lease itself is over is not enough. */
#if defined(BREAK_LATE_RENEWAL_STAYS)
#define IS_LATE(h) false
#elif defined(BREAK_LATE_MEANS_PAST_THE_DEADLINE)
#define IS_LATE(h) (host[h].age == USE)
#else
#define IS_LATE(h) (host[h].age + host[h].rest > USE)
#endif

/* By construction: with its release it loses its claim. Only where that rule is broken the question
 * has to be asked, so that one rule is broken and not two. */
#ifdef BREAK_ANSWER_COUNTS_AFTER_RELEASE
#define HAS_NOT_RELEASED(h) (!(host[h].releases & BIT(host[h].asked)))
#else
#define HAS_NOT_RELEASED(h) true
#endif

#ifdef CLAIMS_AGAIN
#define IS_FIRST_CLAIM(n) ((n) & 1)
#define MAY_LEAVE(h) (h == 0)
#else
#define MAY_LEAVE(h) true
#endif

#define AFTER_SETTING(h) (host[h].age < USE -> GRANTED : ASKING)

inline undo(h) {
    printf("host %c undoes it, for it came late\n", 'A' + h);
    remove_element(h);
    host[h].rest = 0;
    host[h].doing = AFTER_SETTING(h)
}

#if defined(BREAK_RESTART_RENEWS_WITHOUT_THE_ELEMENT)
#define RESTART_MATTERS(h) true
#elif defined(CLAIMS_AGAIN)
#define RESTART_MATTERS(h) (h == 0 && host[h].asked > 0 && host[h].reborn == 0)
#else
#define RESTART_MATTERS(h) (host[h].doing != IDLE)
#endif

proctype HostProcess(byte h) {
    bit wasAlive;
    do
    :: WINS(h, 1)
#ifndef CLAIMS_AGAIN
    :: WINS(h, 2)
#endif
    :: WINS(h, 3)

    /* Asks once more: to renew, or because no majority was heard. */
    :: d_step {
        (host[h].doing == GRANTED || host[h].doing == ASKING) && host[h].age > 0 &&
        HAS_NOT_RELEASED(h) ->
        ask(h, host[h].asked)
    }
#ifdef BREAK_RELEASED_EPOCH_IS_ASKED_FOR_AGAIN
    :: d_step {
        host[h].doing == IDLE && host[h].asked > 0 -> ask(h, host[h].asked)
    }
#endif

#ifdef CLAIMS_AGAIN
    /* Claims the epoch that it has released, or had before its restart, a second time. */
    :: d_step {
        h == 0 && host[h].doing == IDLE && IS_FIRST_CLAIM(host[h].asked) ->
        ask(h, host[h].asked + 1)
    }
#endif

    /* Granted by a majority. From here to the kernel the daemon may be frozen for any time. */
    :: d_step {
        host[h].doing == GRANTED && IS_WORTH_SETTING(h) ->
#ifdef BREAK_LEASE_COUNTS_FROM_THE_ANSWER
        host[h].age = 0;
#elif defined(BREAK_EXPIRED_ELEMENT_IS_ADDED_AGAIN)
        host[h].age = (host[h].age < USE -> host[h].age : 0);
#endif
        host[h].rest = REST(h);
        host[h].doing = SETTING;
        printf("host %c computes a rest of %d\n", 'A' + h, host[h].rest);
        settle()
    }

#if defined(TWO_GATES) || defined(BREAK_FROZEN_BEFORE_THE_RECHECK)
#include "freezes.pml"
#else
    /* The kernel is told, the clock is read again, and what came late is undone; all in one step.
     * That no freeze falls between the two is an assumption: README.md, "What it showed". */
    :: d_step {
        host[h].doing == SETTING ->
        printf("host %c sets the element to %d\n", 'A' + h, host[h].rest);
        wasAlive = IS_ALIVE(h);
        host[h].element = host[h].rest;
        host[h].linger = 0;
        if
        :: IS_LATE(h) -> undo(h)
        :: else -> open(h, wasAlive); host[h].rest = 0; host[h].doing = AFTER_SETTING(h)
        fi;
        wasAlive = 0;
        settle()
    }
#endif

    /* Leaves: the element first, then the release. One step: if the daemon dies in between, that
     * is a release that never arrives. */
#ifdef BREAK_RELEASE_BEFORE_REMOVAL
    :: d_step {
        host[h].doing == GRANTED || host[h].doing == ASKING ->
        printf("host %c releases epoch %d\n", 'A' + h, host[h].asked);
        turn_to(h, LEAVING);
        host[h].releases = host[h].releases | BIT(host[h].asked);
        settle()
    }
    :: d_step {
        host[h].doing == LEAVING ->
        printf("host %c removes the element\n", 'A' + h);
        remove_element(h);
        turn_to(h, IDLE);
        settle()
    }
#else
    :: d_step {
        (host[h].doing == GRANTED || host[h].doing == ASKING) && MAY_LEAVE(h) ->
        printf("host %c removes the element, then releases epoch %d\n", 'A' + h, host[h].asked);
#ifdef SHOW_RELEASE_NEEDS_NO_WAIT
        witness = (IS_ALIVE(h) -> 1 + h : 0);
#endif
        remove_element(h);
#ifndef BREAK_ANSWER_COUNTS_AFTER_RELEASE
        turn_to(h, IDLE);
#endif
        host[h].releases = host[h].releases | BIT(host[h].asked);
        settle()
    }
#endif

    /* The daemon ends, and starts anew. It keeps its claim only if the kernel's element lives. */
    :: d_step {
        RESTART_MATTERS(h) ->
        printf("host %c's daemon restarts\n", 'A' + h);
        if
#ifdef BREAK_RESTART_RENEWS_WITHOUT_THE_ELEMENT
        :: host[h].asked > 0 ->
#elif defined(TWO_GATES)
        /* Set later than it was computed for, the second gate outlasts the first: then it may be
         * the unverified one, and to set the first would leave none verified. */
        :: IS_ALIVE(h) && host[h].element2 <= host[h].element ->
#elif defined(CLAIMS_AGAIN)
        /* A new life is a new claim, for its words bear newer numbers. */
        :: IS_ALIVE(h) && IS_FIRST_CLAIM(host[h].asked) ->
            host[h].asked = host[h].asked + 1;
            host[h].reborn = REQUEST(host[h].asked);
#else
        :: IS_ALIVE(h) ->
#endif
#ifdef SHOW_RESTARTED_HOLDER_CARRIES_ON
            witness = 1 + h;
#endif
            turn_to(h, ASKING);
            host[h].age = USE
        :: else ->
#ifdef CLAIMS_AGAIN
            host[h].reborn = REQUEST(host[h].asked + 1);
#endif
            remove_element(h);
            turn_to(h, IDLE)
        fi;
        settle()
    }
#ifdef BREAK_RESTART_RELEASES_UNSEEN
    /* What the kernel still lets pass is looked at only after a release. */
    :: d_step {
        RESTART_MATTERS(h) ->
        printf("host %c's daemon restarts, and releases epoch %d\n", 'A' + h, host[h].asked);
        turn_to(h, IDLE);
        host[h].releases = host[h].releases | BIT(host[h].asked);
        settle()
    }
#endif
#ifdef SHOW_TAKEOVER_AFTER_DEATH
    /* It ends for good, without a release. */
    :: d_step {
        IS_ALIVE(h) && host[h].releases == 0 && host[1 - h].asked == 0 ->
        printf("host %c's daemon dies\n", 'A' + h);
        witness = 1
    };
    break
#endif

    /* The element goes early: a kernel with a faster clock, a flushed table, a reboot. */
    :: d_step {
        ANSWERS(h) ->
        printf("host %c's element disappears\n", 'A' + h);
        remove_element(h);
        settle()
    }
#ifdef TWO_GATES
    :: d_step { host[h].element > 0 -> host[h].element = 0; host[h].linger = 0; settle() }
    :: d_step { host[h].element2 > 0 -> host[h].element2 = 0; host[h].linger2 = 0; settle() }
#endif
    od
}
