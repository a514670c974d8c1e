/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef PKTTOP_IDENTITY_H
#define PKTTOP_IDENTITY_H

#include <string>

#include "backend.h"

/*
 * Watches what makes, joins and frees packets, so that the numbers of packets are right. To be called after all else is
 * attached. '' or why it cannot be done: then nothing of it is attached.
 */
std::string attach_identity(const Kernel &kernel, Attached *out);

#endif
