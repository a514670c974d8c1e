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

/*
 * A small program that goes on in `program`: what a socket may have of filters ends at 20480 bytes on kernels before 6.7
 * (net.core.optmem_max), and the one it calls does not count. The array empties when its file descriptor is closed.
 */
static Fd in_front_of(int program, Attached *out)
{
	Fd array(bpf_map_create(BPF_MAP_TYPE_PROG_ARRAY, HANDLER, sizeof(uint32_t), sizeof(uint32_t), 1, nullptr));
	uint32_t first = 0, next = program;
	if (!array.ok() || bpf_map_update_elem(array.get(), &first, &next, BPF_ANY))
		return Fd(-errno);
	const Program front = {
		{BPF_LD | BPF_DW | BPF_IMM, BPF_REG_2, BPF_PSEUDO_MAP_FD, 0, array.get()},
		{},
		{BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_3, 0, 0, 0},
		{BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_tail_call},
		{BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_0, 0, 0, 0},
		{BPF_JMP | BPF_EXIT, 0, 0, 0, 0},
	};
	Fd fd(load_program(front, HANDLER, BPF_PROG_TYPE_SOCKET_FILTER, 0, 0, 0));
	if (fd.ok())
		out->links.push_back(std::move(array));
	return fd;
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
	Fd front = in_front_of(fd.get(), out);
	Fd link = front.ok() ? packet_socket(front.get(), wanted.hook) : Fd(front.get());
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
