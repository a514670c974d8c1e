/* SPDX-License-Identifier: GPL-2.0-only */
#include "ring.h"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstring>
#include <ctime>

static constexpr auto TICK = std::chrono::milliseconds(10);

static uint64_t now()
{
	timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000ull + t.tv_nsec;
}

RingReader::~RingReader()
{
	stop();
}

std::string RingReader::start(int map, int cpus, uint32_t slots, size_t limit, uint64_t base)
{
	std::string error = mapping_.map(map, sizeof(slot) * slots * cpus);
	if (!error.empty())
		return error;
	limit_ = limit;
	base_ = base;
	slots_ = slots;
	rings_.resize(cpus);
	for (int cpu = 0; cpu < cpus; cpu++)
		rings_[cpu].slots = mapping_.as<slot>() + static_cast<size_t>(slots) * cpu;
	/* Signals are for the main thread. */
	sigset_t all, before;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	int refused = thread_.start([this] { run(); });
	pthread_sigmask(SIG_SETMASK, &before, nullptr);
	return refused ? std::string("cannot start a thread: ") + strerror(refused) : "";
}

static uint64_t low_bits(uint64_t word, int bits)
{
	return word & ((uint64_t{1} << bits) - 1);
}

/* When a record was written, as far as it tells: a task's name does not, it goes with the record behind it. */
static uint64_t written_at(const record *r)
{
	switch (r->kind) {
	case RECORD_CALL:
	case RECORD_OPEN:
		if (r->flags & FLAG_PACKET)
			return low_bits(r->begin, PACKET_BEGIN_BITS) + low_bits(r->duration, PACKET_DURATION_BITS);
		return r->begin + r->duration;
	case RECORD_MARK:
	case RECORD_DROP:
		return r->flags & FLAG_PACKET ? low_bits(r->begin, PACKET_BEGIN_BITS) : r->begin;
	case RECORD_LIFE:
		return reinterpret_cast<const record_life *>(r)->at;
	case RECORD_LOSS:
		return reinterpret_cast<const record_loss *>(r)->at;
	default:
		return 0;
	}
}

/* Whether there is a complete record that was written before `until`. */
bool RingReader::ready(Ring *ring, uint64_t until)
{
	if (!ring->known) {
		const slot *s = at(*ring, ring->tail);
		/* The first word is written last; what is behind it is there once it is. */
		uint64_t first = __atomic_load_n(&s->word[0], __ATOMIC_ACQUIRE);
		if (!first)
			return false;
		ring->time = std::max(ring->time, written_at(reinterpret_cast<const record *>(s)));
		ring->known = true;
	}
	return ring->time < until;
}

/* Moves the record at the tail to `filling_` and frees its slots, the first one last: until then the ring is full there. */
void RingReader::take(Ring *ring)
{
	slot *first = at(*ring, ring->tail);
	auto *bytes = reinterpret_cast<const uint8_t *>(first);
	size_t size = record_size(bytes);
	if (bytes[0] == RECORD_CALL || bytes[0] == RECORD_MARK || bytes[0] == RECORD_DROP)
		events_.fetch_add(1, std::memory_order_relaxed);
	filling_.insert(filling_.end(), bytes, bytes + std::min(size, sizeof(slot)));
	ring->tail++;
	ring->known = false;
	if (size > sizeof(slot)) {
		slot *second = at(*ring, ring->tail++);
		bytes = reinterpret_cast<const uint8_t *>(second);
		filling_.insert(filling_.end(), bytes, bytes + size - sizeof(slot));
		__atomic_store_n(&second->word[0], 0, __ATOMIC_RELEASE);
	}
	__atomic_store_n(&first->word[0], 0, __ATOMIC_RELEASE);
}

/* Takes what was written before `until`, oldest first: from the ring that is furthest behind until another one is. */
void RingReader::look(uint64_t until)
{
	for (;;) {
		Ring *first = nullptr;
		uint64_t next = until;
		for (Ring &ring : rings_) {
			if (!ready(&ring, until))
				continue;
			if (!first || ring.time < first->time) {
				if (first)
					next = first->time;
				first = &ring;
			} else {
				next = std::min(next, ring.time);
			}
		}
		if (!first)
			return;
		do {
			if (filling_.size() >= limit_)
				return;
			take(first);
		} while (ready(first, until) && first->time <= next);
	}
}

/* What a look took was in the ring when it began. */
void RingReader::measure()
{
	for (Ring &ring : rings_) {
		fullest_ = std::max<uint64_t>(fullest_, ring.tail - ring.before);
		ring.before = ring.tail;
	}
}

void RingReader::run()
{
	std::unique_lock<std::mutex> lock(mutex_);
	while (!stopping_) {
		look(now() - base_);
		measure();
		wake_.wait_for(lock, TICK, [this] { return stopping_; });
	}
}

void RingReader::stop()
{
	{
		std::lock_guard<std::mutex> lock(mutex_);
		stopping_ = true;
	}
	wake_.notify_all();
	if (!thread_.running())
		return;
	thread_.join();
	limit_ = SIZE_MAX; /* what is left is bounded by the rings' size */
	look(UINT64_MAX);
}

size_t RingReader::drain(uint8_t *to, size_t size)
{
	if (drained_ == draining_.size()) {
		draining_.clear();
		drained_ = 0;
		std::lock_guard<std::mutex> lock(mutex_);
		std::swap(filling_, draining_);
	}
	size_t left = draining_.size() - drained_, take = left;
	if (left > size) {
		/* Only whole records: walk to the last one that fits. */
		take = 0;
		for (;;) {
			size_t next = record_size(draining_.data() + drained_ + take);
			if (next == 0 || take + next > size)
				break;
			take += next;
		}
	}
	if (take) /* nothing may have no address, which memcpy() must not be given */
		memcpy(to, draining_.data() + drained_, take);
	drained_ += take;
	return take;
}

size_t RingReader::waiting()
{
	std::lock_guard<std::mutex> lock(mutex_);
	return filling_.size() + draining_.size() - drained_;
}
