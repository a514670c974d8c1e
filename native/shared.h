/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef PKTTOP_SHARED_H
#define PKTTOP_SHARED_H

#include <cstddef>
#include <string>
#include <utility>

/* A BPF array map, or a socket's ring, in memory: read and written without system calls or privileges. */
class Mapping {
public:
	Mapping() = default;
	Mapping(const Mapping &) = delete;
	Mapping &operator=(const Mapping &) = delete;
	~Mapping();

	/* '' or why it cannot be mapped. */
	std::string map(int fd, size_t bytes);
	template <typename T> T *as() const { return static_cast<T *>(at_); }

private:
	void *at_ = nullptr;
	size_t bytes_ = 0;
};

#endif
