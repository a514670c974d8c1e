/* SPDX-License-Identifier: GPL-2.0-only */
/* Backend tracepoint: marks where the kernel's own tracepoints and netfilter hooks are. */

SEC("tp_btf/netif_receive_skb")
int pkttop_mark(u64 *ctx)
{
	if (SWITCHED_ON()) {
		struct args a = ARGS(ctx);

		mark(ctx, &a, ARGUMENT(ctx, PATCH_REASON), ARGUMENT(ctx, PATCH_LOCATION));
	}
	return 0;
}

/* One program for each hook and family, so that the function number tells which hook it was. */
SEC("netfilter")
int pkttop_hook(struct bpf_nf_ctx *ctx)
{
	if (SWITCHED_ON()) {
		struct args a = {.skb = ctx->skb};

		mark(ctx, &a, 0, 0);
	}
	return 1; /* NF_ACCEPT */
}
