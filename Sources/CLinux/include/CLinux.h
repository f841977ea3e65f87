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

// Network namespaces, pipes and the directory of a child: the C library's headers hide these behind
// _GNU_SOURCE, which Swift does not define.
#include <spawn.h>
enum { BATON_CLONE_NEWNET = 0x40000000 };
extern int setns(int descriptor, int kind);
extern int unshare(int flags);
extern int pipe2(int ends[2], int flags);
extern int posix_spawn_file_actions_addchdir_np(
    posix_spawn_file_actions_t *actions, const char *path);

#endif
