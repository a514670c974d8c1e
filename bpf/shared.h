/* SPDX-License-Identifier: GPL-2.0-only */
/* Programs that many functions share: what is constant elsewhere comes from the function's struct place. */

/* `word`: 0, then the arguments. True: there is something for the end to do. */
static __always_inline bool placed_begin(u64 *ctx, struct target t, const u64 *word)
{
	u32 fn = t.fn;
	struct place *place = bpf_map_lookup_elem(&places, &fn);
	u64 skb;

	if (!place)
		return false;
	skb = PLACED(place, word, PATCH_SKB);
	if (place->indirect)
		skb = behind(skb);
	struct args a = PLACED_ARGS(place, word, skb);

	t.inside = place->inside;
	t.queue = place->queue;
	/* Constants where there are some: quicker, and fewer paths for the verifier to walk. */
	if (place->quick == QUICK_SKB) {
		t.quick = QUICK_SKB;
		return begin(ctx, t, &a);
	}
	t.last_socket = word[place->last_socket & 7];
	t.last_msg = word[place->last_msg & 7];
	t.late = place->late;
	t.bytes = place->bytes;
	if (place->quick == QUICK_SOCKET) {
		t.from = READ_SOCKET;
		t.quick = QUICK_SOCKET;
		return begin(ctx, t, &a);
	}
	t.from = place->from;
	t.bare = place->bare;
	return begin(ctx, t, &a);
}

/* Whether a program that runs at the begin and at the end of a call runs at its end. */
static __always_inline bool is_return(void *ctx)
{
	if (bpf_ksym_exists(bpf_session_is_return___ctx))
		return bpf_session_is_return___ctx(ctx);
	return bpf_session_is_return();
}
