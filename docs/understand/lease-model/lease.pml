/*
 * The lease of the write address, for the model checker Spin (https://spinroot.com).
 *
 * Three voters, two hosts that claim one address, a network that loses, repeats and delays without
 * limit, daemons that are frozen anywhere for any time, restarts of everything, and clocks that
 * disagree. Can two hosts' kernels ever answer for the address at the same moment?
 *
 * This file has the time, the state, the properties and the voters; host.pml has the hosts.
 * README.md says what is left out and why that is sound; `make check-model` runs it all.
 *
 * BREAK_... takes one rule away: an error must be found. SHOW_... asks whether something good can
 * happen at all: that is found in the same way. The other names are variants.
 *
 * Every step is atomic and takes no time; between two steps any time may pass, because no step is
 * ever obliged to happen. A slow message, a frozen daemon and a dead one are steps not taken.
 *
 * Spin ends a statement at the end of a line: an operator stands before the break, not after.
 */

/* ---- Time ------------------------------------------------------------------------------------
 *
 * True time advances by ticks. In a tick a clock advances by SLOW or by FAST units: its rate is
 * 1 - r or 1 + r of the mean rate, 1.5 units, with r = 1/3. The product assumes r = 10 %; a larger
 * r makes the same argument with smaller numbers.
 */
#define SLOW 1
#define FAST 2

#ifndef LEASE
#define LEASE 6         /* L: a grant binds its voter for so many units of the voter's clock */
#endif
#ifndef LATE
#define LATE 1          /* e: the kernel may be late by so many ticks of true time */
#endif
#ifndef SILENCE
#define SILENCE 8       /* L (1 + r): units of a voter's clock from its start */
#endif

/* D: units of the host's clocks for which it may use the address. LEASE / FAST is the shortest
 * true time of a lease, L / (1 + r); so this is (1 - r) (L / (1 + r) - e), with no slack. */
#define USE_BOUND (SLOW * (LEASE / FAST - LATE))
#ifdef BREAK_USE_EXCEEDS_THE_BOUND
#define USE (USE_BOUND + 1)
#else
#define USE USE_BOUND
#endif

/* ---- State ----------------------------------------------------------------------------------- */

#ifndef EPOCHS
#define EPOCHS 3        /* the only bound on the length of a history */
#endif

#ifdef BREAK_ONE_VOTER_IS_ENOUGH
#define MAJORITY 1
#else
#define MAJORITY 2
#endif

#define NOBODY 2        /* the hosts are 0 and 1 */

/* A host's messages bear the number of its claim. Where a host claims an epoch once and for all,
 * that is the epoch. With CLAIMS_AGAIN host A has claims 1 and 2, both of epoch 1, and host B has
 * claim 3, of epoch 2: host A may come back, host B does not leave. */
#ifdef CLAIMS_AGAIN
#define EPOCH(n) (((n) + 1) / 2)
#define FIRST_CLAIM(e) ((e) > 0 -> 2 * (e) - 1 : 0)
#else
#define EPOCH(n) n
#define FIRST_CLAIM(e) e
#endif

typedef Voter {
    /* The newest grant, persisted before it was answered: a restart keeps these two. */
    byte holder = NOBODY;
    byte epoch;
    /* Units until the grant binds no more; 0 when released. A restart forgets it. Also 0 where
     * the silence lasts at least as long, for then it changes nothing. */
    byte bound;
    /* Units until the silence after a start is over. */
    byte silence;
    /* A bit for each host: this voter has granted the host's present request, and no majority
     * has yet. The answer is on its way; a lost or late one is one that the host does not use. */
    byte granted;
#ifdef CLAIMS_AGAIN
    /* The newest word of its holder, as in REQUEST and RELEASE; 0 after a restart. */
    byte heard;
#endif
#ifdef BREAK_FIRST_GRANT_IS_NOT_PERSISTED
    byte diskHolder = NOBODY;
    byte diskEpoch;
#endif
};

/* What the daemon of a host is doing. */
#define IDLE 0          /* it has no claim; it must be elected in a new epoch to get one */
#define ASKING 1        /* it claims the epoch `asked`; its present request has no majority */
#define GRANTED 2       /* a majority has granted the present request */
#define SETTING 3       /* it has computed the rest of its lease, and will tell the kernel */
#define CHECKING 4      /* it has told the kernel, and will read the clock again */
#define SETTING_2 5     /* the same for the second gate, where there are two */
#define CHECKING_2 6
#define LEAVING 7       /* only where the release is sent before the element is removed */

typedef Host {
    byte doing = IDLE;
    /* The newest claim that it ever asked for; persisted. */
    byte asked;
#ifdef CLAIMS_AGAIN
    /* The first request of its second life; there are two at most. */
    byte reborn;
#endif
    /* Units of the daemon's clock since just before it sent its present request. It stops at
     * USE: answers to an older request are worth nothing. */
    byte age;
    /* The rest of the lease that the kernel is to be told, in units. */
    byte rest;
    /* Units until the kernel's element lapses, whether a daemon runs or not. */
    byte element;
    /* Ticks for which a lapsed element may have effect still. */
    byte linger;
#ifdef TWO_GATES
    byte element2;
    byte linger2;
#endif
    /* The network: a bit for each claim for which the host ever sent a request, or a release. It
     * forgets none: what was sent may arrive at any voter, at any time, any number of times. */
    byte requests;
    byte releases;
};

