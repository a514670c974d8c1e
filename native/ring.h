/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef PKTTOP_RING_H
#define PKTTOP_RING_H

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

#include "control.h"
#include "shared.h"
#include "thread.h"

/*
 * Empties the kernel side's rings, one for each CPU, into memory from a thread of its own, so that a busy JavaScript
 * thread costs no records, and hands the bytes over on demand. It looks every few milliseconds instead of being woken
 * for packets.
 *
 * Each ring is in order; a task that moves to another CPU has its records in two. So the rings are merged by the time
 * at which a record was written, and what was written after the look began waits for the next one: whatever a task
 * wrote before that is visible by then, on whichever CPU.
 */
class RingReader {
public:
	RingReader() = default;
	~RingReader();
	RingReader(const RingReader &) = delete;
	RingReader &operator=(const RingReader &) = delete;

	/*
	 * `map`: the rings of `cpus` CPUs, `slots` each. '' or what the kernel refused. `limit` bytes are held at most;
	 * then the rings themselves have to hold out. `base`: what times in records count from, ns of CLOCK_MONOTONIC.
	 */
	std::string start(int map, int cpus, uint32_t slots, size_t limit, uint64_t base);
	/* Ends the thread after a last look at the rings. */
	void stop();
	/* Copies whole records, at most `size` bytes (at least one largest record). The number of bytes copied. */
	size_t drain(uint8_t *to, size_t size);
	/* Calls and marks taken from the rings so far. */
	uint64_t events() const { return events_; }
	/* Bytes that wait for drain(). */
	size_t waiting();
	/* How full the fullest ring was found since the last call: 0 to 1. */
	double fullest() { return static_cast<double>(fullest_.exchange(0)) / slots_; }

private:
	struct Ring {
		slot *slots;
		uint64_t tail = 0;  /* slots read so far */
		uint64_t time = 0;  /* of the record at tail, never before that of the one before; ns since base_ */
		bool known = false; /* whether `time` is that of the record at tail */
		uint64_t before = 0; /* `tail` when the last look ended */
	};
	slot *at(const Ring &ring, uint64_t n) const { return &ring.slots[n & (slots_ - 1)]; }
	bool ready(Ring *ring, uint64_t until);
	void take(Ring *ring);
	void look(uint64_t until);
	void measure();
	void run();

	Mapping mapping_;
	uint32_t slots_ = 0;
	std::vector<Ring> rings_;
	Thread thread_;
	std::mutex mutex_;
	std::condition_variable wake_;
	bool stopping_ = false;
	size_t limit_ = 0;
	uint64_t base_ = 0;
	std::vector<uint8_t> filling_;  /* by the thread, under mutex_ */
	std::vector<uint8_t> draining_; /* by drain() alone */
	size_t drained_ = 0;
	std::atomic<uint64_t> events_{0};
	std::atomic<uint64_t> fullest_{0}; /* slots */
};

#endif
