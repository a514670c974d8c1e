/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef PKTTOP_CHOOSE_H
#define PKTTOP_CHOOSE_H

#include "backend.h"

/*
 * Attaches each function by the first of its names that a backend can attach, and by the best backend that can. What is
 * refused never stops the rest. One outcome for each function, in their order; its number is its place there.
 * `backend`: the name of the only one to use; "auto" for all.
 */
std::vector<Outcome> attach_functions(const Kernel &kernel, const std::vector<Wanted> &functions, const std::string &backend,
				      Attached *out);

#endif
