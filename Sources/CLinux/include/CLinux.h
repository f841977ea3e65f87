// Headers and constants that Swift's Glibc import lacks. No logic.
#ifndef BATON_CLINUX_H
#define BATON_CLINUX_H

#include <arpa/inet.h>
#include <linux/filter.h>
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
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>

// Swift imports the members of `enum __socket_type` and the MSG_ constants under several types,
// depending on which headers were seen before: these have one.
static const int clinuxSocketRaw = SOCK_RAW | SOCK_CLOEXEC;
static const int clinuxSocketStream = SOCK_STREAM | SOCK_CLOEXEC;
static const int clinuxSocketTypeStream = SOCK_STREAM;
static const int clinuxSocketDatagram = SOCK_DGRAM | SOCK_CLOEXEC;
static const int clinuxSocketNonBlocking = SOCK_NONBLOCK;
static const int clinuxMessageTruncate = MSG_TRUNC;
static const int clinuxMessageDoNotWait = MSG_DONTWAIT;
static const int clinuxMessageNoSignal = MSG_NOSIGNAL;
static const int clinuxSocketLevelNetlink = 270;  // SOL_NETLINK: hidden behind _GNU_SOURCE.
static const int clinuxAttachFilter = SO_ATTACH_FILTER;
static const int clinuxEventFlags = EFD_CLOEXEC | EFD_NONBLOCK;
static const int clinuxTimerFlags = TFD_CLOEXEC | TFD_NONBLOCK;
static const int clinuxTimerAbsolute = TFD_TIMER_ABSTIME;

// Newer than the oldest headers that Baton is compiled with: their values are the kernel's ABI.
static const unsigned short clinuxAddressProtocol = 11;  // IFA_PROTO, Linux 5.18.

// <sched.h> and <pthread.h> belong to the Glibc module, built without _GNU_SOURCE.
static const int clinuxCloneNewNetwork = 0x40000000;  // CLONE_NEWNET
extern int setns(int descriptor, int kind);
extern int pthread_setname_np(pthread_t thread, const char *name);

// The same for the laboratory's pipes and children.
#include <spawn.h>
static const short clinuxSpawnNewSession = 0x80;  // POSIX_SPAWN_SETSID
static const int clinuxStreamNonBlocking = SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC;
extern int unshare(int flags);
extern int pipe2(int ends[2], int flags);
extern int posix_spawn_file_actions_addchdir_np(
    posix_spawn_file_actions_t *actions, const char *path);

// Scripts get no descriptor beyond their standard streams (glibc 2.34).
extern int posix_spawn_file_actions_addclosefrom_np(
    posix_spawn_file_actions_t *actions, int from);

// Watching processes: pidfd_open(2) has no wrapper in C libraries before glibc 2.36, and Swift
// cannot call the variadic syscall(2).
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <unistd.h>

// The balancer's reactor. The members of `enum EPOLL_EVENTS` get one type here too.
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
static const unsigned int clinuxPollIn = EPOLLIN;
static const unsigned int clinuxPollOut = EPOLLOUT;
static const unsigned int clinuxPollError = EPOLLERR;
static const unsigned int clinuxPollHangUp = EPOLLHUP;
static const unsigned int clinuxPollPeerHangUp = EPOLLRDHUP;
static const int clinuxPollFlags = EPOLL_CLOEXEC;
static const int clinuxReusePort = SO_REUSEPORT;
static const int clinuxNoDelay = TCP_NODELAY;
static const int clinuxUserTimeout = 18;  // TCP_USER_TIMEOUT
static const int clinuxAcceptFlags = SOCK_NONBLOCK | SOCK_CLOEXEC;
extern int accept4(int descriptor, struct sockaddr *address, socklen_t *length, int flags);

/// A descriptor that becomes readable when the process ends; -1 with errno.
static inline int baton_pidfd_open(pid_t process) {
    return (int)syscall(SYS_pidfd_open, process, 0);
}

#endif
