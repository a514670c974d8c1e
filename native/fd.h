/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef PKTTOP_FD_H
#define PKTTOP_FD_H

#include <unistd.h>
#include <utility>

/* Owns a file descriptor: closed exactly once, also when an attach fails half-way. */
class Fd {
public:
	Fd() = default;
	/* A negative errno in place of a descriptor is kept for get(). */
	explicit Fd(int fd) : fd_(fd) {}
	Fd(Fd &&other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
	Fd &operator=(Fd &&other) noexcept
	{
		if (this != &other) {
			reset();
			fd_ = std::exchange(other.fd_, -1);
		}
		return *this;
	}
	Fd(const Fd &) = delete;
	Fd &operator=(const Fd &) = delete;
	~Fd() { reset(); }

	int get() const { return fd_; }
	bool ok() const { return fd_ >= 0; }
	/* The descriptor, from now on the caller's to close. */
	int take() { return std::exchange(fd_, -1); }
	void reset()
	{
		if (fd_ >= 0)
			close(fd_);
		fd_ = -1;
	}

private:
	int fd_ = -1;
};

#endif
