/* SPDX-License-Identifier: GPL-2.0-only */
#include "ring.h"

#include <bpf/libbpf.h>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>

#include "record.h"

static constexpr auto TICK = std::chrono::milliseconds(10);

RingReader::RingReader() : ring_(nullptr, ring_buffer__free) {}

RingReader::~RingReader()
{
	stop();
}

std::string RingReader::start(int map, size_t limit)
{
	limit_ = limit;
	ring_.reset(ring_buffer__new(map, on_record, this, nullptr));
	if (!ring_)
		return std::string("cannot map the ring buffer: ") + strerror(errno);
	/* Signals are for the main thread. */
	sigset_t all, before;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	thread_ = std::thread(&RingReader::run, this);
	pthread_sigmask(SIG_SETMASK, &before, nullptr);
	return "";
}

int RingReader::on_record(void *self, void *data, size_t size)
{
	auto *reader = static_cast<RingReader *>(self);
	auto *bytes = static_cast<const uint8_t *>(data);
	if (bytes[0] == RECORD_CALL || bytes[0] == RECORD_MARK || bytes[0] == RECORD_DROP)
		reader->events_.fetch_add(1, std::memory_order_relaxed);
	reader->filling_.insert(reader->filling_.end(), bytes, bytes + size);
	/* Negative: stop here, this record is taken. */
	return reader->filling_.size() < reader->limit_ ? 0 : -ENOSPC;
}

void RingReader::run()
{
	std::unique_lock<std::mutex> lock(mutex_);
	while (!stopping_) {
		if (filling_.size() < limit_)
			ring_buffer__consume(ring_.get());
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
	if (!thread_.joinable())
		return;
	thread_.join();
	limit_ = SIZE_MAX; /* what is left is bounded by the ring's size */
	ring_buffer__consume(ring_.get());
	ring_.reset();
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
	memcpy(to, draining_.data() + drained_, take);
	drained_ += take;
	return take;
}

size_t RingReader::waiting()
{
	std::lock_guard<std::mutex> lock(mutex_);
	return filling_.size() + draining_.size() - drained_;
}
