/* SPDX-License-Identifier: GPL-2.0-only */
#include <bpf/bpf.h>
#include <cerrno>

#include "backend.h"
#include "control.h"
#include "parallel.h"

namespace {
struct Pair {
	Fd entry, exit;
};
} // namespace

static void load(const Kernel &kernel, Target *target, Pair *out)
{
	const Layout &layout = target->layout;
	Program begin = kernel.object.instructions(template_of(*target, "pkttop_packet", "pkttop_socket", "pkttop_begin"));
	Program end = kernel.object.instructions("pkttop_end");
	patch_in(trampoline_begin(*target), &begin);
	patch_in(trampoline_end(*target), &end);
	int module = layout.module.empty() ? 0 : kernel.types.module_fd(layout.module);
	out->exit = Fd(load_program(end, "pkttop_end", BPF_PROG_TYPE_TRACING, BPF_TRACE_FEXIT, layout.btf_id, module));
	if (out->exit.ok())
		out->entry = Fd(load_program(begin, "pkttop_begin", BPF_PROG_TYPE_TRACING, BPF_TRACE_FENTRY, layout.btf_id, module));
	if (!out->exit.ok() || !out->entry.ok())
		target->error = "program refused: " + reason(out->exit.ok() ? out->entry.get() : out->exit.get());
}

void fentry::attach(const Kernel &kernel, const std::vector<Target *> &targets, Attached *out)
{
	std::vector<Pair> pairs(targets.size());
	in_parallel(kernel, targets.size(), [&](size_t i) { load(kernel, targets[i], &pairs[i]); });
	for (size_t i = 0; i < targets.size(); i++) {
		Pair &pair = pairs[i];
		if (!pair.entry.ok() || kernel.cancelled)
			continue;
		/*
		 * The end goes first: a call whose end is attached and whose begin is not is ignored, the reverse would
		 * leave a call open.
		 */
		Fd exit(bpf_raw_tracepoint_open(nullptr, pair.exit.get()));
		Fd entry(exit.ok() ? bpf_raw_tracepoint_open(nullptr, pair.entry.get()) : -EPERM);
		if (!entry.ok()) {
			targets[i]->error = "attach refused: " + reason(exit.ok() ? entry.get() : exit.get());
			continue;
		}
		out->links.push_back(std::move(exit));
		out->links.push_back(std::move(entry));
		out->programs.push_back(std::move(pair.exit));
		out->programs.push_back(std::move(pair.entry));
		targets[i]->error.clear();
	}
}
