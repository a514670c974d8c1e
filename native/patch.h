/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef PKTTOP_PATCH_H
#define PKTTOP_PATCH_H

#include <linux/bpf.h>
#include <vector>

#include "target.h"

using Program = std::vector<bpf_insn>;

/*
 * Put a target's constants and argument offsets into the places that bpf/template.h marked, for the program at the
 * begin of a call (or of a mark) and for the one at its end. The end reads a packet only when it decides late.
 */
void patch_begin(Program *program, const Layout &layout, uint32_t fn, const Wanted &wanted);
void patch_end(Program *program, const Layout &layout, uint32_t fn, const Wanted &wanted);

#endif
