/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef PKTTOP_OWN_COST_H
#define PKTTOP_OWN_COST_H

#include <cstdint>
#include <string>

#include "backend.h"

struct Options;

struct MeasuredCost {
	OwnCost cost;
	std::string backend; /* that it was measured with */
	std::string why;     /* it was not measured; '' where it was */
};

/*
 * Measures what the probes of a call cost on this machine with the backend of `options`: the kernel runs a program of ours on a packet that exists
 * nowhere else (BPF_PROG_TEST_RUN), which calls a function of the kernel again and again, with and without probes there. No
 * packet is sent, and what is recorded of it goes with the maps of its own that it is recorded in. Takes some milliseconds.
 */
MeasuredCost measure_own_cost(const Options &options, KernelTypes &types, const Features &features,
			      const std::atomic<bool> &cancelled);

#endif
