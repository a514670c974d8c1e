/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef PKTTOP_PRIVILEGES_H
#define PKTTOP_PRIVILEGES_H

#include <string>

/*
 * Takes every capability from every thread of the process and the right to gain new ones by exec. The user ids are
 * changed before, by Node. '' or what failed.
 */
std::string drop_capabilities();

#endif
