/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef PKTTOP_BTF_H
#define PKTTOP_BTF_H

#include <map>
#include <string>
#include <unordered_map>

#include "target.h"

struct btf;

/* The running kernel's own description of its functions, tracepoints and enums. */
class KernelTypes {
public:
	KernelTypes() = default;
	~KernelTypes();
	KernelTypes(const KernelTypes &) = delete;
	KernelTypes &operator=(const KernelTypes &) = delete;

	/* '' or why the kernel's BTF cannot be read. */
	std::string open();
	/* '' or which structure is not laid out as the programs' common cases take it to be. */
	std::string unexpected() const;
	/* False: no such function in BTF. */
	bool function(const std::string &name, Layout *out) const;
	/* False: no such raw tracepoint. */
	bool tracepoint(const std::string &name, Layout *out) const;
	/* Values of an enum by number: names of drop reasons. */
	std::map<int64_t, std::string> enumeration(const std::string &name) const;

private:
	const struct btf_type *strip(uint32_t id) const;
	int offset(const struct btf_type *structure, const char *member) const;
	void arguments(const struct btf_type *proto, int skip, Layout *out) const;

	struct btf *btf_ = nullptr;
	std::unordered_map<std::string, uint32_t> functions_, tracepoints_, enums_;
};

#endif
