import {fn, group, mark} from '../row.js';

export const ICMP = group('icmp', 'icmp', 'ICMP, ping, raw sockets and IGMP.', [
	fn('in', 'icmp_rcv', {classic: true, frees: true})`
		Takes every ICMP message from IP, checks it and calls the handler of its type.`,
	fn('in', 'icmp_echo', {classic: true})`
		Answers a ping.`,
	fn('out', 'icmp_reply icmp_reply.constprop.0', {classic: true, hidden: 'icmp_param skb'})`
		Turns a request into its answer and finds the route back.`,
	fn('out', 'icmp_push_reply')`
		Sends an ICMP message that is ready.`,
	fn('out', '__icmp_send', {classic: 'icmp_send'})`
		Sends an error about a packet to its sender: unreachable, time exceeded, and so on. The rate is limited.`,
	fn('in', 'icmp_unreach', {classic: true})`
		An error about one of our packets has come: finds out which packet it means.`,
	fn('in', 'icmp_socket_deliver')`
		Passes an error on to the protocol and the raw sockets whose packet it is about.`,
	fn('in', 'icmp_redirect', {classic: true, rare: 'Needs a router that knows a shorter way and says so.'})`
		A router tells of a shorter way: the route is changed if it may be.`,
	fn('in', 'ping_rcv', {frees: true})`
		Gives the answer to a ping to the ping socket that asked.`,
	fn('out', 'ping_v4_sendmsg', {sleeps: true})`
		The send call of a ping socket.`,
	fn('in', 'ping_recvmsg', {sleeps: true, late: true})`
		The receive call of a ping socket.`,
	fn('in', 'raw_local_deliver', {layer: 'ip', classic: 'raw_v4_input'})`
		Gives raw sockets their copy of a packet; asked for every packet to this host.`,
	fn('in', 'raw_rcv', {layer: 'ip', classic: true, frees: true})`
		Brings a packet to a raw socket.`,
	fn('out', 'raw_sendmsg', {layer: 'ip', classic: true, sleeps: true})`
		The send call of a raw socket.`,
	fn('in', 'raw_recvmsg', {layer: 'ip', classic: true, sleeps: true, late: true})`
		The receive call of a raw socket.`,
	fn('in', 'tcp_v4_err', {layer: 'tcp', classic: true})`
		An ICMP error is about a TCP connection: tells its socket, or makes its segments smaller.`,
	fn('in', 'igmp_rcv', {
		layer: 'ip',
		classic: true,
		frees: true,
		rare: 'Needs multicast groups and a router that asks for them.',
	})`
		Takes messages about multicast membership.`,
	mark('out', 'icmp_send', {absent: 'since 6.10', classic: true})`
		The moment at which an error about a packet is sent, with type and code.`,
]);
