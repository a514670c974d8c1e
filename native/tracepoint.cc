/* SPDX-License-Identifier: GPL-2.0-only */
#include "backend.h"

#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <cerrno>
#include <linux/if_packet.h>
#include <sys/socket.h>

static const char MARK[] = "pkttop_mark", HOOK[] = "pkttop_hook", HANDLER[] = "pkttop_handler";

/* Before conntrack and NAT (-200, -100), after defragmentation (-400) would be too late to see fragments. */
static const int FIRST_PRIORITY = -500;
/* Each hook and priority can be taken once; a second pkttop takes the next one. */
static const int PRIORITIES = 32;

static Outcome attach_hook(const Kernel &kernel, const Wanted &wanted, uint32_t fn, Attached *out)
{
	Outcome outcome;
	outcome.name = wanted.names[0];
	outcome.backend = "tracepoint";
	if (!kernel.features.netfilter) {
		outcome.error = "no netfilter programs before Linux 6.4";
		return outcome;
	}
	Target target;
	target.fn = fn;
	target.wanted = &wanted;
	Program program = kernel.object.instructions(HOOK);
	patch_in(trampoline_begin(target), &program);
	Fd fd(load_program(program, HOOK, BPF_PROG_TYPE_NETFILTER, BPF_NETFILTER, 0, 0));
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
			outcome.error.clear();
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

/* A packet socket that has the program as its filter; it is bound last, so that not one packet is queued. */
static Fd packet_socket(int program, int protocol)
{
	Fd fd(socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0));
	const int yes = 1;
	sockaddr_ll every = {};
	every.sll_family = AF_PACKET;
	every.sll_protocol = htons(protocol);
	/* Else the kernel would copy every packet sent. */
	if (fd.ok() && !setsockopt(fd.get(), SOL_PACKET, PACKET_IGNORE_OUTGOING, &yes, sizeof yes) &&
	    !setsockopt(fd.get(), SOL_SOCKET, SO_ATTACH_BPF, &program, sizeof program) &&
	    !bind(fd.get(), reinterpret_cast<sockaddr *>(&every), sizeof every))
		return fd;
	return Fd(-errno);
}

static Outcome attach_handler(const Kernel &kernel, const Wanted &wanted, uint32_t fn, Attached *out)
{
	Outcome outcome;
	outcome.name = wanted.names[0];
	outcome.backend = "tracepoint";
	Target target;
	target.fn = fn;
	target.wanted = &wanted;
	target.layout.typed = kernel.features.casts;
	Program program = kernel.object.instructions(HANDLER);
	patch_in(trampoline_begin(target), &program);
	Fd fd(load_program(program, HANDLER, BPF_PROG_TYPE_SOCKET_FILTER, 0, 0, 0));
	if (!fd.ok()) {
		outcome.error = "program refused: " + reason(fd.get());
		return outcome;
	}
	Fd link = packet_socket(fd.get(), wanted.hook);
	if (!link.ok()) {
		outcome.error = "attach refused: " + reason(link.get());
		return outcome;
	}
	out->links.push_back(std::move(link));
	out->programs.push_back(std::move(fd));
	return outcome;
}

std::string tracepoint::attach_raw(const Kernel &kernel, const char *name, const Target &target, Attached *out)
{
	Program program = kernel.object.instructions(name);
	patch_in(trampoline_begin(target), &program);
	Fd fd(load_program(program, name, BPF_PROG_TYPE_TRACING, BPF_TRACE_RAW_TP, target.layout.btf_id, 0));
	if (!fd.ok())
		return "program refused: " + reason(fd.get());
	Fd link(bpf_raw_tracepoint_open(nullptr, fd.get()));
	if (!link.ok())
		return "attach refused: " + reason(link.get());
	out->links.push_back(std::move(link));
	out->programs.push_back(std::move(fd));
	return "";
}

Outcome tracepoint::attach(const Kernel &kernel, const Wanted &wanted, uint32_t fn, Attached *out)
{
	if (wanted.pf == AF_PACKET)
		return attach_handler(kernel, wanted, fn, out);
	if (wanted.pf)
		return attach_hook(kernel, wanted, fn, out);
	Outcome outcome;
	outcome.error = "not in this kernel";
	outcome.backend = "tracepoint";
	for (const std::string &name : wanted.names) {
		Target target;
		target.fn = fn;
		target.wanted = &wanted;
		if (!kernel.types.tracepoint(name, &target.layout))
			continue;
		outcome.name = name;
		outcome.error = attach_raw(kernel, MARK, target, out);
		if (outcome.error.empty())
			break;
	}
	return outcome;
}

std::string tracepoint::attach_context(const Kernel &kernel, Attached *out)
{
	static const char *const CONTEXT[][2] = {
		{"pkttop_switch", "sched_switch"},
		{"pkttop_softirq_entry", "softirq_entry"},
		{"pkttop_softirq_exit", "softirq_exit"},
		{"pkttop_irq_entry", "irq_handler_entry"},
		{"pkttop_irq_exit", "irq_handler_exit"},
	};
	const Wanted none;
	for (const auto &[program, name] : CONTEXT) {
		Target target;
		target.wanted = &none;
		if (!kernel.types.tracepoint(name, &target.layout))
			return std::string("the kernel has no tracepoint ") + name;
		std::string error = attach_raw(kernel, program, target, out);
		if (!error.empty())
			return std::string(name) + ": " + error;
	}
	return "";
}
