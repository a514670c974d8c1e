/* SPDX-License-Identifier: GPL-2.0-only */
#include "shared.h"

#include <cerrno>
#include <cstring>
#include <sys/mman.h>
#include <unistd.h>

Mapping::~Mapping()
{
	if (at_)
		munmap(at_, bytes_);
}

std::string Mapping::map(int fd, size_t bytes)
{
	size_t page = sysconf(_SC_PAGESIZE);
	bytes_ = (bytes + page - 1) / page * page;
	void *at = mmap(nullptr, bytes_, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (at == MAP_FAILED)
		return std::string("cannot map memory of the kernel: ") + strerror(errno);
	at_ = at;
	return "";
}
