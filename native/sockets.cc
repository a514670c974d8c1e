/* SPDX-License-Identifier: GPL-2.0-only */
#include "sockets.h"

#include <cerrno>
#include <linux/filter.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "fd.h"

namespace {

Fd open(int family, int type, int protocol)
{
	int fd = socket(family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol);
	return Fd(fd < 0 ? -errno : fd);
}

int set(const Fd &fd, int level, int option, const void *value, socklen_t size)
{
	return setsockopt(fd.get(), level, option, value, size) ? -errno : 0;
}

} // namespace

namespace sockets {

int open_udp(bool ipv6, int discover)
{
	Fd fd = open(ipv6 ? AF_INET6 : AF_INET, SOCK_DGRAM, 0);
	if (!fd.ok())
		return fd.get();
	/* The values of IPv6 are those of IPv4. */
	int error = ipv6 ? set(fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER, &discover, sizeof discover)
			 : set(fd, IPPROTO_IP, IP_MTU_DISCOVER, &discover, sizeof discover);
	return error ? error : fd.take();
}

int open_ping(bool ipv6)
{
	Fd fd = ipv6 ? open(AF_INET6, SOCK_DGRAM, IPPROTO_ICMPV6) : open(AF_INET, SOCK_DGRAM, IPPROTO_ICMP);
	return fd.ok() ? fd.take() : fd.get();
}

int open_lossy(const std::string &address, uint16_t port, unsigned one_in)
{
	addrinfo hints = {}, *found = nullptr;
	hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
	hints.ai_socktype = SOCK_STREAM;
	if (getaddrinfo(address.c_str(), std::to_string(port).c_str(), &hints, &found))
		return -EINVAL;
	/*
	 * A socket filter sees a segment from its TCP header on; 0 is thrown away. Connections take over the filter of the
	 * socket that listens.
	 */
	const uint32_t header_words = 12, all = 0xffffffff;
	sock_filter program[] = {
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, header_words),
		BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 0xf0),
		BPF_STMT(BPF_ALU | BPF_RSH | BPF_K, 2), /* words of 4 bytes in the upper half of the byte */
		BPF_STMT(BPF_MISC | BPF_TAX, 0),
		BPF_STMT(BPF_LD | BPF_W | BPF_LEN, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_X, 0, 3, 0), /* no data */
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, static_cast<uint32_t>(SKF_AD_OFF + SKF_AD_RANDOM)),
		BPF_STMT(BPF_ALU | BPF_MOD | BPF_K, one_in),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, all),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	const sock_fprog filter = {sizeof program / sizeof *program, program};
	Fd fd = open(found->ai_family, SOCK_STREAM, 0);
	int error = fd.ok() ? set(fd, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof filter) : fd.get();
	if (!error && bind(fd.get(), found->ai_addr, found->ai_addrlen))
		error = -errno;
	freeaddrinfo(found);
	return error ? error : fd.take();
}

} // namespace sockets
