/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef PKTTOP_FIREWALL_H
#define PKTTOP_FIREWALL_H

#include <cstdint>
#include <string>

/*
 * A netfilter rule in the network namespace of the calling thread: what is forwarded to `port` of TCP or UDP, over IPv4
 * or IPv6, is dropped. Needs CAP_NET_ADMIN and nf_tables. '' or one line that says what failed.
 */
std::string drop_forwarded(uint16_t port);

#endif
