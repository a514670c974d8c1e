/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef PKTTOP_CAPTURE_H
#define PKTTOP_CAPTURE_H

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "fd.h"
#include "shared.h"

/* What stands before the bytes of each frame; src/collector/capture.ts reads it. The next frame begins at a multiple of 8. */
struct captured {
	uint64_t time;   /* ns, CLOCK_MONOTONIC */
	uint32_t length; /* bytes that follow */
	uint32_t wire;   /* length before it was cut off */
	uint32_t ifindex;
	uint16_t hatype; /* ARPHRD_: what link header the bytes begin with */
	uint8_t type;    /* PACKET_HOST, PACKET_OUTGOING, … */
	uint8_t socket;  /* which namespace, by its place in the list given to open() */
};
static_assert(sizeof(captured) == 24, "src/collector/capture.ts");

/*
 * The packets of all devices of some network namespaces, as tcpdump sees them: each once for a device, on loopback only as
 * it comes in. They wait in rings of the kernel that are mapped here: reading them by calls would be traced itself. What
 * does not fit there is counted.
 */
class Capture {
public:
	/* A path for each namespace, '' for the own one. Needs CAP_NET_RAW, for others CAP_SYS_ADMIN. '' or what failed. */
	std::string open(const std::vector<std::string> &namespaces);
	/* Fills `to` with whole frames; at least LARGEST bytes. The number of bytes, 0 when there are no more now. */
	size_t drain(uint8_t *to, size_t size);
	/* ns, CLOCK_MONOTONIC: what came before that has been drained. The kernel shows packets some milliseconds late. */
	uint64_t until() const;
	/* Frames that did not fit into the rings, so far. */
	uint64_t dropped();
	/* Name of a device as it is now, '' when it is gone. */
	std::string device(unsigned socket, unsigned ifindex);

	/* Bytes of a frame at most, as tcpdump has it. */
	static constexpr uint32_t SNAP = 262144;
	static constexpr size_t LARGEST = sizeof(captured) + SNAP + 8;

private:
	struct Ring {
		Fd fd;
		Mapping blocks;
		unsigned block = 0;            /* that is read, or is the next to be */
		uint32_t left = 0;             /* frames of it that are to be read */
		const uint8_t *next = nullptr; /* the first of these */
		uint64_t last = 0;             /* when the last block that was read had its last frame, wall clock */
	};
	static std::string open_ring(Ring *ring);
	bool begin(Ring *ring);
	void finish(Ring *ring);

	std::vector<std::unique_ptr<Ring>> rings_;
	uint64_t dropped_ = 0;
};

/* Wall clock minus CLOCK_MONOTONIC, ns. */
int64_t wall_offset();

#endif
