/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef PKTTOP_BTF_H
#define PKTTOP_BTF_H

#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "fd.h"
#include "target.h"

struct btf;
struct btf_type;

/* A function as the kernel's BTF describes it. */
struct KernelFunction {
	std::string name;
	std::string module; /* '' for the kernel itself */
	int words = 0;      /* of all its arguments */
	bool usable = false; /* an argument tells about a packet */
};

/* The running kernel's own description of its functions, tracepoints and enums, those of its modules included. */
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
	/* False: no such function in BTF. Asks the modules when the kernel itself does not have it. */
	bool function(const std::string &name, Layout *out);
	/* Functions whose name matches one of the globs, those of loaded modules too, in the order of BTF. */
	std::vector<KernelFunction> matching(const std::vector<std::string> &globs);
	/* The module's BTF as the kernel wants it for attaching: a descriptor that stays ours, negative errno on failure. */
	int module_fd(const std::string &name);
	/* False: no such raw tracepoint. */
	bool tracepoint(const std::string &name, Layout *out) const;
	/* Values of an enum by number: names of drop reasons. */
	std::map<int64_t, std::string> enumeration(const std::string &name) const;

private:
	struct Module {
		std::string name; /* '' for the kernel itself */
		struct btf *types = nullptr;
		std::unordered_map<std::string, uint32_t> functions;
		Fd fd;
	};

	static const btf_type *strip(const struct btf *types, uint32_t id);
	int offset(const btf_type *structure, const char *member) const;
	void arguments(const struct btf *types, const btf_type *proto, int skip, Layout *out) const;
	void open_modules();

	struct btf *btf_ = nullptr;
	std::vector<Module> modules_; /* the kernel itself first; the others once a function is not in it */
	bool modules_open_ = false;
	std::unordered_map<std::string, uint32_t> tracepoints_, enums_;
};

#endif
