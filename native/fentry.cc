/* SPDX-License-Identifier: GPL-2.0-only */
#include "backend.h"

#include <bpf/bpf.h>
#include <cerrno>
#include <cstdio>
#include <cstdlib>

const std::vector<std::string> fentry::TEMPLATES = {"pkttop_packet", "pkttop_socket", "pkttop_begin", "pkttop_end"};

/* The template for the begin: quicker ones for what most functions have. */
static const char *begin_of(const Layout &layout, const Wanted &wanted)
{
	bool skb = layout.offset[PATCH_SKB] >= 0;
	if (skb && wanted.from == 0 && !wanted.late)
		return "pkttop_packet";
	bool socket = layout.offset[PATCH_SK] >= 0 || layout.offset[PATCH_SOCKET] >= 0;
	if (!skb && socket && layout.offset[PATCH_ADDRESS] < 0)
		return "pkttop_socket";
	return "pkttop_begin";
}

int load_program(const Program &program, const std::string &name, int type, int attach_type, uint32_t btf_id)
{
	LIBBPF_OPTS(bpf_prog_load_opts, options, .expected_attach_type = static_cast<bpf_attach_type>(attach_type),
		    .attach_btf_id = btf_id);
	static char log[65536];
	if (getenv("PKTTOP_BPF_LOG")) {
		options.log_level = 4; /* the verifier's work in one line */
		options.log_buf = log;
		options.log_size = sizeof log;
	}
	int fd = bpf_prog_load(static_cast<bpf_prog_type>(type), name.c_str(), "GPL", program.data(), program.size(), &options);
	if (options.log_level)
		fprintf(stderr, "%s: %d %s\n", name.c_str(), fd, log);
	return fd;
}

Outcome fentry::attach(const Object &object, const KernelTypes &types, const Wanted &wanted, uint32_t fn, Attached *out)
{
	Outcome outcome;
	outcome.error = "not in this kernel";
	for (const std::string &name : wanted.names) {
		Layout layout;
		if (!types.function(name, &layout))
			continue;
		outcome.name = name;
		outcome.returns_number = layout.returns_number;
		Program begin = object.instructions(begin_of(layout, wanted));
		Program end = object.instructions("pkttop_end");
		patch_begin(&begin, layout, fn, wanted);
		patch_end(&end, layout, fn, wanted);
		/*
		 * The end goes first: a call whose end is attached and whose begin is not is ignored, the reverse would
		 * leave a call open.
		 */
		Fd exit(load_program(end, "pkttop_end", BPF_PROG_TYPE_TRACING, BPF_TRACE_FEXIT, layout.btf_id));
		Fd entry(exit.ok() ? load_program(begin, "pkttop_begin", BPF_PROG_TYPE_TRACING, BPF_TRACE_FENTRY, layout.btf_id)
				   : -EPERM);
		if (!entry.ok()) {
			outcome.error = "program refused: " + reason(exit.ok() ? entry.get() : exit.get());
			continue;
		}
		Fd exit_link(bpf_raw_tracepoint_open(nullptr, exit.get()));
		Fd entry_link(exit_link.ok() ? bpf_raw_tracepoint_open(nullptr, entry.get()) : -EPERM);
		if (!entry_link.ok()) {
			outcome.error = "attach refused: " + reason(exit_link.ok() ? entry_link.get() : exit_link.get());
			continue;
		}
		out->links.push_back(std::move(exit_link));
		out->links.push_back(std::move(entry_link));
		out->programs.push_back(std::move(exit));
		out->programs.push_back(std::move(entry));
		outcome.error.clear();
		return outcome;
	}
	return outcome;
}
