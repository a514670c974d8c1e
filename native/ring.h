/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef PKTTOP_RING_H
#define PKTTOP_RING_H

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "control.h"
#include "shared.h"
#include "thread.h"

/* Memory that grows at its end, without being cleared or copied where the allocator can help it. */
class Bytes {
public:
	size_t size() const { return size_; }
	uint8_t *data() const { return data_.get(); }
	void clear() { size_ = 0; }
	/* Room for `more` bytes behind the others, which count from now on; NULL: there is no memory. */
	uint8_t *add(size_t more)
	{
		if (size_ + more > capacity_ && !grow(size_ + more))
			return nullptr;
		size_ += more;
		return data_.get() + size_ - more;
	}

private:
	struct Free {
		void operator()(uint8_t *p) const { free(p); }
	};
	bool grow(size_t least);

	std::unique_ptr<uint8_t, Free> data_;
	size_t size_ = 0, capacity_ = 0;
};

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
	/*
	 * Copies whole records, at most `size` bytes (at least one largest record). The number of bytes copied. Where more than
	 * `keep` bytes wait, the oldest go first, and a RECORD_LOSS of LOSS_BEHIND says how many calls and marks; 0: none go.
	 */
	size_t drain(uint8_t *to, size_t size, size_t keep = 0);
	/* Calls and marks taken from the rings so far. */
	uint64_t events() const { return events_; }
	/* Bytes that wait for drain(). */
	size_t waiting() const { return waiting_; }
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
	bool take(Ring *ring);
	void skip(size_t bytes);
	bool look(uint64_t until);
	void publish();
	void measure();
	void run();

	Mapping mapping_;
	uint32_t slots_ = 0;
	std::vector<Ring> rings_;
	Thread thread_;
	std::mutex mutex_;
	std::condition_variable wake_;
	bool stopping_ = false; /* under mutex_ */
	size_t limit_ = 0;
	uint64_t base_ = 0;
	/*
	 * Three, so that neither side ever waits for the other, which may have lost its CPU: one that the thread fills, one that
	 * drain() empties, and one between them, empty or FULL.
	 */
	static constexpr int FULL = 4;
	Bytes buffers_[3];
	int filling_ = 0, draining_ = 1;
	std::atomic<int> between_{2};
	size_t drained_ = 0; /* bytes of what drain() empties */
	size_t passed_ = 0;  /* up to where nothing more of it can go */
	std::atomic<size_t> waiting_{0};
	uint64_t taken_ = 0; /* events_, by the thread alone */
	std::atomic<uint64_t> events_{0};
	std::atomic<uint64_t> fullest_{0}; /* slots */
};

#endif
