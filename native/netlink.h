/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef PKTTOP_NETLINK_H
#define PKTTOP_NETLINK_H

#include <cstdint>
#include <linux/netlink.h>
#include <string>
#include <vector>

/* One netlink message, man 7 netlink: a header, a fixed body, attributes that may nest. */
class Message {
public:
	template <typename Body> Message(uint16_t type, uint16_t flags, const Body &body) : type_(type), flags_(flags)
	{
		bytes_.resize(NLMSG_HDRLEN);
		append(&body, sizeof body);
	}
	void append(const void *data, size_t size);
	void add(uint16_t type, const void *data, size_t size);
	void add(uint16_t type, const std::string &text) { add(type, text.c_str(), text.size() + 1); }
	/* nftables speaks the network's byte order. */
	void add_be32(uint16_t type, uint32_t value);
	/* Attributes added until end() are inside this one. */
	size_t begin(uint16_t type);
	void end(size_t at);

	/* The message with its header. */
	const std::vector<uint8_t> &finish(uint32_t number);

private:
	uint16_t type_, flags_;
	std::vector<uint8_t> bytes_;
};

/*
 * Sends messages in one go to the kernel's `protocol` (NETLINK_ROUTE, NETLINK_NETFILTER) in the network namespace of the
 * calling thread. The last with NLM_F_ACK is waited for. 0 or the errno of sending or of the first that is refused.
 */
int transact(int protocol, std::vector<Message> messages);

#endif
