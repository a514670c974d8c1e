/* SPDX-License-Identifier: GPL-2.0-only */
#include "own-cost.h"

#include <algorithm>
#include <bpf/bpf.h>
#include <cerrno>
#include <cstring>
#include <linux/if_ether.h>

#include "choose.h"
#include "collector.h"

/* What the program calls: bpf_skb_pull_data() is little more than a call of it, the skb being whole. */
static const char *const CALLED = "skb_ensure_writable";
static constexpr int CALLS = 16;   /* in a run of the program: the time of a run comes in whole ns */
static constexpr int REPEATS = 32; /* runs between two looks at the clock; all their records fit into the smallest ring */
static constexpr int ROUNDS = 9;   /* the quickest counts: what else the machine does only ever adds */

/* An Ethernet frame with an IPv4 packet with a UDP datagram, discard to discard, of loopback addresses. */
static const uint8_t FRAME[64] = {
	0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 8, 0,
	0x45, 0, 0, 50, 0, 0, 0, 0, 64, 17, 0, 0, 127, 0, 0, 1, 127, 0, 0, 1,
	0, 9, 0, 9, 0, 30, 0, 0,
};

static Fd load_caller()
{
	std::vector<bpf_insn> program = {{BPF_ALU64 | BPF_MOV | BPF_X, BPF_REG_6, BPF_REG_1, 0, 0}};
	for (int i = 0; i < CALLS; i++) {
		program.push_back({BPF_ALU64 | BPF_MOV | BPF_X, BPF_REG_1, BPF_REG_6, 0, 0});
		program.push_back({BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_2, 0, 0, ETH_HLEN});
		program.push_back({BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_skb_pull_data});
	}
	program.push_back({BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_0, 0, 0, 0});
	program.push_back({BPF_JMP | BPF_EXIT, 0, 0, 0, 0});
	return Fd(bpf_prog_load(BPF_PROG_TYPE_SCHED_CLS, "pkttop_own_cost", "GPL", program.data(), program.size(), nullptr));
}

/* ns of one run of the program; negative errno. */
static int64_t run(const Fd &program)
{
	LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = FRAME, .data_size_in = sizeof FRAME, .repeat = REPEATS);
	int error = bpf_prog_test_run_opts(program.get(), &options);
	return error ? error : options.duration;
}

static std::string refused(const char *what, int64_t error)
{
	return std::string(what) + ": " + reason(static_cast<int>(error));
}

MeasuredCost measure_own_cost(const Options &options, KernelTypes &types, const Features &features,
			      const std::atomic<bool> &cancelled)
{
	MeasuredCost out;
	Fd caller = load_caller();
	if (caller.get() < 0) {
		out.why = refused("the program that calls", -errno);
		return out;
	}
	int64_t untraced = INT64_MAX, traced = INT64_MAX;
	uint64_t within = UINT64_MAX;
	for (int i = 0; i < ROUNDS; i++)
		untraced = std::min(untraced, run(caller));
	if (untraced < 0) {
		out.why = refused("running it", untraced);
		return out;
	}
	Object object;
	/* Taking off costs, too: 1 ns is, so that it is done. */
	const OwnCost taken_off = {options.correct, options.correct};
	if ((out.why = object.load(options.object, features, {1, 0, options.base, options.identity, taken_off})) != "")
		return out;
	Mapping control_map, stats_map, ring_map;
	const size_t ring = sizeof(slot) * object.slots() * object.cpus();
	if ((out.why = control_map.map(object.map(".data.control"), sizeof(control))) != "" ||
	    (out.why = stats_map.map(object.map("stats"), sizeof(histogram) * object.cpus())) != "" ||
	    (out.why = ring_map.map(object.map("ring"), ring)) != "")
		return out;
	auto *c = control_map.as<control>();
	c->on[0] = 1;
	c->identity = options.identity;
	Wanted wanted;
	wanted.names = {CALLED};
	Attached attached;
	const Outcome outcome = attach_functions({object, types, features, cancelled}, {wanted}, options.backend, &attached)[0];
	out.why = outcome.error;
	if (!out.why.empty())
		return out;
	c->enabled = 1;
	for (int i = 0; i < ROUNDS; i++) {
		auto *stats = stats_map.as<histogram>();
		memset(ring_map.as<uint8_t>(), 0, ring);
		memset(stats, 0, sizeof(histogram) * object.cpus());
		int64_t took = run(caller);
		if (took < 0) {
			out.why = refused("running it traced", took);
			return out;
		}
		traced = std::min(traced, took);
		uint64_t total = 0;
		for (int cpu = 0; cpu < object.cpus(); cpu++)
			total += stats[cpu].total;
		within = std::min<uint64_t>(within, total / (CALLS * REPEATS));
	}
	/* Half of what a call took untraced is the way to it and back, the other half its own work. */
	const int64_t each = untraced / CALLS, more = (traced - untraced) / CALLS;
	const int64_t inside = static_cast<int64_t>(within + taken_off.inside) - each / 2;
	out.cost.total = static_cast<uint32_t>(std::max<int64_t>(more, 0));
	out.cost.inside = static_cast<uint32_t>(std::clamp<int64_t>(inside, out.cost.total > 0, out.cost.total));
	out.backend = outcome.backend;
	return out;
}
