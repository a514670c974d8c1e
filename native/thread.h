/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef PKTTOP_THREAD_H
#define PKTTOP_THREAD_H

#include <functional>
#include <pthread.h>
#include <utility>

/*
 * A thread that the kernel may refuse. std::thread throws then, and where exceptions are off that is the end of the
 * program. It does not go before its thread has ended.
 */
class Thread {
public:
	Thread() = default;
	Thread(const Thread &) = delete;
	Thread &operator=(const Thread &) = delete;
	~Thread() { join(); }

	/* Runs `body` beside the caller. 0, or why not: a positive errno, and `body` is not run. */
	int start(std::function<void()> body)
	{
		body_ = std::move(body);
		int error = pthread_create(&thread_, nullptr, enter, this);
		running_ = !error;
		return error;
	}
	bool running() const { return running_; }
	/* Waits for the end of `body`; without one it does nothing. */
	void join()
	{
		if (std::exchange(running_, false))
			pthread_join(thread_, nullptr);
	}

private:
	static void *enter(void *self)
	{
		static_cast<Thread *>(self)->body_();
		return nullptr;
	}

	std::function<void()> body_;
	pthread_t thread_ = {};
	bool running_ = false;
};

#endif
