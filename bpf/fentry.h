/* SPDX-License-Identifier: GPL-2.0-only */
/* Backend fentry: functions by the kernel's trampolines. ip_rcv stands in for the target until the addon sets it. */

/* A function whose packet is in its skb: most of them, and the busiest. What a target can be is constant here. */
SEC("fentry/ip_rcv")
int pkttop_packet(u64 *ctx)
{
	const struct target t = {.from = READ_HEADERS, .quick = QUICK_SKB};

	if (SWITCHED_ON())
		begin(ctx, t);
	return 0;
}

/* A function that knows only a socket. */
SEC("fentry/ip_rcv")
int pkttop_socket(u64 *ctx)
{
	const struct target t = {.from = READ_SOCKET, .quick = QUICK_SOCKET, .late = CONSTANT(PATCH_LATE)};

	if (SWITCHED_ON())
		begin(ctx, t);
	return 0;
}

/* Any other. */
SEC("fentry/ip_rcv")
int pkttop_begin(u64 *ctx)
{
	const struct target t = TARGET();

	if (SWITCHED_ON())
		begin(ctx, t);
	return 0;
}

SEC("fexit/ip_rcv")
int pkttop_end(u64 *ctx)
{
	end(ctx);
	return 0;
}
