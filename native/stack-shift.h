/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef PKTTOP_STACK_SHIFT_H
#define PKTTOP_STACK_SHIFT_H

#include <functional>
#include <string>
#include <vector>

#include "fd.h"

/* A function that a system call of our own runs, and hardly anybody else's. */
extern const char *const TRIED_FUNCTION;

/*
 * How far the stack pointer that a kprobe sees at the end of a call lies from the one at its begin. That depends on how
 * the kernel gets hold of the end, which has changed more than once, so it is measured: a program that notes the stack
 * pointer is attached to TRIED_FUNCTION and the function is run.
 * `attach` attaches the program (type kprobe, of `attach_type`) to its begin and end: '' or why not.
 * '' or why it could not be measured: then this kind of probe does not work here.
 */
std::string measure_stack_shift(int attach_type, const std::function<std::string(int program, std::vector<Fd> *links)> &attach,
				int *shift);

#endif
