/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef PKTTOP_PATCH_H
#define PKTTOP_PATCH_H

#include <linux/bpf.h>
#include <string>
#include <vector>

#include "target.h"

using Program = std::vector<bpf_insn>;

/* What stands in the places that bpf/template.h marked: ctx offsets of the arguments, -1 for none, and constants. */
struct Patch {
	int offset[PATCH_ARGUMENTS];
	int constant[PATCH_SLOTS - PATCH_ARGUMENTS] = {};
	Patch()
	{
		for (int &o : offset)
			o = -1;
	}
	void set(int slot, int value) { constant[slot - PATCH_ARGUMENTS] = value; }
};

void patch_in(const Patch &patch, Program *program);

/*
 * For a trampoline: the program at the begin of a call (or of a mark), and the one at its end, which reads a packet only
 * when it decides late.
 */
Patch trampoline_begin(const Target &target);
Patch trampoline_end(const Target &target);
/* Both in one program. */
Patch trampoline_session(const Target &target);

/* Which of three templates is made for a target: where the packet is in its skb, where there is only a socket, any other. */
const char *template_of(const Target &target, const char *packet, const char *socket, const char *other);
/* For struct pt_regs at the begin of a call and at its end. */
Patch registers_begin(const Target &target, bool typed);
Patch registers_end(const Target &target, bool typed);
/* For a program that many functions share. */
Patch shared(bool typed);
/* How such a program reads the arguments of one function. */
struct place place_of(const Target &target);

/* Which template or path of a shared program suits a function: enum quick. */
int quick_of(const Target &target);

/* Loads a patched program. Negative errno on failure. `module`: descriptor of the BTF that `btf_id` is of, or 0. */
int load_program(const Program &program, const std::string &name, int type, int attach_type, uint32_t btf_id, int module);

#endif
