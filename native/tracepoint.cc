/* SPDX-License-Identifier: GPL-2.0-only */
#include "backend.h"

#include <bpf/bpf.h>
#include <cerrno>

const std::string tracepoint::MARK = "pkttop_mark";
const std::string tracepoint::HOOK = "pkttop_hook";

/* Before conntrack and NAT (-200, -100), after defragmentation (-400) would be too late to see fragments. */
static const int FIRST_PRIORITY = -500;
/* Each hook and priority can be taken once; a second pkttop takes the next one. */
static const int PRIORITIES = 32;

static Outcome attach_hook(const Object &object, const Wanted &wanted, uint32_t fn, Attached *out)
{
	Outcome outcome;
	Layout layout;
	outcome.name = wanted.names[0];
	Program program = object.instructions(tracepoint::HOOK);
	if (program.empty()) {
		outcome.error = "no netfilter programs before Linux 6.4";
		return outcome;
	}
	patch_begin(&program, layout, fn, wanted);
	Fd fd(load_program(program, tracepoint::HOOK, BPF_PROG_TYPE_NETFILTER, BPF_NETFILTER, 0));
	if (!fd.ok()) {
		outcome.error = "program refused: " + reason(fd.get());
		return outcome;
	}
	for (int i = 0; i < PRIORITIES; i++) {
		LIBBPF_OPTS(bpf_link_create_opts, options);
		options.netfilter.pf = wanted.pf;
		options.netfilter.hooknum = wanted.hook;
		options.netfilter.priority = FIRST_PRIORITY + i;
		int link = bpf_link_create(fd.get(), 0, BPF_NETFILTER, &options);
		if (link >= 0) {
			out->links.emplace_back(link);
			out->programs.push_back(std::move(fd));
			return outcome;
		}
		outcome.error = "attach refused: " + reason(link);
		if (link != -EBUSY)
			break;
	}
	return outcome;
}

Outcome tracepoint::attach(const Object &object, const KernelTypes &types, const Wanted &wanted, uint32_t fn,
			   Attached *out)
{
	if (wanted.pf)
		return attach_hook(object, wanted, fn, out);
	Outcome outcome;
	outcome.error = "not in this kernel";
	for (const std::string &name : wanted.names) {
		Layout layout;
		if (!types.tracepoint(name, &layout))
			continue;
		outcome.name = name;
		Program program = object.instructions(MARK);
		patch_begin(&program, layout, fn, wanted);
		Fd fd(load_program(program, MARK, BPF_PROG_TYPE_TRACING, BPF_TRACE_RAW_TP, layout.btf_id));
		if (!fd.ok()) {
			outcome.error = "program refused: " + reason(fd.get());
			continue;
		}
		Fd link(bpf_raw_tracepoint_open(nullptr, fd.get()));
		if (!link.ok()) {
			outcome.error = "attach refused: " + reason(link.get());
			continue;
		}
		out->links.push_back(std::move(link));
		out->programs.push_back(std::move(fd));
		outcome.error.clear();
		return outcome;
	}
	return outcome;
}
