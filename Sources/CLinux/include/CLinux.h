// Headers and constants that Swift's Glibc import lacks. No logic.
#ifndef BATON_CLINUX_H
#define BATON_CLINUX_H

#include <arpa/inet.h>
#include <linux/if_addr.h>
#include <linux/if_arp.h>
#include <linux/if_ether.h>
#include <linux/if_link.h>
#include <linux/if_packet.h>
#include <linux/inet_diag.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>

// Watching processes: pidfd_open(2) has no wrapper in C libraries before glibc 2.36, and Swift
// cannot call the variadic syscall(2).
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <unistd.h>

/// A descriptor that becomes readable when the process ends; -1 with errno.
static inline int baton_pidfd_open(pid_t process) {
    return (int)syscall(SYS_pidfd_open, process, 0);
}

#endif
