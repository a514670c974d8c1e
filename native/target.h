/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef PKTTOP_TARGET_H
#define PKTTOP_TARGET_H

#include <cstdint>
#include <string>
#include <vector>

#include "template.h"

/* What is asked for: a trace point by any of its names, the first one that this kernel has. */
struct Wanted {
	std::vector<std::string> names;
	uint32_t from = 0; /* enum read_from of bpf/packet.h */
	bool late = false;
	int pf = 0; /* netfilter hook: protocol family and number; 0 for all else */
	int hook = 0;
};

/* What came of it; `error` is empty when it is attached. */
struct Outcome {
	std::string name;
	bool returns_number = false;
	std::string error;
};

/* Where a function keeps what the programs read: the ctx offset of each argument slot, -1 where it has none. */
struct Layout {
	uint32_t btf_id = 0;
	int offset[PATCH_ARGUMENTS];
	int last_socket = -1; /* of accept(sock, newsock) the second is the connection, known at the end */
	bool returns_number = false;
	bool bare = false; /* no argument tells about a packet */
	Layout()
	{
		for (int &o : offset)
			o = -1;
	}
};

#endif