Voter voter[3];
Host host[2];

/* For the second property: the newest epoch in which the address was opened, and by whom. */
byte openedEpoch;
byte openedBy = NOBODY;

#define BIT(n) (1 << (n))
#define HAS_GRANTED(v, h) ((voter[v].granted >> (h)) & 1)
#define GRANTS(h) (HAS_GRANTED(0, h) + HAS_GRANTED(1, h) + HAS_GRANTED(2, h))

#ifdef TWO_GATES
#define IS_ALIVE(h) (host[h].element > 0 && host[h].element2 > 0)
#define ANSWERS(h) ((host[h].element > 0 || host[h].linger > 0) && \
    (host[h].element2 > 0 || host[h].linger2 > 0))
#else
#define IS_ALIVE(h) (host[h].element > 0)
#define ANSWERS(h) (host[h].element > 0 || host[h].linger > 0)
#endif

/* ---- The properties -------------------------------------------------------------------------- */

#include "shows.pml"
#include "symmetry.pml"

/* After every step. */
inline settle() {
    /* THE FIRST PROPERTY: never do two hosts' kernels answer for the address at the same moment. */
    assert(!(ANSWERS(0) && ANSWERS(1)));
#ifdef SHOW
    assert(!shown);
#endif
    use_one_name_for_all()
}

/* THE SECOND PROPERTY: the epoch is a fencing token. The address is never opened in an older epoch
 * than before, and in the same one only by the same host. */
inline open(h, wasAlive) {
    show_opening(h, wasAlive);
#ifndef ADDRESS_ALONE
    assert(host[h].asked > openedEpoch || (host[h].asked == openedEpoch && openedBy == h));
#endif
    openedEpoch = host[h].asked;
    openedBy = h
}

/* ---- The voters ------------------------------------------------------------------------------ */

/* An epoch has one holder at a voter, and after a newer one it grants no older one. */
#if defined(BREAK_OLDER_EPOCH_IS_GRANTED)
#define EPOCH_ALLOWS(v, h, e) (e != voter[v].epoch || voter[v].holder == h)
#elif defined(BREAK_EPOCH_HAS_TWO_HOLDERS)
#define EPOCH_ALLOWS(v, h, e) (e >= voter[v].epoch)
#else
#define EPOCH_ALLOWS(v, h, e) (e > voter[v].epoch || \
    (e == voter[v].epoch && voter[v].holder == h))
#endif

/* Nobody else while a grant is neither over nor released. */
#ifdef BREAK_UNEXPIRED_GRANT_IS_IGNORED
#define PROMISE_ALLOWS(v, h) true
#else
#define PROMISE_ALLOWS(v, h) (voter[v].bound == 0 || voter[v].holder == h)
#endif

/* After a start, nothing but renewals of what is on disk. */
#define SILENCE_ALLOWS(v, h, e) (voter[v].silence == 0 || \
    (voter[v].holder == h && voter[v].epoch == e))

/* A holder's words have an order: a voter heeds none that is older than one it has heard. */
#define REQUEST(n) (2 * (n))
#define RELEASE(n) (2 * (n) + 1)
#ifdef CLAIMS_AGAIN
#ifdef BREAK_LIVES_HAVE_NO_ORDER
/* Two words can be compared if they are of one life. A release is heeded only in its own. */
#define IS_OF_ONE_LIFE(h, word, other) \
    ((word < host[h].reborn) == (other < host[h].reborn))
#else
#define IS_OF_ONE_LIFE(h, word, other) true
#endif
#define ORDER_ALLOWS_REQUEST(v, h, word) (voter[v].holder != h || voter[v].heard <= word || \
    !IS_OF_ONE_LIFE(h, word, voter[v].heard))
#define ORDER_ALLOWS_RELEASE(v, h, word) (voter[v].heard == 0 || (voter[v].heard <= word && \
    IS_OF_ONE_LIFE(h, word, voter[v].heard)))
#define IS_NEWS(v, word) (voter[v].heard != word)
#else
#define ORDER_ALLOWS_REQUEST(v, h, word) true
#define ORDER_ALLOWS_RELEASE(v, h, word) true
#define IS_NEWS(v, word) false
#endif

/* The answer may count: the request that arrives may be the host's present one. */
#define MAY_COUNT(v, h, n) (host[h].doing == ASKING && host[h].asked == n && \
    host[h].age < USE && !HAS_GRANTED(v, h))

/* Else it is a step only if it changes the voter. */
#define CHANGES(v, h, n) (voter[v].epoch != EPOCH(n) || voter[v].holder != h || \
    (voter[v].bound < LEASE && voter[v].silence < LEASE) || IS_NEWS(v, REQUEST(n)))

inline hear(v, word) {
#ifdef CLAIMS_AGAIN
    voter[v].heard = word;
#endif
    skip
}

