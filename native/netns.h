/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef PKTTOP_NETNS_H
#define PKTTOP_NETNS_H

#include <string>
#include <sys/types.h>

/*
 * The demo's hosts: each is a process in a network namespace of its own. All of it acts in the namespace of the calling
 * thread, needs CAP_SYS_ADMIN or CAP_NET_ADMIN, and returns '' or one line that says what failed.
 */
namespace netns {

/* Moves the calling thread, and no other, into a new network namespace. */
std::string unshare_network();
/* A veth pair: `name` here, `peer` in the network namespace of the process `pid`. Both are down. */
std::string add_veth(const std::string &name, const std::string &peer, pid_t pid);
/* An IPv4 or IPv6 address as text; an IPv6 address is usable at once, without duplicate address detection. */
std::string add_address(const std::string &link, const std::string &address, unsigned prefix);
/* What goes to the network `network`/`prefix` goes over the neighbour `gateway`. */
std::string add_route(const std::string &network, unsigned prefix, const std::string &gateway);
/* With packets of at most `mtu` bytes; 0: as it is. */
std::string bring_up(const std::string &link, unsigned mtu);

} // namespace netns

#endif
