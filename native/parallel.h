/* SPDX-License-Identifier: GPL-2.0-only */
/* Loading programs is the verifier's work, which all CPUs can share; linking takes a lock of the kernel. */
#ifndef PKTTOP_PARALLEL_H
#define PKTTOP_PARALLEL_H

#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>

#include "backend.h"

/* Calls work(i) for each i below `count`, on all CPUs at once; returns when all are done, or when nobody wants them any more. */
template <typename Work> void in_parallel(const Kernel &kernel, size_t count, Work work)
{
	std::atomic<size_t> next{0};
	auto share = [&] {
		for (size_t i; (i = next++) < count && !kernel.cancelled;)
			work(i);
	};
	std::vector<std::thread> helpers;
	for (unsigned n = std::min<size_t>(std::thread::hardware_concurrency(), count); n > 1; n--)
		helpers.emplace_back(share);
	share();
	for (std::thread &helper : helpers)
		helper.join();
}

#endif
