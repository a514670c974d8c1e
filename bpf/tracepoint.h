/* SPDX-License-Identifier: GPL-2.0-only */
/* Backend tracepoint: marks where the kernel's own tracepoints and netfilter hooks are, and a handler of our own. */

TEMPLATE
int pkttop_mark(u64 *ctx)
{
	if (PATCHED_IN() && SWITCHED_ON(CONSTANT(PATCH_FN))) {
		struct args a = PATCHED_ARGS((struct target){}, ctx);

		mark(ctx, &a, ARGUMENT(ctx, PATCH_REASON), ARGUMENT(ctx, PATCH_LOCATION),
		     ARGUMENT(ctx, PATCH_NEW_STATE));
	}
	return 0;
}

/* One program for each hook and family, so that the function number tells which hook it was. */
TEMPLATE
int pkttop_hook(struct bpf_nf_ctx *ctx)
{
	if (PATCHED_IN() && SWITCHED_ON(CONSTANT(PATCH_FN))) {
		struct args a = {.skb = ctx->skb};

		mark(ctx, &a, 0, 0, 0);
	}
	return 1; /* NF_ACCEPT */
}

/*
 * The filter of a packet socket for all protocols: it sees each packet received before its protocol does, and takes
 * none. Its ctx is the skb, so the place on the stack is that of a variable.
 */
TEMPLATE
int pkttop_handler(void *ctx)
{
	struct args a = {};
	struct cpu *c = this_cpu();

	if (PATCHED_IN() && c && SWITCHED_ON(CONSTANT(PATCH_FN))) {
		a.skb = KNOWN(sk_buff, number_of(c, ctx));
		mark(&a, &a, 0, 0, 0);
	}
	return 0;
}
