/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The tests of a filter on one packet. Shared with the addon, which hands it to the project's tests: there it is held
 * against the predicate that src/trace/filter compiles from the same text.
 */
#ifndef PKTTOP_MATCH_H
#define PKTTOP_MATCH_H

/* A packet with room behind it, so that any offset of a test can be read without asking. */
union facts {
	struct packet packet;
	__u64 room[8];
};

#define WORD_MASK (sizeof(union facts) - sizeof(__u32)) /* 4-byte steps from 0 to 60 */

static inline __attribute__((always_inline)) int tests_accept(const struct filter *f, const union facts *facts)
{
	__u32 i = 0;

	for (__u32 steps = 0; steps < MAX_TESTS; steps++) {
		const struct test *t = &f->test[i % MAX_TESTS];
		__u32 word = *(const __u32 *)((const __u8 *)facts + (t->at & WORD_MASK));
		__u64 beyond = (__u64)t->span - ((word & t->mask) - t->lo);

		/* yes or no, chosen without a branch: one path through the loop for the verifier */
		asm volatile("" : "+r"(beyond)); /* or the compiler makes one */
		i = t->next[beyond >> 63];
		if (i >= FILTER_REJECT)
			break;
	}
	return i == FILTER_ACCEPT;
}

#endif
