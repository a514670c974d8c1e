/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef PKTTOP_FEATURES_H
#define PKTTOP_FEATURES_H

#include <string>

/* What this kernel has, each found out by trying it. */
struct Features {
	bool swaps = false;        /* compare-and-swap in programs, since 5.12 */
	bool task_storage = false; /* since 5.11 */
	bool netfilter = false;    /* netfilter programs, since 6.4 */
	bool casts = false;        /* bpf_rdonly_cast, since 6.2 */
};

class KernelTypes;
Features find_features(KernelTypes &types);

/* Raises the limits on open files and, for kernels before 5.11, on locked memory. */
void raise_limits();

#endif
