/* SPDX-License-Identifier: GPL-2.0-only */
/* All state of the kernel side. What user space maps is described in control.h; the rest is private to the programs. */
#ifndef PKTTOP_MAPS_H
#define PKTTOP_MAPS_H

/* A call that has begun. What is known of its packet waits here, in the record that will be emitted at its end. */
struct frame {
	u64 ctx;   /* place on the stack: the same at begin and end, lower for callees */
	u64 high;  /* bits of the packet's number that its duration will have */
	u64 child; /* ns spent in traced calls inside it and in softirqs on top of it */
	u64 late[3]; /* socket, struct socket and message of a call whose end asks them, where its end has no arguments */
	struct record rec;
	struct tcp_inside inside;
};

struct stack {
	u32 n;        /* frames in use */
	u32 doubtful; /* one of them may be undecided */
	u64 own;      /* ns that probes have worked since the outermost of them began, where that is taken off */
	struct frame f[FRAMES];
};

/*
 * Per CPU: who is running, in which context, and the open calls of the two stacks it can be on. stack[TASK_STACK] belongs to the
 * running task and travels with it: the scheduler's tracepoint saves it to the task's storage and brings it back, so
 * that the probes themselves need no look-up by task.
 */
struct cpu {
	u64 stack_base; /* lowest place of the running task's kernel stack; 0: nothing is known of this CPU yet */
	u64 origin;     /* address that places are distances from */
	u64 number;     /* scratch to make a number of a pointer, which the verifier refuses to calculate with */
	u64 head;       /* slots of this CPU's ring that were ever claimed */
	u32 id;
	u32 first_slot; /* of its ring */
	u32 first_stat; /* of its histograms */
	u32 tid;
	u32 pid;
	u8 softirq;
	u8 context; /* enum record_context */
	u32 unreported; /* records lost on this CPU since the last RECORD_LOSS */
	u32 claiming;   /* a program is choosing its slot of the ring, on kernels without compare-and-swap */
	u32 unnamed;    /* the running task's name is still to be sent; beside `unreported`: both are asked for at once */
	u8 stored; /* the running task has storage */
	u16 dev_index; /* the device and the namespace that were seen last, until the next context switch */
	u16 net_index;
	u32 dev_ifindex;
	u64 dev;
	u64 net;
	struct stack stack[2]; /* TASK_STACK, IRQ_STACK */
};

#define TASK_STACK 0
#define IRQ_STACK 1

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct cpu);
} cpus SEC(".maps");

/* Where task storage is missing: a hash by thread number, in which only those that sleep in an open call have an entry. */
struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct stack);
} sleeping SEC(".maps");

/* The rings of all CPUs, one after the other: see control.h. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1); /* CPUs * slots, set by the loader */
	__type(key, u32);
	__type(value, struct slot);
} ring SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1); /* CPUs * functions, set by the loader */
	__type(key, u32);
	__type(value, struct histogram);
} stats SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1); /* CPUs, set by the loader */
	__type(key, u32);
	__type(value, struct losses);
} losses SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, MAX_DEVICES);
	__type(key, u32);
	__type(value, struct device);
} devices SEC(".maps");

/* Functions that share a program: how each one's arguments are read. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1); /* functions, set by the loader */
	__type(key, u32);
	__type(value, struct place);
} places SEC(".maps");

/* Names that were sent already, so that a task is named once and not at every switch. Collisions cost a repetition. */
#define NAMES 4096
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, NAMES);
	__type(key, u32);
	__type(value, struct record_task);
} names SEC(".maps");

struct control control SEC(".data.control") = {};

/* Set by the loader. */
const volatile struct constants constants SEC(".rodata.constants") = {.functions = 1, .slots = 1, .thread_shift = 14, .swaps = 1, .task_storage = 1};

/* Whether the probes' own work is taken off: then each stack has a clock that stands still meanwhile. */
#define CORRECTS() (constants.own_inside)

/* What that clock is behind. */
static __always_inline u64 own_work(const struct stack *s)
{
	return CORRECTS() ? s->own : 0;
}

/* ns since the base of the session. */
static __always_inline u64 time_now(void)
{
	return bpf_ktime_get_ns() - constants.base;
}

#endif
