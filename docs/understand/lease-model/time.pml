/*
 * The worst clocks: voters' fast, hosts' slow. A slower voter is one that leaves some requests
 * unanswered, a faster host is one whose element goes early and which leaves some answers unused;
 * all of that may happen anyway. FREE_CLOCKS believes none of it: in each tick each of the seven
 * clocks (of a voter, a daemon, a kernel) goes slow or fast as it likes.
 */
#ifdef FREE_CLOCKS
byte fast;
#define PACE(clock) (SLOW + ((fast >> clock) & 1) * (FAST - SLOW))
#define VOTER_PACE(v) PACE(v)
#define DAEMON_PACE(h) PACE(3 + h)
#define KERNEL_PACE(h) PACE(5 + h)
#define MAY_BE_FAST(isRunning, clock) \
    if :: true :: isRunning -> fast = fast | BIT(clock) fi
#else
#define VOTER_PACE(v) FAST
#define DAEMON_PACE(h) SLOW
#define KERNEL_PACE(h) SLOW
#endif

#define LESS(x, by) (x > by -> x - by : 0)

inline voter_tick(v) {
    voter[v].bound = LESS(voter[v].bound, VOTER_PACE(v));
    voter[v].silence = LESS(voter[v].silence, VOTER_PACE(v))
}

inline daemon_tick(h) {
    if
    :: host[h].doing != IDLE && host[h].doing != LEAVING ->
        host[h].age = (host[h].age + DAEMON_PACE(h) < USE -> host[h].age + DAEMON_PACE(h) : USE);
#ifndef BREAK_EXPIRED_ELEMENT_IS_ADDED_AGAIN
        if
        :: host[h].age == USE && IS_FREE(h) -> host[h].doing = ASKING; forget_answers(h)
        :: else
        fi
#endif
    :: else
    fi
}

inline kernel_tick(h, timer, late) {
    if
    :: timer > KERNEL_PACE(h) -> timer = timer - KERNEL_PACE(h)
    :: timer > 0 && timer <= KERNEL_PACE(h) -> timer = 0; late = LATE
    :: timer == 0 -> late = LESS(late, 1)
    fi
}

inline tick() {
    printf("a tick\n");
    voter_tick(0); voter_tick(1); voter_tick(2);
    daemon_tick(0); daemon_tick(1);
    kernel_tick(0, host[0].element, host[0].linger);
    kernel_tick(1, host[1].element, host[1].linger);
#ifdef TWO_GATES
    kernel_tick(0, host[0].element2, host[0].linger2);
    kernel_tick(1, host[1].element2, host[1].linger2);
#endif
#ifdef SHOW_RELEASE_NEEDS_NO_WAIT
    witness = 0;
#endif
    settle()
}

proctype Time() {
    do
#ifdef FREE_CLOCKS
    :: atomic {
        MAY_BE_FAST(voter[0].bound + voter[0].silence > 0, 0);
        MAY_BE_FAST(voter[1].bound + voter[1].silence > 0, 1);
        MAY_BE_FAST(voter[2].bound + voter[2].silence > 0, 2);
        MAY_BE_FAST(host[0].doing != IDLE, 3);
        MAY_BE_FAST(host[1].doing != IDLE, 4);
        MAY_BE_FAST(host[0].element > 0, 5);
        MAY_BE_FAST(host[1].element > 0, 6);
        d_step { tick(); fast = 0 }
    }
#else
    :: d_step { tick() }
#endif
    od
}
