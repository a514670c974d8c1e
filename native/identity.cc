/* SPDX-License-Identifier: GPL-2.0-only */
#include "identity.h"

#include <bpf/bpf.h>
#include <iterator>

#include "parallel.h"
#include "record.h"

namespace {
/* A function and what it does to skbs: which program watches it, and the numbers of its arguments (bpf/life.h). */
struct Probe {
	const char *function;
	const char *program;
	bpf_attach_type when;
	int what; /* enum life */
	int skb;  /* argument */
	int into; /* argument */
	int ret;  /* of a merge: what it returns when there was one, as a truth value */
	bool needed;
};
} // namespace

static constexpr auto BEGIN = BPF_TRACE_FENTRY, END = BPF_TRACE_FEXIT;

/* What is not needed is not on every kernel: other kernels have it in a function that is here, too, or do not do it. */
static const Probe PROBES[] = {
    {"__alloc_skb", "pkttop_born", END, 0, 0, 0, 0, true},
    {"build_skb", "pkttop_born", END, 0, 0, 0, 0, false},
    {"__build_skb", "pkttop_born", END, 0, 0, 0, 0, false},
    {"napi_build_skb", "pkttop_born", END, 0, 0, 0, 0, false},
    {"slab_build_skb", "pkttop_born", END, 0, 0, 0, 0, false},
    {"build_skb_around", "pkttop_born", END, 0, 0, 0, 0, false},
    {"napi_alloc_skb", "pkttop_born", END, 0, 0, 0, 0, false},
    {"__napi_alloc_skb", "pkttop_born", END, 0, 0, 0, 0, false}, /* before 6.9 */
    {"skb_clone", "pkttop_child", END, LIFE_CLONE, 0, 0, 0, true},
    {"skb_copy", "pkttop_child", END, LIFE_COPY, 0, 0, 0, false},
    {"skb_copy_expand", "pkttop_child", END, LIFE_COPY, 0, 0, 0, false},
    {"__pskb_copy_fclone", "pkttop_child", END, LIFE_COPY, 0, 0, 0, false},
    {"skb_segment", "pkttop_child", END, LIFE_SEGMENT, 0, 0, 0, false},
    {"skb_segment_list", "pkttop_child", END, LIFE_SEGMENT, 0, 0, 0, false},
    {"skb_split", "pkttop_split", END, LIFE_SEGMENT, 0, 1, 0, false},
    {"ip_frag_next", "pkttop_child", END, LIFE_FRAGMENT, 0, 0, 0, false},
    {"ip6_frag_next", "pkttop_child", END, LIFE_FRAGMENT, 0, 0, 0, false},
    {"ip_do_fragment", "pkttop_pieces", BEGIN, LIFE_FRAGMENT, 2, 0, 0, false},
    {"ip6_fragment", "pkttop_pieces", BEGIN, LIFE_FRAGMENT, 2, 0, 0, false},
    {"skb_gro_receive", "pkttop_merged", END, LIFE_MERGED, 1, 0, 0, false},
    {"skb_gro_receive_list", "pkttop_merged", END, LIFE_MERGED, 1, 0, 0, false},
    {"skb_try_coalesce", "pkttop_merged", END, LIFE_MERGED, 1, 0, 1, false},
    {"__kfree_skb", "pkttop_freed", BEGIN, LIFE_FREED, 0, 0, 0, true},
    /* Since 6.0 readers give up what they have read here, and any CPU may free it, without a word. */
    {"skb_attempt_defer_free", "pkttop_freed", BEGIN, LIFE_FREED, 0, 0, 0, false},
    {"napi_skb_free_stolen_head", "pkttop_freed", BEGIN, LIFE_FREED, 0, 0, 0, false},
    {"kfree_skb_partial", "pkttop_freed", BEGIN, LIFE_FREED, 0, 0, 0, false},
};
static constexpr size_t COUNT = std::size(PROBES);

/* Negative: not here, or why not. */
static Fd load(const Kernel &kernel, const Probe &probe, uint32_t id)
{
	Patch patch;
	patch.set(PATCH_FN, probe.what);
	patch.set(PATCH_FROM, probe.skb);
	patch.set(PATCH_LATE, probe.into);
	patch.set(PATCH_BARE, probe.ret);
	patch.set(PATCH_TYPED, kernel.features.casts);
	Program program = kernel.object.instructions(probe.program);
	patch_in(patch, &program);
	return Fd(load_program(program, probe.program, BPF_PROG_TYPE_TRACING, probe.when, id, 0));
}

static std::vector<Fd> load_all(const Kernel &kernel)
{
	std::vector<Fd> programs(COUNT);
	std::vector<uint32_t> ids(COUNT);
	for (size_t i = 0; i < COUNT; i++) {
		Layout layout;
		if (kernel.types.function(PROBES[i].function, &layout) && layout.module.empty())
			ids[i] = layout.btf_id;
	}
	in_parallel(kernel, COUNT, [&](size_t i) { programs[i] = ids[i] ? load(kernel, PROBES[i], ids[i]) : Fd(-ENOENT); });
	return programs;
}

std::string attach_identity(const Kernel &kernel, Attached *out)
{
	if (!kernel.features.swaps)
		return "this kernel has no compare-and-swap for programs";
	std::vector<Fd> programs = load_all(kernel);
	Attached mine;
	for (size_t i = 0; i < COUNT && !kernel.cancelled; i++) {
		Fd link(programs[i].ok() ? bpf_raw_tracepoint_open(nullptr, programs[i].get()) : programs[i].get());
		if (link.ok()) {
			mine.links.push_back(std::move(link));
			mine.programs.push_back(std::move(programs[i]));
		} else if (PROBES[i].needed) {
			return std::string(PROBES[i].function) + ": " + reason(link.get());
		}
	}
	const Wanted none;
	for (const auto &[name, what] : {std::pair{"kfree_skb", LIFE_DROPPED}, std::pair{"consume_skb", LIFE_CONSUMED}}) {
		Target target;
		target.wanted = &none;
		target.fn = what;
		if (!kernel.types.tracepoint(name, &target.layout))
			return std::string("the kernel has no tracepoint ") + name;
		std::string error = tracepoint::attach_raw(kernel, "pkttop_ended", target, &mine);
		if (!error.empty())
			return std::string(name) + ": " + error;
	}
	std::move(mine.links.begin(), mine.links.end(), std::back_inserter(out->links));
	std::move(mine.programs.begin(), mine.programs.end(), std::back_inserter(out->programs));
	return "";
}
