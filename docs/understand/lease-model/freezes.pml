    /*
     * Steps of HostProcess in lease.pml: the daemon may be frozen between telling the kernel and
     * reading its clock again, too.
     */
#if defined(TWO_GATES)
    /* A host answers while both gates are open. One gate at most is unverified at any time, so
     * the other one ends the lease, however long and however often the daemon is frozen. */
    :: d_step {
        host[h].doing == SETTING ->
        printf("host %c sets gate 1 to %d\n", 'A' + h, host[h].rest);
        wasAlive = IS_ALIVE(h);
        host[h].element = host[h].rest;
        host[h].linger = 0;
        if
        :: ANSWERS(h) -> open(h, wasAlive)
        :: else
        fi;
        wasAlive = 0;
        host[h].doing = CHECKING;
        settle()
    }
    :: d_step {
        host[h].doing == CHECKING ->
        if
        :: IS_LATE(h) -> undo(h)
        :: else -> host[h].rest = REST(h); host[h].doing = SETTING_2
        fi;
        settle()
    }
    :: d_step {
        host[h].doing == SETTING_2 ->
        printf("host %c sets gate 2 to %d\n", 'A' + h, host[h].rest);
        wasAlive = IS_ALIVE(h);
        host[h].element2 = host[h].rest;
        host[h].linger2 = 0;
        if
        :: ANSWERS(h) -> open(h, wasAlive)
        :: else
        fi;
        wasAlive = 0;
        host[h].doing = CHECKING_2;
        settle()
    }
    :: d_step {
        host[h].doing == CHECKING_2 ->
        if
        :: IS_LATE(h) -> undo(h)
        :: else -> host[h].rest = 0; host[h].doing = AFTER_SETTING(h)
        fi;
        settle()
    }
#elif defined(BREAK_FROZEN_BEFORE_THE_RECHECK)
    :: d_step {
        host[h].doing == SETTING ->
        printf("host %c sets the element to %d\n", 'A' + h, host[h].rest);
        host[h].element = host[h].rest;
        host[h].linger = 0;
        host[h].doing = CHECKING;
        settle()
    }
    :: d_step {
        host[h].doing == CHECKING ->
        if
        :: IS_LATE(h) -> undo(h)
        :: else -> open(h, false); host[h].rest = 0; host[h].doing = AFTER_SETTING(h)
        fi;
        settle()
    }
#endif
