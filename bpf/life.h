/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Births and ends of packets: a program for each kind of function that makes, joins or frees an skb. Which functions these
 * are is in native/identity.cc. Attached last of all, so that a mark at the same place has seen the packet before it ends.
 *
 * CONSTANT(PATCH_FN) is what happens (enum life), PATCH_FROM and PATCH_LATE are the numbers of the arguments.
 */
#ifndef PKTTOP_LIFE_H
#define PKTTOP_LIFE_H

/*
 * Segments, or fragments, of one packet that are looked at: 64 kB in segments of 1448 bytes are 46. The verifier follows
 * each turn of a loop over them.
 */
#define PIECES 48

/* An error is no skb. */
static __always_inline bool is_skb(u64 skb)
{
	return skb && skb < (u64)-4095;
}

/* The memory of an skb is a new packet from here on. */
static __noinline void forget(struct cpu *c, u64 skb)
{
	u32 number = take_number(skb);

	if (number)
		tell_life(c, LIFE_UNSEEN, number, 0, 0);
}

/*
 * A new packet out of another one that is known by its number. before_record() is for whoever calls it, once for all pieces
 * of a packet: the verifier follows each turn.
 */
static __noinline void give_birth(struct cpu *c, u64 skb, u32 parent, u32 what)
{
	forget(c, skb);
	tell_life(c, what, give_number(c, skb), parent, 0);
}

static __noinline void end_life(struct cpu *c, u64 skb, u32 what, u32 other, u64 location)
{
	u32 number = take_number(skb);

	if (!number)
		return;
	before_record(c);
	tell_life(c, what, number, other, location);
}

/* At the end of a function that returns a new skb. */
TEMPLATE
int pkttop_born(u64 *ctx)
{
	u64 skb = 0;
	struct cpu *c;

	if (!PATCHED_IN())
		return 0;
	bpf_get_func_ret(ctx, &skb);
	if (!is_skb(skb) || !number_for(skb))
		return 0;
	c = known_cpu();
	if (!c)
		return 0;
	before_record(c);
	forget(c, skb);
	return 0;
}

/* At the end of a function that makes an skb, or a list of them, out of one. */
TEMPLATE
int pkttop_child(u64 *ctx)
{
	u64 skb = 0, parent = 0;
	struct cpu *c;
	u32 number;

	if (!PATCHED_IN())
		return 0;
	bpf_get_func_ret(ctx, &skb);
	bpf_get_func_arg(ctx, CONSTANT(PATCH_FROM), &parent);
	if (!is_skb(skb))
		return 0;
	number = number_for(parent);
	if (!number && !number_for(skb))
		return 0;
	c = known_cpu();
	if (!c)
		return 0;
	before_record(c);
	if (!number || !control.enabled) {
		forget(c, skb); /* the others of a list come from functions that are watched, too */
		return 0;
	}
	for (int i = 0; i < PIECES && is_skb(skb); i++) {
		give_birth(c, skb, number, CONSTANT(PATCH_FN));
		if (CONSTANT(PATCH_FN) != LIFE_SEGMENT || bpf_probe_read_kernel(&skb, sizeof(skb), (void *)skb + OFFSET(struct sk_buff, next)))
			break;
	}
	return 0;
}

/* At the end of a function that moves a part of one skb to a new one. */
TEMPLATE
int pkttop_split(u64 *ctx)
{
	u64 skb = 0, parent = 0;
	struct cpu *c;
	u32 number;

	if (!PATCHED_IN())
		return 0;
	bpf_get_func_arg(ctx, CONSTANT(PATCH_FROM), &parent);
	bpf_get_func_arg(ctx, CONSTANT(PATCH_LATE), &skb);
	number = number_for(parent);
	c = number && control.enabled && !number_for(skb) ? known_cpu() : NULL;
	if (!c)
		return 0;
	before_record(c);
	give_birth(c, skb, number, CONSTANT(PATCH_FN));
	return 0;
}

/* At the begin of a function that sends the packets that hang on one as its fragments. */
TEMPLATE
int pkttop_pieces(u64 *ctx)
{
	u64 skb = 0, piece = 0;
	unsigned char *head = NULL;
	u32 number, end = 0;
	struct cpu *c;

	if (!PATCHED_IN())
		return 0;
	bpf_get_func_arg(ctx, CONSTANT(PATCH_FROM), &skb);
	number = number_for(skb);
	c = number && control.enabled ? known_cpu() : NULL;
	if (!c)
		return 0;
	before_record(c);
	bpf_probe_read_kernel(&head, sizeof(head), (void *)skb + OFFSET(struct sk_buff, head));
	bpf_probe_read_kernel(&end, sizeof(end), (void *)skb + OFFSET(struct sk_buff, end));
	bpf_probe_read_kernel(&piece, sizeof(piece), head + end + OFFSET(struct skb_shared_info, frag_list));
	for (int i = 0; i < PIECES && piece; i++) {
		give_birth(c, piece, number, LIFE_FRAGMENT);
		if (bpf_probe_read_kernel(&piece, sizeof(piece), (void *)piece + OFFSET(struct sk_buff, next)))
			break;
	}
	return 0;
}

/* At the end of a function that adds one skb to another; PATCH_BARE: what it returns then, as a truth value. */
TEMPLATE
int pkttop_merged(u64 *ctx)
{
	u64 from = 0, to = 0, ret = 0;
	struct cpu *c;
	u32 number;

	if (!PATCHED_IN())
		return 0;
	bpf_get_func_ret(ctx, &ret);
	if (!!(u8)ret != CONSTANT(PATCH_BARE))
		return 0;
	bpf_get_func_arg(ctx, CONSTANT(PATCH_FROM), &from);
	bpf_get_func_arg(ctx, CONSTANT(PATCH_LATE), &to);
	if (!number_for(from))
		return 0;
	c = known_cpu();
	if (!c)
		return 0;
	number = number_for(to);
	if (!number && control.enabled)
		number = give_number(c, to);
	end_life(c, from, LIFE_MERGED, number, 0);
	return 0;
}

/* At the begin of a function that frees an skb. */
TEMPLATE
int pkttop_freed(u64 *ctx)
{
	u64 skb = 0;
	struct cpu *c;

	if (!PATCHED_IN())
		return 0;
	bpf_get_func_arg(ctx, CONSTANT(PATCH_FROM), &skb);
	if (!number_for(skb))
		return 0;
	c = known_cpu();
	if (c)
		end_life(c, skb, LIFE_FREED, 0, 0);
	return 0;
}

/* The tracepoints kfree_skb and consume_skb. */
TEMPLATE
int pkttop_ended(u64 *ctx)
{
	struct cpu *c;
	u64 skb;

	if (!PATCHED_IN())
		return 0;
	c = known_cpu();
	if (!c)
		return 0;
	skb = number_of(c, (void *)ARGUMENT(ctx, PATCH_SKB));
	if (!skb) /* a softirq came in between: once more, it does not do so twice */
		skb = number_of(c, (void *)ARGUMENT(ctx, PATCH_SKB));
	if (skb)
		end_life(c, skb, CONSTANT(PATCH_FN), ARGUMENT(ctx, PATCH_REASON),
			 CONSTANT(PATCH_FN) == LIFE_DROPPED ? ARGUMENT(ctx, PATCH_LOCATION) : 0);
	return 0;
}

#endif
