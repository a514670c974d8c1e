/* SPDX-License-Identifier: GPL-2.0-only */
/* Loading programs is the verifier's work, which all CPUs can share; linking takes a lock of the kernel. */
#ifndef PKTTOP_PARALLEL_H
#define PKTTOP_PARALLEL_H

#include <algorithm>
#include <atomic>
#include <deque>
#include <thread>

#include "backend.h"
#include "thread.h"

/*
 * Calls work(i) for each i below `count`, on all CPUs at once; returns when all are done, or when nobody wants them any more.
 * Where the kernel has no room for threads, there are fewer helpers or none.
 */
template <typename Work> void in_parallel(const Kernel &kernel, size_t count, Work work)
{
	std::atomic<size_t> next{0};
	auto share = [&] {
		for (size_t i; (i = next++) < count && !kernel.cancelled;)
			work(i);
	};
	std::deque<Thread> helpers;
	for (unsigned n = std::min<size_t>(std::thread::hardware_concurrency(), count); n > 1; n--)
		if (helpers.emplace_back().start(share))
			break;
	share();
}

#endif
