/* SPDX-License-Identifier: GPL-2.0-only */
/* The ways to attach. Each adapts the one core to its kind of probe and reports what came of every trace point. */
#ifndef PKTTOP_BACKEND_H
#define PKTTOP_BACKEND_H

#include <string>
#include <vector>

#include "btf.h"
#include "object.h"

/* Links keep probes attached; programs are kept to read how often the kernel skipped them. */
struct Attached {
	std::vector<Fd> links;
	std::vector<Fd> programs;
};

/* Loads one patched program. Negative errno on failure. */
int load_program(const Program &program, const std::string &name, int type, int attach_type, uint32_t btf_id);

namespace fentry {
extern const std::vector<std::string> TEMPLATES;
Outcome attach(const Object &object, const KernelTypes &types, const Wanted &wanted, uint32_t fn, Attached *out);
} // namespace fentry

namespace tracepoint {
extern const std::string MARK, HOOK; /* its templates */
/* Raw tracepoint, or, with wanted.pf, a netfilter hook of the current network namespace. */
Outcome attach(const Object &object, const KernelTypes &types, const Wanted &wanted, uint32_t fn, Attached *out);
} // namespace tracepoint

#endif
