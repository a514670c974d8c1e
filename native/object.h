/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef PKTTOP_OBJECT_H
#define PKTTOP_OBJECT_H

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "features.h"
#include "fd.h"
#include "patch.h"

struct bpf_object;

/* What the two probes of a call cost, ns; 0 where it is not known. */
struct OwnCost {
	uint32_t inside = 0; /* the part that is in the call's own duration */
	uint32_t total = 0;  /* what the durations of its callers grow by */
};

/* What a session's maps are made for. */
struct Sizes {
	uint32_t functions; /* of the function table */
	uint32_t ring;      /* bytes of all CPUs' rings */
	uint64_t base;      /* what times in records count from, ns of CLOCK_MONOTONIC */
	bool identity;      /* packets have numbers */
	OwnCost taken_off;  /* of durations */
};

/* The loaded BPF object: its maps and the templates of all programs (bpf/template.h). */
class Object {
public:
	Object();
	~Object();
	Object(const Object &) = delete;
	Object &operator=(const Object &) = delete;

	/* Creates the maps and finds the kernel's offsets for all templates. '' or what the kernel refused. */
	std::string load(const std::string &path, const Features &features, const Sizes &sizes);
	/* The instructions of a template, to be patched and loaded for each target. */
	Program instructions(const std::string &name) const;
	int map(const std::string &name) const;
	int cpus() const { return cpus_; }
	/* Of each CPU's ring. */
	uint32_t slots() const { return slots_; }

private:
	/* `error`: negative errno of the kernel's refusal, 0 for none. */
	std::string load_once(const std::string &path, const std::vector<char> &elf, const Features &features, const Sizes &sizes,
			      int *error);

	std::unique_ptr<bpf_object, void (*)(bpf_object *)> object_;
	int cpus_ = 0;
	uint32_t slots_ = 0;
};

/* What libbpf said last, its final line: the reason that belongs to a failed load. */
std::string last_words();
/* strerror of a negative errno with the words that help where the number is famous. */
std::string reason(int error);

#endif
