/* SPDX-License-Identifier: GPL-2.0-only */
/* Backend fentry: functions by the kernel's trampolines. ip_rcv stands in for the target until the addon sets it. */

SEC("fentry/ip_rcv")
int pkttop_begin(u64 *ctx)
{
	const struct target t = TARGET();

	if (switched_on(t.fn)) {
		struct args a = ARGS(ctx);

		begin(ctx, t, &a);
	}
	return 0;
}

SEC("fexit/ip_rcv")
int pkttop_end(u64 *ctx)
{
	const struct target t = TARGET();

	if (switched_on(t.fn)) {
		struct args a = ARGS(ctx);

		end(ctx, t, &a, ARGUMENT(ctx, PATCH_RETURN));
	}
	return 0;
}
