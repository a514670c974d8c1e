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
#define MAX_TERMS 24       /* of one filter */
#define MAX_DEVICES 1024
#define FRAMES 32          /* calls open at a time on one kernel stack */
#define BUCKETS 48         /* bucket b counts durations of [2^b, 2^(b+1)) ns; the last one all that is longer */

/* Which fact a term looks at. _HOST, _PORT: either direction. */
enum term_field {
	TERM_FAMILY,  /* value: enum record_family */
	TERM_PROTO,   /* value: IP protocol number */
	TERM_SRC,     /* family, addr, mask */
	TERM_DST,
	TERM_HOST,
	TERM_SPORT,   /* lo..hi; only tcp, udp and sctp have ports */
	TERM_DPORT,
	TERM_PORT,
	TERM_DEVICE,  /* addr: the name, 16 bytes, NUL padded */
	TERM_NETNS,   /* value: inode number */
	TERM_PID,     /* value: thread group */
};

enum term_flags {
	TERM_NOT = 1, /* the term holds when what it says does not */
	TERM_END = 2, /* last term of a clause; a clause holds when all its terms do, a filter when any of its clauses does */
};

struct term {
	__u8 field;
	__u8 flags;
	__u16 family;  /* TERM_SRC, TERM_DST, TERM_HOST: FAMILY_IPV4 (ARP has IPv4 addresses, too) or FAMILY_IPV6 */
	__u32 value;
	__u16 lo, hi;
	__u32 pad;
	__u32 addr[4]; /* network order; already masked */
	__u32 mask[4];
};

/* A filter without terms matches everything. Two tables: the one not in use is written, then `active` is switched. */
struct filter {
	__u32 count;
	__u32 pad;
	struct term term[MAX_TERMS];
};

struct control {
	__u32 enabled; /* 0: no new call is recorded; calls that are open end as usual */
	__u32 active;
	struct filter filter[2];
	__u8 on[MAX_FUNCTIONS]; /* switch of each function */
};

/* One for each CPU and function, at index cpu * functions + fn. The number of calls is the sum of the buckets. */
struct stat {
	__u64 total; /* ns */
	__u64 self;  /* ns, without the traced calls inside and without softirqs that ran on top */
	__u64 max;
	__u64 bucket[BUCKETS];
};

/* One for each CPU. */
struct losses {
	__u64 emitted; /* calls and marks that reached the ring */
	__u64 lost[LOSS_CAUSES];
	__u64 pad[8 - 1 - LOSS_CAUSES];
};

/* A device of a network namespace; ifindex 0 stands for the namespace alone. */
struct device {
	__u64 key; /* netns << 32 | ifindex; 0 free */
	char name[16];
};

RECORD_ASSERT(sizeof(struct term) == 48);
RECORD_ASSERT(sizeof(struct filter) == 8 + 48 * MAX_TERMS);
RECORD_ASSERT(sizeof(struct stat) == 24 + 8 * BUCKETS);
RECORD_ASSERT(sizeof(struct losses) == 64);
RECORD_ASSERT(sizeof(struct device) == 24);

#endif
