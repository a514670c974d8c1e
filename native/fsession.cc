/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Backend fsession: trampolines, one program for the begin and the end of a function (since Linux 7.0), or of any number of
 * functions (since 7.2).
 */
#include <bpf/bpf.h>
#include <cerrno>
#include <linux/bpf.h>
#include <map>
#include <sys/syscall.h>
#include <unistd.h>

#include "backend.h"
#include "control.h"
#include "parallel.h"

/* Of enum bpf_attach_type (include/uapi/linux/bpf.h), which libbpf 1.5 does not know. */
static const int FSESSION = 58, FSESSION_MULTI = 61;

/* The part of union bpf_attr that BPF_LINK_CREATE takes for it; libbpf 1.5 does not know it. */
struct LinkCreate {
	__u32 program, target, attach_type, flags;
	__u64 ids, cookies;
	__u32 count, pad;
};

static int link(int program, const std::vector<Target *> &targets, size_t first, size_t count)
{
	std::vector<__u32> ids;
	std::vector<__u64> cookies;
	for (size_t i = first; i < first + count; i++) {
		ids.push_back(targets[i]->layout.btf_id);
		cookies.push_back(targets[i]->fn);
	}
	LinkCreate attr = {static_cast<__u32>(program), 0, FSESSION_MULTI, 0, reinterpret_cast<uintptr_t>(ids.data()),
			   reinterpret_cast<uintptr_t>(cookies.data()), static_cast<__u32>(count), 0};
	int fd = syscall(SYS_bpf, BPF_LINK_CREATE, &attr, sizeof attr);
	return fd < 0 ? -errno : fd;
}

/* One refused function makes the kernel refuse all: halves are tried until the refused ones stand alone. */
static void attach_range(int program, const std::vector<Target *> &targets, size_t first, size_t count, Attached *out)
{
	Fd fd(link(program, targets, first, count));
	if (fd.ok()) {
		for (size_t i = first; i < first + count; i++)
			targets[i]->error.clear();
		out->links.push_back(std::move(fd));
	} else if (count == 1 || fd.get() == -EPERM || fd.get() == -ENOMEM) {
		for (size_t i = first; i < first + count; i++)
			targets[i]->error = "attach refused: " + reason(fd.get());
	} else {
		attach_range(program, targets, first, count / 2, out);
		attach_range(program, targets, first + count / 2, count - count / 2, out);
	}
}

static void attach_shared(const Kernel &kernel, const std::vector<Target *> &targets, Attached *out)
{
	/* Numbers of types belong to one BTF: a program for the kernel, and one for each module. */
	std::map<std::string, std::vector<Target *>> modules;
	for (Target *target : targets) {
		place place = place_of(*target);
		bpf_map_update_elem(kernel.object.map("places"), &target->fn, &place, BPF_ANY);
		modules[target->layout.module].push_back(target);
	}
	Program program = kernel.object.instructions("pkttop_fsession");
	patch_in(shared(true), &program);
	for (auto &[module, functions] : modules) {
		int types = module.empty() ? 0 : kernel.types.module_fd(module);
		Fd fd(load_program(program, "pkttop_fsession", BPF_PROG_TYPE_TRACING, FSESSION_MULTI, 0, types));
		if (!fd.ok()) {
			for (Target *target : functions)
				target->error = "program refused: " + reason(fd.get());
			continue;
		}
		attach_range(fd.get(), functions, 0, functions.size(), out);
		out->programs.push_back(std::move(fd));
	}
}

static Fd load(const Kernel &kernel, const Target &target)
{
	Program program = kernel.object.instructions(
	    template_of(target, "pkttop_session_packet", "pkttop_session_socket", "pkttop_session_begin"));
	patch_in(trampoline_session(target), &program);
	int module = target.layout.module.empty() ? 0 : kernel.types.module_fd(target.layout.module);
	return Fd(load_program(program, "pkttop_session", BPF_PROG_TYPE_TRACING, FSESSION, target.layout.btf_id, module));
}

void fsession::attach(const Kernel &kernel, const std::vector<Target *> &targets, Attached *out)
{
	if (targets.size() > FEW)
		return attach_shared(kernel, targets, out);
	std::vector<Fd> programs(targets.size());
	in_parallel(kernel, targets.size(), [&](size_t i) { programs[i] = load(kernel, *targets[i]); });
	for (size_t i = 0; i < targets.size() && !kernel.cancelled; i++) {
		Fd link(programs[i].ok() ? bpf_raw_tracepoint_open(nullptr, programs[i].get()) : -EPERM);
		if (link.ok()) {
			out->links.push_back(std::move(link));
			out->programs.push_back(std::move(programs[i]));
			targets[i]->error.clear();
		} else {
			targets[i]->error = programs[i].ok() ? "attach refused: " + reason(link.get())
							     : "program refused: " + reason(programs[i].get());
		}
	}
}
