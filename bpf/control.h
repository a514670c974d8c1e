/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What user space and the kernel side share beside the records: the filter and the switches (user space writes, the
 * kernel reads), histograms, losses and devices (the kernel writes, user space reads). All of it lives in array maps
 * with BPF_F_MMAPABLE, so that reading and writing needs neither a system call nor a privilege once they are mapped.
 */
#ifndef PKTTOP_CONTROL_H
#define PKTTOP_CONTROL_H

#include "record.h"

#define MAX_FUNCTIONS 4096 /* switches; a function number is below this */
#define MAX_TESTS 32       /* of one filter */
#define MAX_DEVICES 1024
#define FRAMES 32          /* calls open at a time on one kernel stack */
#define BUCKETS 48         /* bucket b counts durations of [2^b, 2^(b+1)) ns; the last one all that is longer */

/*
 * A filter is a small program, as in classic BPF but with one kind of instruction: test one word of the packet, then go
 * on at one of two later tests. So any combination of and, or and not costs a test a primitive, and the verifier sees
 * one short loop without paths.
 */
struct test {
	__u16 at;     /* byte offset of a 32-bit word in struct packet, a multiple of 4 */
	__u8 next[2]; /* where to go on: yes, no; always a later test, or FILTER_ACCEPT, FILTER_REJECT */
	__u32 mask;
	__u32 lo, span; /* yes when (word & mask) - lo <= span, unsigned: equality and ranges */
};

#define FILTER_ACCEPT 0xff
#define FILTER_REJECT 0xfe

/* All that is given must hold: process, namespace, device, tests. Zeroes match everything. */
struct filter {
	__u32 pid;       /* thread group */
	__u32 netns;     /* inode number */
	__u64 device[2]; /* name, 16 bytes, NUL padded */
	__u32 count;     /* of tests; the first is where it begins */
	__u32 narrow;    /* whether pid, netns or device is given */
	struct test test[MAX_TESTS];
};

/*
 * One ring for each CPU: `constants.slots` slots, a power of two, at index cpu * slots. A record takes the next slot, one
 * with IPv6 addresses the next two. The kernel side writes the first word last; a slot whose first byte is 0 is free or
 * still being written. User space sets the first word of each slot to 0 once it has read the record. So neither side
 * needs the other's position, and writing a record takes no lock and no call.
 */
struct slot {
	__u64 word[8];
};

struct constants {
	__u32 functions; /* size of the function table */
	__u32 slots;     /* of one CPU's ring */
	__u32 thread_shift; /* log2 of THREAD_SIZE */
	__u32 swaps;        /* the kernel has compare-and-swap for programs (since 5.12) */
	__u32 task_storage; /* and storage of a task for those of tracing (since 5.11) */
	__u32 identity;     /* packets have numbers */
	__u32 own_inside;   /* ns of the probes' own work to take off each call's duration; 0: nothing is taken off */
	__u32 own_outside;  /* and off those of its callers besides */
	__u64 base;         /* what times in records count from, ns of CLOCK_MONOTONIC */
};

/* What a socket call moves, so that its record tells where in the stream its bytes begin. */
enum bytes { BYTES_NONE, BYTES_WRITTEN, BYTES_READ };

/* The queue that a call puts something into, so that its record tells how long that was. */
enum queue_kind {
	QUEUE_NONE,
	QUEUE_CPU,       /* input backlog of the CPU that an argument names */
	QUEUE_QDISC,     /* an argument is the discipline */
	QUEUE_NEIGHBOUR, /* an argument is the neighbour */
	QUEUE_RECEIVE,   /* receive queue of the socket */
	QUEUE_ACCEPT,    /* connections that wait for accept on the socket */
	QUEUE_FLIGHT,    /* segments of the socket that are not acknowledged */
};

/* Which common case to try first when a call's packet is read: from its skb's headers, or from its socket. */
enum quick { QUICK_NONE, QUICK_SKB, QUICK_SOCKET };

/*
 * A function that shares its program with others: what else is constant in its program (bpf/template.h). The index is
 * its number.
 */
struct place {
	__u8 argument[8]; /* by argument slot, from PATCH_SKB to PATCH_QUEUE: which argument, from 1 on; 0 none */
	__u8 from, late, bare, returns;
	__u8 last_socket; /* of accept(sock, newsock) the second is the connection, known at the end: which argument */
	__u8 last_msg;    /* a receiving call fills msg_name in: it means something at the end */
	__u8 indirect;    /* the skb's argument points to a pointer to it */
	__u8 quick;       /* enum quick */
	__u8 inside;      /* the record carries what the TCP socket knows */
	__u8 bytes;       /* enum bytes */
	__u8 queue;       /* enum queue_kind */
	__u8 pad[5];
};

/* Two filters: the one not in use is written, then `active` is switched. */
struct control {
	__u32 enabled; /* 0: no new call is recorded; calls that are open end as usual */
	__u32 active;
	__u32 identity; /* what makes and frees packets is watched: their numbers are right */
	__u32 follow;   /* a packet that has a number is accepted without asking the filter's tests */
	struct filter filter[2];
	__u8 on[MAX_FUNCTIONS]; /* switch of each function */
};

/* One for each CPU and function, at index cpu * functions + fn. The number of calls is the sum of the buckets. */
struct histogram {
	__u64 total; /* ns */
	__u64 self;  /* ns, without the traced calls inside and without softirqs that ran on top */
	__u64 max;
	__u64 bucket[BUCKETS];
};

/* One for each CPU. */
struct losses {
	__u64 lost[LOSS_CAUSES];
	__u64 pad[8 - LOSS_CAUSES];
};

/* A device of a network namespace; ifindex 0 stands for the namespace alone. */
struct device {
	__u64 key; /* netns << 32 | ifindex; 0 free */
	char name[16];
};

RECORD_ASSERT(sizeof(struct test) == 16);
RECORD_ASSERT(sizeof(struct filter) == 32 + 16 * MAX_TESTS);
RECORD_ASSERT(sizeof(struct slot) == RECORD_SIZE_IPV4);
RECORD_ASSERT(sizeof(struct slot) >= sizeof(struct record_task) && sizeof(struct slot) >= sizeof(struct record_loss));
RECORD_ASSERT(sizeof(struct histogram) == 24 + 8 * BUCKETS);
RECORD_ASSERT(sizeof(struct losses) == 64);
RECORD_ASSERT(sizeof(struct place) == 24);
RECORD_ASSERT(sizeof(struct device) == 24);

#endif
