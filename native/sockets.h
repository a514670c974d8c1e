/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef PKTTOP_SOCKETS_H
#define PKTTOP_SOCKETS_H

#include <cstdint>
#include <string>

/*
 * Sockets of the demo that Node cannot open by itself but can use. Each is made in the network namespace of the calling
 * thread, without root; the result is a descriptor, which is the caller's to close, or a negative errno.
 */
namespace sockets {

/* `discover` is a value of IP_MTU_DISCOVER: whether packets may be fragmented on their way. */
int open_udp(bool ipv6, int discover);
/* For ICMP echo requests; wants the group of the process in net.ipv4.ping_group_range. */
int open_ping(bool ipv6);
/* TCP, bound: of the segments with data that its connections get one in `one_in` is thrown away, by chance. */
int open_lossy(const std::string &address, uint16_t port, unsigned one_in);

} // namespace sockets

#endif
