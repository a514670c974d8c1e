/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef PKTTOP_OBJECT_H
#define PKTTOP_OBJECT_H

#include <memory>
#include <string>
#include <vector>

#include "fd.h"
#include "patch.h"

struct bpf_object;

/* The loaded BPF object: its maps, the always attached context programs, and the templates of the backends. */
class Object {
public:
	Object();
	~Object();
	Object(const Object &) = delete;
	Object &operator=(const Object &) = delete;

	/*
	 * Loads the maps, the context programs and those templates that are named. `functions` is the size of the
	 * function table, `ring` the bytes of all CPUs' rings. '' or what the kernel refused.
	 */
	std::string load(const std::string &path, const std::vector<std::string> &templates, uint32_t functions,
			 uint32_t ring);
	/* Attaches the scheduler's and the interrupts' tracepoints. '' or what was refused. */
	std::string attach_context(std::vector<Fd> *links);
	/* The final instructions of a template, to be patched and loaded for each target. Empty: it was not loaded. */
	Program instructions(const std::string &name) const;
	int map(const std::string &name) const;
	int cpus() const { return cpus_; }
	/* Of each CPU's ring. */
	uint32_t slots() const { return slots_; }

private:
	std::unique_ptr<bpf_object, void (*)(bpf_object *)> object_;
	int cpus_ = 0;
	uint32_t slots_ = 0;
};

/* What libbpf said last, its final line: the reason that belongs to a failed load. */
std::string last_words();
/* strerror of a negative errno with the words that help where the number is famous. */
std::string reason(int error);

#endif
