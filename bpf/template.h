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
	PATCH_FLOW4,
	PATCH_FLOW6,
	PATCH_QUEUE, /* the discipline, neighbour or CPU whose queue a call puts something into */
	PATCH_LAST_SOCKET, /* what a call that decides late asks at its end, where that is not what its begin asks */
	PATCH_LAST_MSG,
	PATCH_RETURN,
	PATCH_REASON,
	PATCH_LOCATION,
	PATCH_NEW_STATE, /* of a socket */
	PATCH_ARGUMENTS, /* slots below are arguments, above constants */
	PATCH_FN = PATCH_ARGUMENTS,
	PATCH_FROM,
	PATCH_LATE,
	PATCH_BARE,
	PATCH_INDIRECT,
	PATCH_INSIDE,
	PATCH_BYTES,
	PATCH_LENGTH, /* enum queue_kind */
	PATCH_EXIT_SHIFT, /* stack pointer at the end of a call minus that at its begin, for kprobes */
	PATCH_TYPED,
	PATCH_SLOTS
};

#ifdef __bpf__
/*
 * libbpf loads a template once, to find its maps and the kernel's offsets, under a type that every kernel has. Nothing is
 * patched then, PATCHED_IN() is false, and the verifier is done at once.
 */
#define TEMPLATE SEC("socket")
#define PATCHED_IN() (CONSTANT(PATCH_TYPED) < 2)

#define ARGUMENT(ctx, slot)                                                                                            \
	({                                                                                                             \
		u64 value;                                                                                             \
		asm volatile("%0 = %2\n%0 = %1\n%0 = 0" : "=&r"(value) : "r"(ctx), "i"(PATCH_MARK + slot));            \
		value;                                                                                                 \
	})
#define CONSTANT(slot)                                                                                                 \
	({                                                                                                             \
		u64 value;                                                                                             \
		asm("%0 = %1" : "=r"(value) : "i"(PATCH_MARK + slot));                                                 \
		value;                                                                                                 \
	})
/*
 * A field behind a pointer: loaded directly where the verifier knows the pointer's type, else by a helper that survives
 * any address. Which of the two is a constant of the program, so the other one is removed.
 */
#define GET(pointer, field)                                                                                            \
	({                                                                                                             \
		typeof(pointer) of = (pointer);                                                                        \
		typeof(of->field) got;                                                                                 \
		if (CONSTANT(PATCH_TYPED)) {                                                                           \
			got = of->field;                                                                               \
		} else {                                                                                               \
			typeof(of->field) copied = 0; /* of its own, or the quick way would pay for its place in memory */ \
			bpf_core_read((void *)&copied, sizeof(copied), &of->field);                                    \
			got = copied;                                                                                  \
		}                                                                                                      \
		got;                                                                                                   \
	})
#endif

#endif
