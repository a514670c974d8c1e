/* SPDX-License-Identifier: GPL-2.0-only */
#include "netns.h"

#include <arpa/inet.h>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <sched.h>
#include <sys/socket.h>
#include <vector>

#include "fd.h"

namespace {

/* One rtnetlink request, man 7 rtnetlink: a header, a fixed body, attributes that may nest. */
class Request {
public:
	template <typename Body> Request(uint16_t type, uint16_t flags, const Body &body) : type_(type), flags_(flags)
	{
		bytes_.resize(NLMSG_HDRLEN);
		append(&body, sizeof body);
	}
	void append(const void *data, size_t size)
	{
		const uint8_t *from = static_cast<const uint8_t *>(data);
		bytes_.insert(bytes_.end(), from, from + size);
		bytes_.resize(NLMSG_ALIGN(bytes_.size()));
	}
	void add(uint16_t type, const void *data, size_t size)
	{
		rtattr header = {static_cast<uint16_t>(RTA_LENGTH(size)), type};
		append(&header, sizeof header);
		append(data, size);
	}
	void add(uint16_t type, const std::string &text) { add(type, text.c_str(), text.size() + 1); }
	/* Attributes added until end() are inside this one. */
	size_t begin(uint16_t type)
	{
		size_t at = bytes_.size();
		add(type, nullptr, 0);
		return at;
	}
	void end(size_t at)
	{
		uint16_t size = bytes_.size() - at;
		memcpy(&bytes_[at + offsetof(rtattr, rta_len)], &size, sizeof size);
	}

	/* 0 or the errno of sending it or of the kernel's acknowledgement. */
	int send()
	{
		nlmsghdr header = {};
		header.nlmsg_len = bytes_.size();
		header.nlmsg_type = type_;
		header.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | flags_;
		memcpy(bytes_.data(), &header, sizeof header);
		Fd fd(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE));
		if (!fd.ok() || ::send(fd.get(), bytes_.data(), bytes_.size(), 0) < 0)
			return errno;
		/* The acknowledgement repeats the request behind its own header. */
		std::vector<uint8_t> answer(NLMSG_SPACE(sizeof(nlmsgerr)) + bytes_.size());
		ssize_t n;
		do
			n = recv(fd.get(), answer.data(), answer.size(), 0);
		while (n < 0 && errno == EINTR);
		if (n < 0)
			return errno;
		nlmsgerr result;
		if (static_cast<size_t>(n) < NLMSG_LENGTH(sizeof result))
			return EPROTO;
		memcpy(&header, answer.data(), sizeof header);
		memcpy(&result, answer.data() + NLMSG_HDRLEN, sizeof result);
		return header.nlmsg_type == NLMSG_ERROR ? -result.error : EPROTO;
	}

private:
	uint16_t type_, flags_;
	std::vector<uint8_t> bytes_;
};

std::string outcome(const std::string &what, int error)
{
	return error ? what + ": " + strerror(error) : "";
}

} // namespace

namespace netns {

std::string unshare_network()
{
	return outcome("cannot make a network namespace", unshare(CLONE_NEWNET) ? errno : 0);
}

std::string add_veth(const std::string &name, const std::string &peer, pid_t pid)
{
	ifinfomsg here = {}, there = {};
	Request request(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, here);
	request.add(IFLA_IFNAME, name);
	size_t info = request.begin(IFLA_LINKINFO);
	request.add(IFLA_INFO_KIND, "veth");
	size_t data = request.begin(IFLA_INFO_DATA);
	size_t other = request.begin(VETH_INFO_PEER);
	request.append(&there, sizeof there);
	request.add(IFLA_IFNAME, peer);
	uint32_t process = pid;
	request.add(IFLA_NET_NS_PID, &process, sizeof process);
	request.end(other);
	request.end(data);
	request.end(info);
	int error = request.send();
	if (error == EOPNOTSUPP)
		return "cannot make a veth pair: this kernel has no veth";
	return outcome("cannot make a veth pair", error);
}

std::string add_address(const std::string &link, const std::string &address, unsigned prefix)
{
	uint8_t bytes[sizeof(in6_addr)];
	ifaddrmsg body = {};
	body.ifa_family = address.find(':') == std::string::npos ? AF_INET : AF_INET6;
	body.ifa_prefixlen = prefix;
	body.ifa_flags = body.ifa_family == AF_INET6 ? IFA_F_NODAD : 0;
	body.ifa_index = if_nametoindex(link.c_str());
	int error = body.ifa_index ? EINVAL : ENODEV;
	if (body.ifa_index && inet_pton(body.ifa_family, address.c_str(), bytes) == 1) {
		Request request(RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, body);
		request.add(IFA_LOCAL, bytes, body.ifa_family == AF_INET ? sizeof(in_addr) : sizeof(in6_addr));
		error = request.send();
	}
	return outcome("cannot give " + link + " the address " + address, error);
}

std::string bring_up(const std::string &link)
{
	ifinfomsg body = {};
	body.ifi_index = if_nametoindex(link.c_str());
	body.ifi_flags = body.ifi_change = IFF_UP;
	return outcome("cannot bring " + link + " up", body.ifi_index ? Request(RTM_NEWLINK, 0, body).send() : ENODEV);
}

} // namespace netns
