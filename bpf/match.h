/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The tests of a filter on one record. Shared with the addon, which hands it to the project's tests: there it is held
 * against the predicate that src/trace/filter compiles from the same text.
 */
#ifndef PKTTOP_MATCH_H
#define PKTTOP_MATCH_H

#define LAST_WORD (sizeof(struct record) - sizeof(__u32))

static inline __attribute__((always_inline)) int tests_accept(const struct filter *f, const struct record *r)
{
	__u32 i = 0;

	for (__u32 steps = 0; steps < MAX_TESTS; steps++) {
		const struct test *t = &f->test[i % MAX_TESTS];
		__u32 at = t->at, distance;
		__u64 beyond;

		if (at > LAST_WORD)
			return 0;
		distance = (*(const __u32 *)((const __u8 *)r + at) & t->mask) - t->lo;
		/* yes or no, chosen without a branch: one path through the loop for the verifier */
		beyond = (__u64)t->span - distance;
		asm volatile("" : "+r"(beyond)); /* or the compiler makes one */
		i = t->next[beyond >> 63];
		if (i >= FILTER_REJECT)
			break;
	}
	return i == FILTER_ACCEPT;
}

#endif
