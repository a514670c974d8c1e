/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef PKTTOP_RING_H
#define PKTTOP_RING_H

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

struct ring_buffer;

/*
 * Empties the kernel's ring buffer into memory from a thread of its own, so that a busy JavaScript thread costs no
 * records, and hands the bytes over on demand. It looks every few milliseconds instead of being woken for packets.
 */
class RingReader {
public:
	RingReader();
	~RingReader();
	RingReader(const RingReader &) = delete;
	RingReader &operator=(const RingReader &) = delete;

	/* '' or why the ring cannot be mapped. `limit` bytes are held at most; then the ring itself has to hold out. */
	std::string start(int map, size_t limit);
	/* Ends the thread after a last look at the ring. */
	void stop();
	/* Copies whole records, at most `size` bytes (at least one largest record). The number of bytes copied. */
	size_t drain(uint8_t *to, size_t size);
	/* Calls and marks taken from the ring so far. */
	uint64_t events() const { return events_; }
	/* Bytes that wait for drain(). */
	size_t waiting();

private:
	static int on_record(void *self, void *data, size_t size);
	void run();

	std::unique_ptr<ring_buffer, void (*)(ring_buffer *)> ring_;
	std::thread thread_;
	std::mutex mutex_;
	std::condition_variable wake_;
	bool stopping_ = false;
	size_t limit_ = 0;
	std::vector<uint8_t> filling_;  /* by the thread, under mutex_ */
	std::vector<uint8_t> draining_; /* by drain() alone */
	size_t drained_ = 0;
	std::atomic<uint64_t> events_{0};
};

#endif
