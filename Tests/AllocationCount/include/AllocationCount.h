// Counts what a thread allocates, by standing before the C library's own functions.
#ifndef BATON_ALLOCATION_COUNT_H
#define BATON_ALLOCATION_COUNT_H

/// Allocations of the calling thread so far: malloc, calloc, realloc and their aligned kin.
unsigned long allocation_count(void);

#endif
