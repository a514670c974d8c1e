/* SPDX-License-Identifier: GPL-2.0-only */
/* Backend kprobe: a kprobe and a kretprobe for each function, by perf events, which every kernel has. */
#include <bpf/bpf.h>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <linux/perf_event.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>

#include "backend.h"
#include "stack-shift.h"

static const char PMU[] = "/sys/bus/event_source/devices/kprobe/";

/* The first number in a file of the kprobe PMU; -1: there is none. */
static int pmu_number(const char *name)
{
	std::ifstream file(std::string(PMU) + name);
	std::string text;
	std::getline(file, text);
	size_t digit = text.find_first_of("0123456789");
	return digit == std::string::npos ? -1 : atoi(text.c_str() + digit);
}

/* An event whose probes run the program. Negative errno on failure. */
static int open_probe(const std::string &function, bool at_return, int program)
{
	static const int type = pmu_number("type"), bit = pmu_number("format/retprobe"); /* "config:0" */
	if (type < 0 || bit < 0)
		return -ENOENT;
	perf_event_attr attr = {};
	attr.size = sizeof attr;
	attr.type = type;
	attr.config = at_return ? 1ull << bit : 0;
	attr.config1 = reinterpret_cast<uintptr_t>(function.c_str());
	int fd = syscall(SYS_perf_event_open, &attr, -1, 0, -1, PERF_FLAG_FD_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (ioctl(fd, PERF_EVENT_IOC_SET_BPF, program) || ioctl(fd, PERF_EVENT_IOC_ENABLE, 0)) {
		int error = -errno;
		close(fd);
		return error;
	}
	return fd;
}

static std::string refused(int error)
{
	return "attach refused: " + (error == -EINVAL || error == -ENOENT ? "it cannot be probed" : reason(error));
}

/* The end first: see fentry.cc. */
static std::string attach_pair(const std::string &name, int begin, int end, std::vector<Fd> *out)
{
	Fd last(open_probe(name, true, end));
	if (!last.ok())
		return refused(last.get());
	Fd first(open_probe(name, false, begin));
	if (!first.ok())
		return refused(first.get());
	out->push_back(std::move(last));
	out->push_back(std::move(first));
	return "";
}

static std::string attach_one(const Kernel &kernel, const Target &target, int shift, Attached *out)
{
	const bool typed = kernel.features.casts;
	Program begin = kernel.object.instructions("pkttop_kprobe"), end = kernel.object.instructions("pkttop_kretprobe");
	Patch at_end = registers_end(target, typed);
	at_end.set(PATCH_EXIT_SHIFT, shift);
	patch_in(registers_begin(target, typed), &begin);
	patch_in(at_end, &end);
	Fd last(load_program(end, "pkttop_kretprobe", BPF_PROG_TYPE_KPROBE, 0, 0, 0));
	Fd first(last.ok() ? load_program(begin, "pkttop_kprobe", BPF_PROG_TYPE_KPROBE, 0, 0, 0) : -EPERM);
	if (!first.ok())
		return "program refused: " + reason(last.ok() ? first.get() : last.get());
	std::string name = target.layout.module.empty() ? target.name : target.layout.module + ":" + target.name;
	std::string error = attach_pair(name, first.get(), last.get(), &out->links);
	if (error.empty()) {
		out->programs.push_back(std::move(last));
		out->programs.push_back(std::move(first));
	}
	return error;
}

void kprobe::attach(const Kernel &kernel, const std::vector<Target *> &targets, Attached *out)
{
	int shift = 0;
	std::string error = measure_stack_shift(0, [](int program, std::vector<Fd> *links) {
		return attach_pair(TRIED_FUNCTION, program, program, links);
	}, &shift);
	for (Target *target : targets) {
		if (kernel.cancelled)
			return;
		target->error = error.empty() ? attach_one(kernel, *target, shift, out) : error;
	}
}
