/* SPDX-License-Identifier: GPL-2.0-only */
#include "netns.h"

#include <arpa/inet.h>
#include <cerrno>
#include <cstring>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <sched.h>

#include "netlink.h"

namespace {

/* 0 or the errno of sending an rtnetlink request or of the kernel's acknowledgement. */
int send(const Message &request)
{
	return transact(NETLINK_ROUTE, {request});
}

/* An IPv4 or IPv6 address as text and its bytes; the number of bytes, 0: it is none. */
struct Address {
	uint8_t family, bytes[sizeof(in6_addr)];
	size_t size;
	explicit Address(const std::string &text)
	{
		family = text.find(':') == std::string::npos ? AF_INET : AF_INET6;
		size = inet_pton(family, text.c_str(), bytes) != 1 ? 0 : family == AF_INET ? sizeof(in_addr) : sizeof(in6_addr);
	}
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
	Message request(RTM_NEWLINK, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL, here);
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
	int error = send(request);
	if (error == EOPNOTSUPP)
		return "cannot make a veth pair: this kernel has no veth";
	return outcome("cannot make a veth pair", error);
}

std::string add_address(const std::string &link, const std::string &address, unsigned prefix)
{
	const Address own(address);
	ifaddrmsg body = {};
	body.ifa_family = own.family;
	body.ifa_prefixlen = prefix;
	body.ifa_flags = own.family == AF_INET6 ? IFA_F_NODAD : 0;
	body.ifa_index = if_nametoindex(link.c_str());
	int error = body.ifa_index ? EINVAL : ENODEV;
	if (body.ifa_index && own.size) {
		Message request(RTM_NEWADDR, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL, body);
		request.add(IFA_LOCAL, own.bytes, own.size);
		error = send(request);
	}
	return outcome("cannot give " + link + " the address " + address, error);
}

std::string add_route(const std::string &network, unsigned prefix, const std::string &gateway)
{
	const Address to(network), over(gateway);
	rtmsg body = {};
	body.rtm_family = to.family;
	body.rtm_dst_len = prefix;
	body.rtm_table = RT_TABLE_MAIN;
	body.rtm_protocol = RTPROT_STATIC;
	body.rtm_scope = RT_SCOPE_UNIVERSE;
	body.rtm_type = RTN_UNICAST;
	int error = EINVAL;
	if (to.size && to.size == over.size) {
		Message request(RTM_NEWROUTE, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL, body);
		request.add(RTA_DST, to.bytes, to.size);
		request.add(RTA_GATEWAY, over.bytes, over.size);
		error = send(request);
	}
	return outcome("cannot make a route to " + network + " over " + gateway, error);
}

std::string bring_up(const std::string &link, unsigned mtu)
{
	ifinfomsg body = {};
	body.ifi_index = if_nametoindex(link.c_str());
	body.ifi_flags = body.ifi_change = IFF_UP;
	Message request(RTM_NEWLINK, NLM_F_ACK, body);
	if (mtu)
		request.add(IFLA_MTU, &mtu, sizeof mtu);
	return outcome("cannot bring " + link + " up", body.ifi_index ? send(request) : ENODEV);
}

} // namespace netns
