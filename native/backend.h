/* SPDX-License-Identifier: GPL-2.0-only */
/* The ways to attach. Each adapts the one core to its kind of probe and says what came of every trace point. */
#ifndef PKTTOP_BACKEND_H
#define PKTTOP_BACKEND_H

#include <atomic>
#include <string>
#include <vector>

#include "btf.h"
#include "features.h"
#include "object.h"
#include "target.h"

/* Links keep probes attached; programs are kept to read how often the kernel skipped them. */
struct Attached {
	std::vector<Fd> links;
	std::vector<Fd> programs;
};

/* What every backend needs of the kernel. */
struct Kernel {
	const Object &object;
	KernelTypes &types;
	const Features &features;
	const std::atomic<bool> &cancelled; /* nobody wants it any more: stop soon, whatever is attached */
};

/* Functions: sets the `error` of each target, '' once it is attached. */
struct Backend {
	const char *name;
	/* What enum bpf_attach_type of a kernel has that can do it; '' where there is none. */
	const char *attach_type;
	bool needs_btf;
	/* Attaching takes long for each function: not for many. */
	bool slow;
	void (*attach)(const Kernel &kernel, const std::vector<Target *> &targets, Attached *out);
};

/* So many functions are attached one by one without anybody having to wait. */
inline constexpr size_t FEW = 128;

/* In the order of preference. */
extern const std::vector<Backend> BACKENDS;

namespace fsession {
void attach(const Kernel &kernel, const std::vector<Target *> &targets, Attached *out);
}
namespace fentry {
void attach(const Kernel &kernel, const std::vector<Target *> &targets, Attached *out);
}
namespace kprobe_session {
void attach(const Kernel &kernel, const std::vector<Target *> &targets, Attached *out);
}
namespace kprobe_multi {
void attach(const Kernel &kernel, const std::vector<Target *> &targets, Attached *out);
}
namespace kprobe {
void attach(const Kernel &kernel, const std::vector<Target *> &targets, Attached *out);
}

namespace tracepoint {
/* Loads a template for a raw tracepoint and links it. '' or what was refused. */
std::string attach_raw(const Kernel &kernel, const char *program, const Target &target, Attached *out);
/* Raw tracepoint, or, with wanted.pf, a netfilter hook of the current network namespace. */
Outcome attach(const Kernel &kernel, const Wanted &wanted, uint32_t fn, Attached *out);
/* The scheduler's and the interrupts' tracepoints, which every backend needs. '' or what was refused. */
std::string attach_context(const Kernel &kernel, Attached *out);
} // namespace tracepoint

#endif
