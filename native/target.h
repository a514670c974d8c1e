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
	uint32_t bytes = 0;   /* enum bytes: it writes or reads bytes of a TCP socket, and its records say which */
	uint32_t queue = 0;   /* enum queue_kind: it puts something there, and its records say how long the queue was */
	bool inside = false; /* its records carry what its TCP socket knows */
	std::string hidden; /* arguments of names that BTF does not have, by space: "net sk skb"; "**skb" points to the skb's pointer */
	int pf = 0; /* netfilter hook: protocol family and number; handler: AF_PACKET and protocol; 0 for all else */
	int hook = 0;
};

/* What came of it; `error` is empty when it is attached. */
struct Outcome {
	std::string name;
	bool returns_number = false;
	std::string backend;
	std::string error;
};

/* Which word of a function's arguments is what the programs read: by argument slot, -1 where it has none. */
struct Layout {
	uint32_t btf_id = 0; /* 0: BTF does not have it */
	std::string module;  /* '' for the kernel itself */
	int words = 0;       /* of all arguments */
	int word[PATCH_ARGUMENTS];
	int last_socket = -1; /* of accept(sock, newsock) the second is the connection, known at the end */
	bool returns_number = false;
	bool bare = false;    /* no argument tells about a packet */
	bool typed = true;    /* the arguments have the types that the programs take them for */
	bool indirect = false; /* the skb's argument points to a pointer to it */
	bool plain = true;    /* six words at most, no structure by value, no pointer to a pointer: any trampoline takes it */
	Layout()
	{
		for (int &w : word)
			w = -1;
	}
	bool has(int slot) const { return word[slot] >= 0; }
};

/* A function under one of its names, to be attached by a backend; `error` is empty once it is. */
struct Target {
	uint32_t fn = 0;
	const Wanted *wanted = nullptr;
	std::string name;
	Layout layout;
	std::string error;
};

#endif
