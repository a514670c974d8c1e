/* SPDX-License-Identifier: GPL-2.0-only */
/* A place without begin and end: what every backend for marks calls. */
#ifndef PKTTOP_MARK_H
#define PKTTOP_MARK_H

/*
 * A moment: `reason` and `location` are those of a drop, `new_state` is what a socket's state is about to become; 0 for
 * other marks. Its record takes a frame for as long as it is filled, which keeps it whole should the task be preempted.
 */
static __always_inline void mark(void *ctx, struct args *a, u32 reason, u64 location, u8 new_state)
{
	const struct filter *filter = &control.filter[control.active & 1];
	enum verdict verdict;
	union facts facts;
	struct cpu *c;
	struct stack *s;
	struct frame *f;
	u32 which, n, key;
	struct histogram *st;
	u16 dev = 0;
	u64 at, number;

	verdict = judge_ipv4(filter, &facts, a->skb);
	if (verdict == NO)
		return;
	c = known_cpu();
	if (!c)
		return;
	at = place_of(ctx);
	which = which_stack(c, at);
	s = arrive(c, at, which, false);
	if (!s)
		return;
	if (verdict == UNKNOWN)
		read_other(&facts.packet, a, READ_HEADERS);
	if (a->skb)
		dev = known_device(c, GET(a->skb, dev));
	if (!dev)
		dev = other_device(c, a, READ_HEADERS);
	if (!facts.packet.family && !dev)
		return;
	if ((verdict == UNKNOWN && !accepted(filter, &facts) && !follows(a->skb)) || !within(filter, c, dev, which))
		return;
	n = s->n;
	if (n >= FRAMES) {
		count_loss(c, LOSS_DEPTH, 1);
		return;
	}
	f = take_frame(s, n, at);
	fill(f, c, CONSTANT(PATCH_FN), &facts, dev, n, which, 0);
	number = number_frame(c, f, a->skb);
	f->rec.begin = time_now() | number;
	f->rec.duration = number | f->high ? (location & ((1ull << PACKET_DURATION_BITS) - 1)) | f->high : location;
	if (CONSTANT(PATCH_INSIDE) && open_inside(f, (u64)a->sk) && new_state)
		f->inside.new_state = new_state;
	if (n)
		frame_of(s, n - 1)->rec.flags &= ~FRAME_UNDECIDED; /* a call around a matching mark matches */
	key = c->first_stat + CONSTANT(PATCH_FN);
	st = bpf_map_lookup_elem(&stats, &key);
	if (st)
		__sync_fetch_and_add(&st->bucket[0], 1);
	emit(c, f, CONSTANT(PATCH_INSIDE), location ? RECORD_DROP : RECORD_MARK, reason);
	s->n = n;
}

#endif
