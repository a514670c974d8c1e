/* SPDX-License-Identifier: GPL-2.0-only */
#include "netlink.h"

#include <arpa/inet.h>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <linux/rtnetlink.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "fd.h"

void Message::append(const void *data, size_t size)
{
	const uint8_t *from = static_cast<const uint8_t *>(data);
	bytes_.insert(bytes_.end(), from, from + size);
	bytes_.resize(NLMSG_ALIGN(bytes_.size()));
}

void Message::add(uint16_t type, const void *data, size_t size)
{
	rtattr header = {static_cast<uint16_t>(RTA_LENGTH(size)), type};
	append(&header, sizeof header);
	append(data, size);
}

void Message::add_be32(uint16_t type, uint32_t value)
{
	uint32_t bytes = htonl(value);
	add(type, &bytes, sizeof bytes);
}

size_t Message::begin(uint16_t type)
{
	size_t at = bytes_.size();
	add(type, nullptr, 0);
	return at;
}

void Message::end(size_t at)
{
	uint16_t size = bytes_.size() - at;
	memcpy(&bytes_[at + offsetof(rtattr, rta_len)], &size, sizeof size);
}

const std::vector<uint8_t> &Message::finish(uint32_t number)
{
	nlmsghdr header = {};
	header.nlmsg_len = bytes_.size();
	header.nlmsg_type = type_;
	header.nlmsg_flags = NLM_F_REQUEST | flags_;
	header.nlmsg_seq = number;
	memcpy(bytes_.data(), &header, sizeof header);
	return bytes_;
}

int transact(int protocol, std::vector<Message> messages)
{
	std::vector<uint8_t> all;
	uint32_t number = 0, awaited = 0;
	for (Message &message : messages) {
		const std::vector<uint8_t> &bytes = message.finish(++number);
		if (reinterpret_cast<const nlmsghdr *>(bytes.data())->nlmsg_flags & NLM_F_ACK)
			awaited = number;
		all.insert(all.end(), bytes.begin(), bytes.end());
	}
	Fd fd(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol));
	const timeval patience = {10, 0}; /* the kernel may have a module to load, but it answers */
	if (!fd.ok() || setsockopt(fd.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) ||
	    send(fd.get(), all.data(), all.size(), 0) < 0)
		return errno;
	/* An acknowledgement repeats its request behind its own header. */
	std::vector<uint8_t> answer(NLMSG_SPACE(sizeof(nlmsgerr)) + all.size());
	for (;;) {
		ssize_t n = recv(fd.get(), answer.data(), answer.size(), 0);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno;
		nlmsghdr header;
		nlmsgerr result;
		if (static_cast<size_t>(n) < NLMSG_LENGTH(sizeof result))
			return EPROTO;
		memcpy(&header, answer.data(), sizeof header);
		memcpy(&result, answer.data() + NLMSG_HDRLEN, sizeof result);
		if (header.nlmsg_type != NLMSG_ERROR)
			return EPROTO;
		if (result.error || header.nlmsg_seq == awaited)
			return -result.error;
	}
}
