/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The record: what the kernel side writes into its rings and the only thing that user space knows of an event.
 *
 * Three sides hold this layout: the BPF programs write it, the addon (native/) copies it, src/trace/record.ts reads it.
 * The C sides assert the offsets below at compile time; the addon hands its own offsetof table to TypeScript, which
 * compares it with its constants before the first event. A recorded session is these bytes, so a change of layout is a
 * new session file version.
 *
 * All numbers are in host byte order unless a field says otherwise. Times are ns of CLOCK_MONOTONIC since the session's
 * `base`, a multiple of 2^32 ns shortly before its start: so 52 bits are enough for 52 days of session at any uptime.
 */
#ifndef PKTTOP_RECORD_H
#define PKTTOP_RECORD_H

#ifndef PKTTOP_KERNEL_H /* the BPF side brings its own integer types */
#include <linux/types.h>
#include <stddef.h>
#endif

/* What a record is. The size follows from the kind and, for the first four, from family and flags. */
enum record_kind {
	RECORD_CALL = 1, /* a call that has ended: begin and duration are known */
	RECORD_OPEN = 2, /* a call that went to sleep before its end, after `duration`; its RECORD_CALL follows if it ends */
	RECORD_MARK = 3, /* a moment without begin and end: netfilter hook, tracepoint; duration is 0 */
	RECORD_DROP = 4, /* a mark: the kernel drops a packet; ret is the reason, duration the code address */
	RECORD_TASK = 5, /* the name of a thread, sent before its first record and when the name changes */
	RECORD_LOSS = 6, /* records were lost on this CPU just before this place */
	RECORD_LIFE = 7, /* what became of a packet: struct record_life */
};

/* record.flags */
enum record_flags {
	FLAG_CONTEXT = 3,     /* mask: enum record_context */
	FLAG_IRQ_STACK = 4,   /* ran on the CPU's interrupt stack; else on the stack of the task tid */
	FLAG_END_UNKNOWN = 8, /* RECORD_CALL: the kernel skipped our exit probe; it had ended after `duration` at the latest */
	FLAG_TCP = 16,        /* struct tcp_inside follows */
	FLAG_PACKET = 32,     /* the packet has a number: see PACKET_BEGIN_BITS */
};

/*
 * The number of a packet, 32 bits, never 0 and never used twice in a session. It stands where times leave room: its low 12
 * bits above the 52 of `begin`, the other 20 above the 44 of `duration`, which then stops at 4.8 hours (code addresses are
 * sign-extended from their 44 bits). Without FLAG_PACKET both words are whole.
 */
#define PACKET_BEGIN_BITS 52
#define PACKET_DURATION_BITS 44
#define PACKET_LOW_BITS (64 - PACKET_BEGIN_BITS)

enum record_context { CONTEXT_TASK = 0, CONTEXT_SOFTIRQ = 1, CONTEXT_HARDIRQ = 2 };

enum record_family { FAMILY_NONE = 0, FAMILY_IPV4 = 1, FAMILY_IPV6 = 2, FAMILY_ARP = 3 };

/* Why an event is missing. The order is the order of struct losses and of the names in src/trace/losses.ts. */
enum loss_cause {
	LOSS_RING,      /* no room in the ring of the CPU */
	LOSS_DEPTH,     /* more than FRAMES calls open on one stack */
	LOSS_STORAGE,   /* no memory for the open calls of a task that goes to sleep */
	LOSS_END,       /* the kernel skipped the exit probes of several calls of a stack at once */
	LOSS_RECURSION, /* the kernel skipped a program that was already running on this CPU */
	LOSS_IDENTITY,  /* no room to remember a packet: it goes on under another number */
	LOSS_CAUSES
};

/* Cause of a RECORD_LOSS that user space makes: what waited to be looked at was more than the session keeps. */
#define LOSS_BEHIND 0xff

/*
 * What is known of the packet of a call, or else of its socket. As of the begin: a call may free or rewrite its packet.
 * What is not known is 0. The first two words lie as bytes 8 to 23 of an IPv4 packet, TTL and checksum apart, so that
 * the common case takes two stores.
 */
struct packet {
	__u8 depth;     /* of the call, not of the packet: 0 is the root of a block. It stands here because here is room. */
	__u8 proto;     /* IP protocol number; 0 with any family but IPv4 and IPv6 */
	__u16 ipid;     /* IPv4 only */
	__u32 saddr;    /* IPv4, network order; of an ARP packet the sender's and the target's protocol address */
	__u32 daddr;
	__u16 dport;    /* host order; 0 with any protocol but TCP, UDP and SCTP */
	__u16 sport;
	__u32 len;      /* skb->len */
	__u16 dev;      /* index + 1 into the device table */
	__u8 family;    /* enum record_family */
	__u8 tcp_flags; /* byte 13 of the TCP header */
	__u32 seq;      /* TCP: absolute */
	__u32 ack;
	__u8 saddr6[16]; /* IPv6 only: other records end before them */
	__u8 daddr6[16];
};

/*
 * What the TCP socket of a call knew: follows the record of functions that change it. Windows are bytes, what counts
 * counts segments. All but `state` and `cwnd` is as of the end; of a call without one as of the begin.
 */
