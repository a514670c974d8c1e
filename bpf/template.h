/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One program serves every function: the addon loads its instructions again for each target after it has put the
 * target's constants into the places marked here (native/patch.cc finds them by their numbers).
 *
 * A marked place begins with `rX = MARK + slot`. CONSTANT: its number is replaced. ARGUMENT: `rX = ctx` and `rX = 0`
 * follow; where the function has the argument they become the load of it from ctx and nothing. Where it has not they
 * stay, and the verifier removes all code that would have used the argument. So the template itself loads everywhere.
 */
#ifndef PKTTOP_TEMPLATE_H
#define PKTTOP_TEMPLATE_H

#define PATCH_MARK 0x706b7400 /* "pkt" and the slot */

enum patch_slot {
	PATCH_SKB,
	PATCH_SK,
	PATCH_SOCKET,
	PATCH_MSG,
	PATCH_ADDRESS,
	PATCH_RETURN,
	PATCH_REASON,
	PATCH_LOCATION,
	PATCH_ARGUMENTS, /* slots below are arguments, above constants */
	PATCH_FN = PATCH_ARGUMENTS,
	PATCH_FROM,
	PATCH_LATE,
	PATCH_BARE,
	PATCH_SLOTS
};

#ifdef __bpf__
#define ARGUMENT(ctx, slot)                                                                                            \
	({                                                                                                             \
		u64 value;                                                                                             \
		asm volatile("%0 = %2\n%0 = %1\n%0 = 0" : "=&r"(value) : "r"(ctx), "i"(PATCH_MARK + slot));            \
		value;                                                                                                 \
	})
#define CONSTANT(slot)                                                                                                 \
	({                                                                                                             \
		u64 value;                                                                                             \
		asm volatile("%0 = %1" : "=r"(value) : "i"(PATCH_MARK + slot));                                         \
		value;                                                                                                 \
	})
#define TARGET()                                                                                                       \
	{.from = CONSTANT(PATCH_FROM), .late = CONSTANT(PATCH_LATE), .bare = CONSTANT(PATCH_BARE)}
#define ARGS(ctx)                                                                                                      \
	{.skb = (void *)ARGUMENT(ctx, PATCH_SKB), .sk = (void *)ARGUMENT(ctx, PATCH_SK),                                \
	 .socket = (void *)ARGUMENT(ctx, PATCH_SOCKET), .msg = (void *)ARGUMENT(ctx, PATCH_MSG),                        \
	 .address = (void *)ARGUMENT(ctx, PATCH_ADDRESS)}
#endif

#endif
