/* SPDX-License-Identifier: GPL-2.0-only */
/* Gives the terminal back when the program crashes: JavaScript has no chance to do it then. */
#ifndef PKTTOP_TERMINAL_H
#define PKTTOP_TERMINAL_H

#include <cstddef>
#include <cstdint>
#include <string>

namespace terminal {

/*
 * From now on a crash writes `size` bytes of `restore` to `fd` and sets the modes that the terminal has now, before the
 * program dies of its signal as usual. fd -1: no more. Returns what is wrong, or nothing.
 */
std::string guard(int fd, const uint8_t *restore, size_t size);

} // namespace terminal

#endif
