/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The tests of a filter on one packet. Shared with the addon, which hands it to the project's tests: there it is held
 * against the predicate that src/trace/filter compiles from the same text.
 */
#ifndef PKTTOP_MATCH_H
#define PKTTOP_MATCH_H

union facts {
	struct packet packet;
	__u64 word[sizeof(struct packet) / sizeof(__u64)];
	__u32 half[sizeof(struct packet) / sizeof(__u32)];
};

#define WORD_MASK (sizeof(union facts) - sizeof(__u32)) /* 4-byte steps, none beyond the end */
RECORD_ASSERT((sizeof(union facts) & (sizeof(union facts) - 1)) == 0);

/* One test. The verdict chooses where to go on without a branch, so that the verifier sees one path through the loop. */
static inline __attribute__((always_inline)) __u32 next_test(const struct test *t, const union facts *facts)
{
	__u32 word = *(const __u32 *)((const __u8 *)facts + (t->at & WORD_MASK));
	__u64 beyond = (__u64)t->span - ((word & t->mask) - t->lo);

	asm volatile("" : "+r"(beyond)); /* or the compiler makes a branch */
	return t->next[beyond >> 63];
}

static inline __attribute__((always_inline)) int tests_accept(const struct filter *f, const union facts *facts)
{
	__u32 i = next_test(&f->test[0], facts);

	for (__u32 steps = 1; i < FILTER_REJECT && steps < MAX_TESTS; steps++)
		i = next_test(&f->test[i % MAX_TESTS], facts);
	return i == FILTER_ACCEPT;
}

/* The words that a socket may learn: addresses and ports. */
#define WORD_BIT(field) (1ull << __builtin_offsetof(struct packet, field) / sizeof(__u32))
#define LEARNT                                                                                                         \
	(WORD_BIT(saddr) | WORD_BIT(daddr) | WORD_BIT(dport) | WORD_BIT(saddr6) * 0xff)

/*
 * Whether a call may match once its socket knows more: an address or a port that is 0 can become anything. All tests in
 * their order, each reached or not, with the verdicts as bits 63 and 62: without branches, for the same reason.
 */
static inline __attribute__((always_inline)) int tests_may_accept(const struct filter *f, const union facts *facts)
{
	__u64 reached = 1;

	for (__u32 i = 0; i < MAX_TESTS && i < f->count; i++) {
		const struct test *t = &f->test[i];
		__u64 at = t->at & WORD_MASK, word = *(const __u32 *)((const __u8 *)facts + at) & t->mask;
		__u64 absent = (word - 1) >> 63, here = reached >> i & 1, next = next_test(t, facts), unknown;

		asm volatile("" : "+r"(absent));
		unknown = absent & LEARNT >> at / sizeof(__u32);
		reached |= here << (next & 63);
		reached |= (here & unknown) << (t->next[0] & 63) | (here & unknown) << (t->next[1] & 63);
		asm volatile("" : "+r"(reached));
	}
	return reached >> (FILTER_ACCEPT & 63);
}

#endif
