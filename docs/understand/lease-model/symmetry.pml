/*
 * Nothing depends on which voter is which, nor on which host is which. So the voters are kept in
 * order, and the hosts, and of all states that differ in names alone one is visited. NAMED leaves
 * the names in peace, for traces that are to be read. Exchange is by exclusive or: a third
 * variable would be one more in every state.
 *
 * Messages of an epoch that every voter has left behind have no effect any more; they are dropped,
 * except where a mutation lets voters go back.
 */
#if defined(NAMED) || defined(BREAK_OLDER_EPOCH_IS_GRANTED) || \
    defined(BREAK_FIRST_GRANT_IS_NOT_PERSISTED) || defined(DISKS_ARE_LOST)
#define OLD_EPOCHS_MATTER
#endif

#define SWAP(x, y) x = x ^ y; y = x ^ y; x = x ^ y

#if defined(BREAK_FIRST_GRANT_IS_NOT_PERSISTED)
#define MORE_KEY(v) ((voter[v].diskHolder << 4) | (voter[v].diskEpoch << 2))
#elif defined(CLAIMS_AGAIN)
#define MORE_KEY(v) (voter[v].heard << 2)
#else
#define MORE_KEY(v) 0
#endif
#define VOTER_KEY(v) ((voter[v].epoch << 24) | (voter[v].holder << 20) | \
    (voter[v].bound << 14) | (voter[v].silence << 8) | voter[v].granted | MORE_KEY(v))

inline order_voters(v, w) {
    if
    :: VOTER_KEY(v) > VOTER_KEY(w) ->
        SWAP(voter[v].holder, voter[w].holder);
        SWAP(voter[v].epoch, voter[w].epoch);
        SWAP(voter[v].bound, voter[w].bound);
        SWAP(voter[v].silence, voter[w].silence);
#ifdef BREAK_FIRST_GRANT_IS_NOT_PERSISTED
        SWAP(voter[v].diskHolder, voter[w].diskHolder);
        SWAP(voter[v].diskEpoch, voter[w].diskEpoch);
#endif
#ifdef CLAIMS_AGAIN
        SWAP(voter[v].heard, voter[w].heard);
#endif
        SWAP(voter[v].granted, voter[w].granted)
    :: else
    fi
}

#ifdef TWO_GATES
#define GATE_2_KEY(h) ((host[h].element2 << 4) | host[h].linger2)
#else
#define GATE_2_KEY(h) 0
#endif
#define HOST_KEY(h) ((host[h].asked << 28) | (host[h].doing << 24) | (host[h].age << 20) | \
    (host[h].rest << 16) | (host[h].element << 12) | (host[h].linger << 8) | GATE_2_KEY(h))

#define OTHER(h) (h == NOBODY -> NOBODY : 1 - h)

inline rename_hosts(v) {
    voter[v].holder = OTHER(voter[v].holder);
#ifdef BREAK_FIRST_GRANT_IS_NOT_PERSISTED
    voter[v].diskHolder = OTHER(voter[v].diskHolder);
#endif
    voter[v].granted = ((voter[v].granted & 1) << 1) | (voter[v].granted >> 1)
}

inline order_hosts() {
    if
    :: HOST_KEY(0) > HOST_KEY(1) ->
        SWAP(host[0].doing, host[1].doing);
        SWAP(host[0].asked, host[1].asked);
#ifdef CLAIMS_AGAIN
        SWAP(host[0].reborn, host[1].reborn);
#endif
        SWAP(host[0].age, host[1].age);
        SWAP(host[0].rest, host[1].rest);
        SWAP(host[0].element, host[1].element);
        SWAP(host[0].linger, host[1].linger);
#ifdef TWO_GATES
        SWAP(host[0].element2, host[1].element2);
        SWAP(host[0].linger2, host[1].linger2);
#endif
        SWAP(host[0].requests, host[1].requests);
        SWAP(host[0].releases, host[1].releases);
        openedBy = OTHER(openedBy);
        rename_hosts(0); rename_hosts(1); rename_hosts(2)
    :: else
    fi
}

#define STILL_HEARD (~(BIT(FIRST_CLAIM(voter[0].epoch)) - 1))

inline use_one_name_for_all() {
#ifndef NAMED
#ifndef ONE_HOST_IS_WATCHED
    order_hosts();
#endif
    order_voters(0, 1); order_voters(1, 2); order_voters(0, 1);
#endif
#ifndef OLD_EPOCHS_MATTER
    host[0].requests = host[0].requests & STILL_HEARD;
    host[0].releases = host[0].releases & STILL_HEARD;
    host[1].requests = host[1].requests & STILL_HEARD;
    host[1].releases = host[1].releases & STILL_HEARD;
#endif
    skip
}