inline forget_answers(h) {
    voter[0].granted = voter[0].granted & ~BIT(h);
    voter[1].granted = voter[1].granted & ~BIT(h);
    voter[2].granted = voter[2].granted & ~BIT(h)
}

/* A request of host h, of its claim n, arrives and is granted. A crash between the write to disk
 * and the answer needs no step of its own: it is a restart after an answer that is never used. */
inline grant(v, h, n) {
    printf("voter %d grants epoch %d to host %c\n", v + 1, EPOCH(n), 'A' + h);
    voter[v].holder = h;
    voter[v].epoch = EPOCH(n);
    hear(v, REQUEST(n));
    voter[v].bound = (voter[v].silence < LEASE -> LEASE : 0);
    if
    :: MAY_COUNT(v, h, n) ->
        voter[v].granted = voter[v].granted | BIT(h);
        if
        :: GRANTS(h) >= MAJORITY -> host[h].doing = GRANTED; forget_answers(h)
        :: else
        fi
    :: else
    fi;
    settle()
}

#define REQUEST_ARRIVES(v, h, n) d_step { \
    (host[h].requests & BIT(n)) && EPOCH_ALLOWS(v, h, EPOCH(n)) && PROMISE_ALLOWS(v, h) && \
    SILENCE_ALLOWS(v, h, EPOCH(n)) && ORDER_ALLOWS_REQUEST(v, h, REQUEST(n)) && \
    (MAY_COUNT(v, h, n) || CHANGES(v, h, n)) -> grant(v, h, n) }

/* A release ends the grant of its own epoch and no other; where words have an order, that of an
 * older one too. It does not end a silence. */
#if defined(CLAIMS_AGAIN)
#define IS_ENDED(v, h, e) (voter[v].holder == h && voter[v].epoch <= e)
#elif defined(BREAK_RELEASE_ENDS_ANY_EPOCH)
#define IS_ENDED(v, h, e) (voter[v].holder == h)
#else
#define IS_ENDED(v, h, e) (voter[v].holder == h && voter[v].epoch == e)
#endif

#define RELEASE_ARRIVES(v, h, n) d_step { \
    (host[h].releases & BIT(n)) && (voter[v].bound > 0 || IS_NEWS(v, RELEASE(n))) && \
    IS_ENDED(v, h, EPOCH(n)) && ORDER_ALLOWS_RELEASE(v, h, RELEASE(n)) -> \
    printf("voter %d takes host %c's release of epoch %d\n", v + 1, 'A' + h, EPOCH(n)); \
    voter[v].bound = 0; \
    hear(v, RELEASE(n)); \
    settle() }

proctype VoterProcess(byte v) {
    do
    :: REQUEST_ARRIVES(v, 0, 1)
    :: REQUEST_ARRIVES(v, 0, 2)
    :: REQUEST_ARRIVES(v, 0, 3)
    :: REQUEST_ARRIVES(v, 1, 1)
    :: REQUEST_ARRIVES(v, 1, 2)
    :: REQUEST_ARRIVES(v, 1, 3)
    :: RELEASE_ARRIVES(v, 0, 1)
    :: RELEASE_ARRIVES(v, 0, 2)
    :: RELEASE_ARRIVES(v, 0, 3)
    :: RELEASE_ARRIVES(v, 1, 1)
    :: RELEASE_ARRIVES(v, 1, 2)
    :: RELEASE_ARRIVES(v, 1, 3)
#ifdef BREAK_FIRST_GRANT_IS_NOT_PERSISTED
    /* The disk catches up some time after the answer, or never. */
    :: d_step {
        voter[v].diskEpoch != voter[v].epoch ->
        printf("voter %d's disk has epoch %d\n", v + 1, voter[v].epoch);
        voter[v].diskEpoch = voter[v].epoch;
        voter[v].diskHolder = voter[v].holder;
        settle()
    }
#endif
    /* A restart: what is not on disk is lost, and the clock begins anew. */
    :: d_step {
        voter[v].silence < SILENCE || IS_NEWS(v, 0) ->
        printf("voter %d restarts\n", v + 1);
        voter[v].bound = 0;
        hear(v, 0);
#ifndef BREAK_NO_SILENCE
        voter[v].silence = SILENCE;
#endif
#ifdef BREAK_FIRST_GRANT_IS_NOT_PERSISTED
        voter[v].holder = voter[v].diskHolder;
        voter[v].epoch = voter[v].diskEpoch;
#endif
        show_restart_of_voter();
        settle()
    }
#ifdef DISKS_ARE_LOST
    /* A restart with an empty disk. */
    :: d_step {
        voter[v].epoch > 0 ->
        printf("voter %d restarts without its disk\n", v + 1);
        voter[v].holder = NOBODY;
        voter[v].epoch = 0;
        voter[v].bound = 0;
        voter[v].silence = SILENCE;
        settle()
    }
#endif
    od
}

#include "host.pml"
#include "time.pml"

init {
    atomic {
        run VoterProcess(0); run VoterProcess(1); run VoterProcess(2);
        run HostProcess(0); run HostProcess(1);
        run Time()
    }
}
