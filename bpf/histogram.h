/* SPDX-License-Identifier: GPL-2.0-only */
/* The histograms of functions: what every call that ends is counted in, whether its record finds room or not. */
#ifndef PKTTOP_HISTOGRAM_H
#define PKTTOP_HISTOGRAM_H

#define TWICE(x) x, x
#define TIMES_8(x) TWICE(x), TWICE(x), TWICE(x), TWICE(x)
#define TIMES_64(x) TIMES_8(x), TIMES_8(x), TIMES_8(x), TIMES_8(x), TIMES_8(x), TIMES_8(x), TIMES_8(x), TIMES_8(x)
const volatile u8 log2_of[256] SEC(".rodata.log2") = {
	0, 0, TWICE(1), TWICE(2), TWICE(2), TIMES_8(3), TIMES_8(4), TIMES_8(4), TIMES_8(5), TIMES_8(5), TIMES_8(5), TIMES_8(5),
	TIMES_64(6), TIMES_64(7), TIMES_64(7),
};

static __always_inline u32 log2_bucket(u64 v)
{
	u32 b = 0;

	if (v >> 32) {
		asm volatile(""); /* rare: a branch is cheaper than the arithmetic that avoids it */
		b = 32;
		v >>= 32;
	}
	if (v >> 16) { b += 16; v >>= 16; }
	if (v >> 8) { b += 8; v >>= 8; }
	b += log2_of[v & 0xff];
	return b < BUCKETS ? b : BUCKETS - 1;
}

/* Atomic because a task can be preempted between load and store, and these counts are exact. */
static __always_inline void count_call(struct cpu *c, u32 fn, u64 duration, u64 self)
{
	u32 key = c->first_stat + fn;
	struct histogram *st = bpf_map_lookup_elem(&stats, &key);

	if (!st)
		return;
	__sync_fetch_and_add(&st->bucket[log2_bucket(duration)], 1);
	__sync_fetch_and_add(&st->total, duration);
	__sync_fetch_and_add(&st->self, self);
	if (duration > st->max)
		st->max = duration;
}

#endif
