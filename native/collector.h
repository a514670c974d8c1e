/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef PKTTOP_COLLECTOR_H
#define PKTTOP_COLLECTOR_H

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "backend.h"
#include "control.h"
#include "own-cost.h"
#include "ring.h"
#include "shared.h"

struct Options {
	std::string object;  /* path of pkttop.bpf.o */
	std::string backend; /* of the functions: one of BACKENDS, "auto" for the best of them each, "tracepoint" for none */
	std::vector<Wanted> functions;
	std::vector<Wanted> marks; /* their numbers follow those of the functions */
	uint32_t ring = 0;         /* bytes of all CPUs' rings together */
	size_t limit = 0;          /* bytes held for JavaScript at most */
	bool identity = true;      /* packets have numbers */
	bool measure = true;       /* what the probes of a call cost */
	bool correct = false;      /* and take that off: then it must be known */
	uint64_t base = 0;         /* what times in records count from, ns of CLOCK_MONOTONIC */
	std::vector<uint8_t> filter; /* a struct filter */
};

/* One running capture. Everything it holds in the kernel goes with it, also when start() fails half-way. */
class Collector {
public:
	/* '' or why nothing can be traced. `outcomes` has one entry for each function and mark, in their order. */
	std::string start(const Options &options, std::vector<Outcome> *outcomes);
	/* From another thread: start() gives up soon, and fails. */
	void cancel() { cancelled_ = true; }
	/* Replaces the filter, a struct filter. The calls that are open keep their verdict. */
	bool set_filter(const uint8_t *bytes, size_t size);
	/* Whether a packet that was accepted once is accepted from then on, whatever the filter's tests say. */
	void set_follow(bool on);
	/* Why packets have no numbers; '' where they have. */
	const std::string &identity() const { return identity_; }
	/* What the probes of a call cost. */
	const MeasuredCost &own_cost() const { return own_cost_; }
	void set_enabled(bool on);
	bool set_switch(uint32_t fn, bool on);
	/* Sums over the CPUs, sizeof(struct histogram) / 8 numbers for each function. */
	void read_stats(uint64_t *out) const;
	/* Calls and marks read from the ring, then what was lost by each cause. */
	void read_losses(uint64_t *out);
	const device *devices() const { return devices_.as<device>(); }
	size_t functions() const { return functions_; }
	const KernelTypes &types() const { return types_; }
	RingReader &ring() { return ring_; }
	/*
	 * Ends the capture. Detaching takes the kernel up to 65 ms a probe, so a child process is left behind that does
	 * nothing but let go of them: the caller can exit at once.
	 */
	void stop();
	~Collector();

private:
	/* How often the kernel skipped one of the programs because it was already running on that CPU. */
	uint64_t skipped() const;

	KernelTypes types_;
	Object object_;
	Mapping control_, stats_, losses_, devices_;
	Attached attached_;
	RingReader ring_;
	std::string identity_;
	MeasuredCost own_cost_;
	size_t functions_ = 0;
	uint64_t skipped_ = 0; /* of programs that stop() has let go of */
	std::atomic<bool> cancelled_{false};
};

#endif
