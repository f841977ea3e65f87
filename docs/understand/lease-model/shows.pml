/*
 * What must be able to happen. Each SHOW_... run claims that it never does, and must be denied:
 * a protocol that never grants anything would be safe too.
 */
#if defined(SHOW_TAKEOVER_AFTER_DEATH) || defined(SHOW_RELEASE_NEEDS_NO_WAIT) || \
    defined(SHOW_RESTARTED_HOLDER_CARRIES_ON) || defined(CLAIMS_AGAIN)
#define ONE_HOST_IS_WATCHED
#endif
#if defined(SHOW_TAKEOVER_AFTER_DEATH) || defined(SHOW_RELEASE_NEEDS_NO_WAIT) || \
    defined(SHOW_RESTARTED_HOLDER_CARRIES_ON) || defined(SHOW_HOLDER_OUTLIVES_VOTERS) || \
    defined(SHOW_ADDRESS_RETURNS) || defined(SHOW_ADDRESS_IS_TAKEN) || \
    defined(SHOW_TAKEOVER_AFTER_VOTERS_FORGOT)
#define SHOW
bit shown;
byte witness;
#endif

inline show_opening(h, wasAlive) {
#if defined(SHOW_ADDRESS_IS_TAKEN)
    shown = 1
#elif defined(SHOW_TAKEOVER_AFTER_VOTERS_FORGOT)
    shown = (witness == 1 && openedBy != h)
#elif defined(SHOW_TAKEOVER_AFTER_DEATH)
    shown = (witness == 1)
#elif defined(SHOW_RELEASE_NEEDS_NO_WAIT)
    shown = (witness == 2 - h)
#elif defined(SHOW_RESTARTED_HOLDER_CARRIES_ON)
    shown = (wasAlive && witness == 1 + h)
#elif defined(SHOW_HOLDER_OUTLIVES_VOTERS)
    shown = (wasAlive && voter[0].silence > 0 && voter[1].silence > 0 && voter[2].silence > 0)
#elif defined(SHOW_ADDRESS_RETURNS)
    witness = (openedBy == h -> witness : witness + 1);
    shown = (witness == 3)
#else
    skip
#endif
}

/* Every voter has forgotten a promise that its holder still uses. */
inline show_restart_of_voter() {
#ifdef SHOW_TAKEOVER_AFTER_VOTERS_FORGOT
    witness = (witness == 1 || ((IS_ALIVE(0) || IS_ALIVE(1)) && voter[0].silence > 0 &&
        voter[1].silence > 0 && voter[2].silence > 0) -> 1 : 0);
#endif
    skip
}
