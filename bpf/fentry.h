/* SPDX-License-Identifier: GPL-2.0-only */
/* Backend fentry: functions by the kernel's trampolines. */

/* A function whose packet is in its skb: most of them, and the busiest. What a target can be is constant here. */
#define PACKET_TARGET                                                                                                  \
	(struct target){.fn = CONSTANT(PATCH_FN), .from = READ_HEADERS, .quick = QUICK_SKB,                            \
			.inside = CONSTANT(PATCH_INSIDE), .queue = CONSTANT(PATCH_LENGTH)}
/* A function that knows only a socket. */
#define SOCKET_TARGET                                                                                                  \
	(struct target){.fn = CONSTANT(PATCH_FN), .from = READ_SOCKET, .quick = QUICK_SOCKET,                          \
			.late = CONSTANT(PATCH_LATE), .inside = CONSTANT(PATCH_INSIDE), .bytes = CONSTANT(PATCH_BYTES)}
/* Any other. */
#define ANY_TARGET ((struct target)PATCHED_TARGET(TRAMPOLINE))

TEMPLATE
int pkttop_packet(u64 *ctx)
{
	const struct target t = PACKET_TARGET;

	if (PATCHED_IN() && SWITCHED_ON(t.fn))
		begin(ctx, t, NULL);
	return 0;
}

TEMPLATE
int pkttop_socket(u64 *ctx)
{
	const struct target t = SOCKET_TARGET;

	if (PATCHED_IN() && SWITCHED_ON(t.fn))
		begin(ctx, t, NULL);
	return 0;
}

TEMPLATE
int pkttop_begin(u64 *ctx)
{
	const struct target t = ANY_TARGET;

	if (PATCHED_IN() && SWITCHED_ON(t.fn))
		begin(ctx, t, NULL);
	return 0;
}

TEMPLATE
int pkttop_end(u64 *ctx)
{
	const struct target t = {.fn = CONSTANT(PATCH_FN), .late = CONSTANT(PATCH_LATE), .inside = CONSTANT(PATCH_INSIDE)};

	if (PATCHED_IN())
		end(ctx, t, NULL, ARGUMENT(ctx, PATCH_RETURN));
	return 0;
}
