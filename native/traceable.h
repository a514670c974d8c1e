/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef PKTTOP_TRACEABLE_H
#define PKTTOP_TRACEABLE_H

#include <vector>

#include "target.h"

/*
 * Those of the targets that the kernel lists as functions that ftrace reaches (available_filter_functions); the others get
 * the error `why`. All of them where the list cannot be read.
 */
std::vector<Target *> traceable(const std::vector<Target *> &targets, const char *why);

#endif