struct tcp_inside {
	__u8 state;     /* include/net/tcp_states.h, at the begin */
	__u8 new_state; /* at the end */
	__u8 congestion; /* enum tcp_ca_state of include/uapi/linux/tcp.h */
	__u8 pad;
	__u32 cwnd; /* at the begin */
	__u32 new_cwnd;
	__u32 ssthresh;
	__u32 snd_wnd;
	__u32 rcv_wnd;
	__u32 srtt;        /* us */
	__u16 packets_out; /* sent and not acknowledged; these two stop at 65535 */
	__u16 retransmits; /* since the connection began */
};

/* RECORD_CALL, RECORD_OPEN, RECORD_MARK, RECORD_DROP: 64 bytes, with IPv6 addresses 96; 32 more with FLAG_TCP. */
struct record {
	__u8 kind;
	__u8 flags;
	__u16 fn;       /* index into the session's function table */
	__u32 tid;      /* thread that was current; 0 is the idle task of this CPU */
	__u64 begin;
	__u64 duration;
	__u16 cpu;      /* where it ended */
	/*
	 * Of a root on the interrupt stack: fn + 1 of the call it ran on top of. Of another call that puts a packet into a
	 * queue: how many were there before, plus 1, at most 65535. 0: none, not known.
	 */
	__u16 under;
	__s32 ret;      /* low 32 bits of the return value */
	struct packet packet;
};

#define RECORD_SIZE_IPV4 64
#define RECORD_SIZE_IPV6 96
#define RECORD_SIZE_TCP 32

/* What became of a packet. The first four are births: `packet` is new and came out of `other`. */
enum life {
	LIFE_CLONE = 1, /* shares the bytes of `other` */
	LIFE_COPY = 2,
	LIFE_SEGMENT = 3,  /* cut out of it by GSO */
	LIFE_FRAGMENT = 4, /* cut out of it by IP */
	LIFE_MERGED = 5,   /* its bytes go on in `other`: GRO, coalescing in a socket's queue, reassembly */
	LIFE_CONSUMED = 6, /* freed as one that has served its purpose (consume_skb) */
	LIFE_DROPPED = 7,  /* freed as one that has not: `other` is the reason, `location` the code address */
	LIFE_FREED = 8,    /* freed without a word of which */
	LIFE_UNSEEN = 9,   /* its memory became another packet: where it ended was not seen */
	LIFE_EVICTED = 10, /* no room to remember it: what comes of it later has another number */
};

struct record_life {
	__u8 kind;
	__u8 flags;
	__u16 what; /* enum life */
	__u32 packet;
	__u64 at;
	__u64 location; /* LIFE_DROPPED */
	__u32 other;
	__u32 tid; /* thread that was current */
};

struct record_task {
	__u8 kind;
	__u8 flags;
	__u16 pad;
	__u32 tid;
	__u32 pid;
	__u32 pad2;
	char comm[16];
};

struct record_loss {
	__u8 kind;
	__u8 flags;
	__u16 cause;
	__u32 cpu;
	__u64 at;
	__u64 count;
};

/* Size in bytes of the record that starts at `bytes`; 0 when it is none. */
static inline __u32 record_size(const __u8 *bytes)
{
	switch (bytes[0]) {
	case RECORD_CALL:
	case RECORD_OPEN:
	case RECORD_MARK:
	case RECORD_DROP:
		return (bytes[__builtin_offsetof(struct record, packet.family)] == FAMILY_IPV6 ? RECORD_SIZE_IPV6 : RECORD_SIZE_IPV4) +
		       (bytes[__builtin_offsetof(struct record, flags)] & FLAG_TCP ? RECORD_SIZE_TCP : 0);
	case RECORD_TASK:
		return sizeof(struct record_task);
	case RECORD_LOSS:
		return sizeof(struct record_loss);
	case RECORD_LIFE:
		return sizeof(struct record_life);
	default:
		return 0;
	}
}

#define RECORD_ASSERT(what) _Static_assert(what, #what)
#ifdef __cplusplus
#undef RECORD_ASSERT
#define RECORD_ASSERT(what) static_assert(what, #what)
#endif
RECORD_ASSERT(sizeof(struct record) == RECORD_SIZE_IPV6);
RECORD_ASSERT(sizeof(struct tcp_inside) == RECORD_SIZE_TCP);
RECORD_ASSERT(__builtin_offsetof(struct record, begin) == 8);
RECORD_ASSERT(__builtin_offsetof(struct record, duration) == 16);
RECORD_ASSERT(__builtin_offsetof(struct record, cpu) == 24);
RECORD_ASSERT(__builtin_offsetof(struct record, ret) == 28);
RECORD_ASSERT(__builtin_offsetof(struct record, packet) == 32);
RECORD_ASSERT(__builtin_offsetof(struct packet, saddr) == 4);
RECORD_ASSERT(__builtin_offsetof(struct packet, sport) == 14);
RECORD_ASSERT(__builtin_offsetof(struct packet, family) == 22);
RECORD_ASSERT(__builtin_offsetof(struct packet, seq) == 24);
RECORD_ASSERT(__builtin_offsetof(struct packet, saddr6) == RECORD_SIZE_IPV4 - 32);
RECORD_ASSERT(__builtin_offsetof(struct packet, daddr6) == 48);
RECORD_ASSERT(sizeof(struct record_task) == 32);
RECORD_ASSERT(sizeof(struct record_loss) == 24);
RECORD_ASSERT(sizeof(struct record_life) == 32);
RECORD_ASSERT(__builtin_offsetof(struct record_loss, at) == 8);
RECORD_ASSERT(__builtin_offsetof(struct record_life, at) == 8);
RECORD_ASSERT(__builtin_offsetof(struct record_life, location) == 16);

#endif
