/* SPDX-License-Identifier: GPL-2.0-only */
/* The arguments of a call that can tell about its packet, whatever way its backend has to hand them over. */
#ifndef PKTTOP_ARGUMENTS_H
#define PKTTOP_ARGUMENTS_H

/* NULL: the function has no such argument. */
struct args {
	struct sk_buff *skb;
	struct sock *sk;
	struct socket *socket;
	struct msghdr *msg;
	void *address; /* struct sockaddr of connect */
	struct flowi4 *flow4; /* what a route is looked up for */
	struct flowi6 *flow6;
	u64 queue; /* what its queue is known by */
};

/* What a backend's ctx is. */
enum how {
	TRAMPOLINE, /* the arguments in a row, of types that the verifier knows */
	SESSION,    /* the same for many functions, so that nobody knows the types */
	REGISTERS,  /* struct pt_regs: arguments are there at the begin only */
};

/* What is constant in a program, or comes from the function's struct place where many functions share one. */
struct target {
	enum how how; /* constant in any program */
	u32 fn;
	u32 from;  /* enum read_from */
	u32 quick; /* which common case to try first: enum quick */
	u32 late;  /* its socket knows the addresses only at its end (accept, connect) */
	u32 inside; /* the record carries what its TCP socket knows */
	u32 bytes;  /* enum bytes */
	u32 queue;  /* enum queue_kind */
	u32 bare;  /* no argument tells about a packet: recorded only inside another call */
	u64 at;    /* REGISTERS: the stack pointer at the begin of the call */
	u32 indirect; /* the skb's argument points to a pointer to it */
	u64 last_socket, last_msg; /* REGISTERS: arguments that a call that decides late asks at its end */
};

/*
 * A pointer of a type that the verifier does not know: made known where that is possible, else GET() reads it with
 * helpers. No branch on NULL here: each one doubles the paths that the verifier walks.
 */
#define KNOWN(type, number)                                                                                            \
	({                                                                                                             \
		u64 address = number;                                                                                  \
		struct type *known = (void *)address;                                                                  \
		if (CONSTANT(PATCH_TYPED) && bpf_ksym_exists(bpf_rdonly_cast))                                         \
			known = bpf_rdonly_cast((void *)address, bpf_core_type_id_kernel(struct type));                \
		known;                                                                                                 \
	})

/* What is constant in a program for one function. */
#define PATCHED_TARGET(backend)                                                                                        \
	{.how = backend, .fn = CONSTANT(PATCH_FN), .from = CONSTANT(PATCH_FROM), .late = CONSTANT(PATCH_LATE),          \
	 .bare = CONSTANT(PATCH_BARE), .indirect = CONSTANT(PATCH_INDIRECT), .inside = CONSTANT(PATCH_INSIDE), .bytes = CONSTANT(PATCH_BYTES), .queue = CONSTANT(PATCH_LENGTH)}

/* The argument at the place that is patched into the program. */
#define PATCHED(how, ctx, type, slot)                                                                                  \
	((how) == TRAMPOLINE ? (struct type *)ARGUMENT(ctx, slot) : KNOWN(type, ARGUMENT(ctx, slot)))

/* What a pointer points to; 0 where that cannot be read. */
static __always_inline u64 behind(u64 pointer)
{
	u64 value = 0;

	bpf_probe_read_kernel(&value, sizeof(value), (void *)pointer);
	return value;
}

#define PATCHED_SKB(t, ctx)                                                                                            \
	((t).how == TRAMPOLINE                                                                                         \
		 ? (struct sk_buff *)((t).indirect ? behind(ARGUMENT(ctx, PATCH_SKB)) : ARGUMENT(ctx, PATCH_SKB))      \
		 : KNOWN(sk_buff, (t).indirect ? behind(ARGUMENT(ctx, PATCH_SKB)) : ARGUMENT(ctx, PATCH_SKB)))

#define PATCHED_ARGS(t, ctx) ARGS_OF((t).how, ctx, PATCHED_SKB(t, ctx))
#define ARGS_OF(how, ctx, packet)                                                                                      \
	{.skb = packet, .sk = PATCHED(how, ctx, sock, PATCH_SK),                         \
	 .socket = PATCHED(how, ctx, socket, PATCH_SOCKET), .msg = PATCHED(how, ctx, msghdr, PATCH_MSG),                \
	 .address = (void *)ARGUMENT(ctx, PATCH_ADDRESS), .flow4 = (void *)ARGUMENT(ctx, PATCH_FLOW4),                  \
	 .flow6 = (void *)ARGUMENT(ctx, PATCH_FLOW6)}

/* The same by a function's struct place: `word` has 0 first, then the arguments. */
#define PLACED(place, word, slot) ((word)[(place)->argument[slot] & 7])
#define PLACED_ARGS(place, word, packet)                                                                               \
	{.skb = KNOWN(sk_buff, packet), .sk = KNOWN(sock, PLACED(place, word, PATCH_SK)),       \
	 .socket = KNOWN(socket, PLACED(place, word, PATCH_SOCKET)), .msg = KNOWN(msghdr, PLACED(place, word, PATCH_MSG)), \
	 .address = (void *)PLACED(place, word, PATCH_ADDRESS), .flow4 = (void *)PLACED(place, word, PATCH_FLOW4),      \
	 .flow6 = (void *)PLACED(place, word, PATCH_FLOW6), .queue = PLACED(place, word, PATCH_QUEUE)}

/* The socket of a call. */
static __always_inline struct sock *socket_of(const struct args *a)
{
	if (a->sk)
		return a->sk;
	if (a->socket)
		return GET(a->socket, sk);
	return NULL;
}

#endif
