/* SPDX-License-Identifier: GPL-2.0-only */
#include "ring.h"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstring>
#include <ctime>
#include <sched.h>

/* How often it looks, and how often where nothing came in so many looks: what comes in that time has room in a ring. */
static constexpr auto TICK = std::chrono::milliseconds(10), IDLE_TICK = std::chrono::milliseconds(40);
static constexpr int IDLE_LOOKS = 100;

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

bool Bytes::grow(size_t least)
{
	size_t capacity = std::max({least, 2 * capacity_, size_t{1} << 20});
	auto *data = static_cast<uint8_t *>(realloc(data_.get(), capacity));
	if (!data)
		return false;
	(void)data_.release(); /* realloc() has freed it, or it is the same */
	data_.reset(data);
	capacity_ = capacity;
	return true;
}

/*
 * Moves the record at the tail to memory and frees its slots, the first one last: until then the ring is full there.
 * False: there is no memory for it.
 */
bool RingReader::take(Ring *ring)
{
	slot *first = at(*ring, ring->tail);
	auto *bytes = reinterpret_cast<const uint8_t *>(first);
	size_t size = record_size(bytes);
	uint8_t *to = buffers_[filling_].add(size);
	if (!to)
		return false;
	if (bytes[0] == RECORD_CALL || bytes[0] == RECORD_MARK || bytes[0] == RECORD_DROP)
		taken_++;
	ring->tail++;
	ring->known = false;
	if (size == sizeof(slot)) { /* nearly all of them: a copy of constant size */
		memcpy(to, bytes, sizeof(slot));
	} else {
		memcpy(to, bytes, std::min(size, sizeof(slot)));
		if (size > sizeof(slot)) {
			slot *second = at(*ring, ring->tail++);
			memcpy(to + sizeof(slot), second, size - sizeof(slot));
			__atomic_store_n(&second->word[0], 0, __ATOMIC_RELEASE);
		}
	}
	__atomic_store_n(&first->word[0], 0, __ATOMIC_RELEASE);
	return true;
}

/*
 * Takes what was written before `until`, oldest first: from the ring that is furthest behind until another one is. Whether
 * there was something, or something still waits to be handed over.
 */
bool RingReader::look(uint64_t until)
{
	const Bytes &filling = buffers_[filling_];
	const size_t waiting = waiting_, before = filling.size(), most = before + (limit_ > waiting ? limit_ - waiting : 0);
	bool room = true;
	while (room) {
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
			break;
		do
			room = filling.size() < most && take(first);
		while (room && ready(first, until) && first->time <= next);
	}
	waiting_ += filling.size() - before;
	const bool any = filling.size() > 0;
	events_ = taken_;
	publish();
	return any;
}

/* Hands over what has been taken, unless what was handed over before is still to be drained. */
void RingReader::publish()
{
	if (buffers_[filling_].size() && !(between_.load(std::memory_order_acquire) & FULL))
		filling_ = between_.exchange(filling_ | FULL, std::memory_order_acq_rel);
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
	/*
	 * Where more wants to run than there are CPUs, traffic at full speed would leave too little of them to this thread, which
	 * has little to do, but soon. A nice value would do it at the cost of our other threads: where the scheduler puts sessions
	 * into groups, a group's share of a CPU goes to where its heaviest thread is. Without the privilege it goes on as it is.
	 */
	const sched_param least = {sched_get_priority_min(SCHED_RR)};
	sched_setscheduler(0, SCHED_RR | SCHED_RESET_ON_FORK, &least);
	int idle = 0;
	for (bool stopping = false; !stopping;) {
		idle = look(now() - base_) ? 0 : idle + 1;
		measure();
		std::unique_lock<std::mutex> lock(mutex_);
		stopping = wake_.wait_for(lock, idle < IDLE_LOOKS ? TICK : IDLE_TICK, [this] { return stopping_; });
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
	limit_ = SIZE_MAX / 2; /* what is left is bounded by the rings' size */
	look(UINT64_MAX);
}

/* The oldest `bytes` that wait for drain() go, but for names, packets' lives and losses, which what comes later needs. */
void RingReader::skip(size_t bytes)
{
	Bytes &draining = buffers_[draining_];
	const size_t from = drained_;
	record_loss gone = {};
	gone.kind = RECORD_LOSS;
	gone.cause = LOSS_BEHIND;
	Bytes kept;
	size_t to = from;
	while (to < draining.size() && to - from < bytes) {
		const uint8_t *record_bytes = draining.data() + to;
		const size_t size = record_size(record_bytes);
		const int kind = record_bytes[0];
		if (kind == RECORD_TASK || kind == RECORD_LIFE || kind == RECORD_LOSS) {
			uint8_t *copy = kept.add(size);
			if (!copy)
				break;
			memcpy(copy, record_bytes, size);
		} else {
			gone.count += kind != RECORD_OPEN;
			gone.at = written_at(reinterpret_cast<const record *>(record_bytes));
		}
		to += size;
	}
	passed_ = to;
	if (!gone.at) /* nothing has made room for the loss, and nothing is lost */
		return;
	drained_ = to - kept.size() - sizeof(gone);
	if (kept.size())
		memcpy(draining.data() + drained_, kept.data(), kept.size());
	memcpy(draining.data() + to - sizeof(gone), &gone, sizeof(gone));
	waiting_ -= drained_ - from;
}

size_t RingReader::drain(uint8_t *to, size_t size, size_t keep)
{
	if (drained_ == buffers_[draining_].size()) {
		buffers_[draining_].clear();
		drained_ = passed_ = 0;
		if (!thread_.running())
			publish();
		if (between_.load(std::memory_order_acquire) & FULL)
			draining_ = between_.exchange(draining_, std::memory_order_acq_rel) & ~FULL;
	}
	/* Half of it, so that it is not done again at once. */
	if (keep && waiting_ > keep && drained_ >= passed_)
		skip(waiting_ - keep / 2);
	const Bytes &draining = buffers_[draining_];
	size_t left = draining.size() - drained_, take = left;
	if (left > size) {
		/* Only whole records: walk to the last one that fits. */
		take = 0;
		for (;;) {
			size_t next = record_size(draining.data() + drained_ + take);
			if (next == 0 || take + next > size)
				break;
			take += next;
		}
	}
	if (take) /* nothing may have no address, which memcpy() must not be given */
		memcpy(to, draining.data() + drained_, take);
	drained_ += take;
	waiting_ -= take;
	return take;
}

