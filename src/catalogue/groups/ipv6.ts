import {fn, group} from '../row.js';

const MANY = 'More arguments than trampolines take before 6.6; kprobes take them.';

export const IPV6 = group('ipv6', 'ip', 'IPv6, with its TCP, UDP, ICMP and neighbour discovery.', [
	fn('in', 'ipv6_rcv', {classic: true, frees: true})`
		The first IPv6 function of a received packet: all of its reception runs in here, as with ip_rcv.`,
	fn('in', 'ip6_rcv_core', {frees: true})`
		Checks the header of a packet; a bad one ends here.`,
	fn('in', 'ip6_route_input', {classic: true})`
		Decides where a received packet goes: to this host, onward, or nowhere.`,
	fn('in', 'ip6_input', {classic: true, frees: true})`
		The packet is for this host: passes LOCAL_IN and goes up.`,
	fn('in', 'ip6_protocol_deliver_rcu', {classic: 'ip6_input_finish', frees: true})`
		Steps over extension headers and calls the handler of the transport protocol.`,
	fn('in', 'ipv6_frag_rcv', {layer: 'queue', classic: true, frees: true})`
		Keeps a fragment until the others are there; with the last one the whole packet goes on.`,
	fn('both', 'ip6_forward', {classic: true, frees: true})`
		The packet is for another host: checks hop limit, policy and MTU, counts the limit down and passes FORWARD.`,
	fn('out', 'inet6_csk_xmit', {classic: 'tcp_v6_xmit', frees: true, from: 'transport'})`
		Sends a segment of a connected socket: route, then IPv6 output.`,
	fn('out', 'ip6_xmit', {classic: true, frees: true, from: 'transport', note: MANY})`
		Writes the IPv6 header of a connected socket's packet, passes LOCAL_OUT and sends it.`,
	fn('out', 'ip6_local_out', {frees: true})`
		Finishes the header of a packet made here, passes LOCAL_OUT and sends it: UDP and ICMPv6 come by.`,
	fn('out', 'ip6_output', {classic: true, frees: true})`
		The output function of a route, where local and forwarded packets meet: passes POST_ROUTING.`,
	fn('out', 'ip6_finish_output', {classic: true, frees: true})`
		After POST_ROUTING: lets BPF programs of the control group judge the packet, then sends it, in fragments if need be.`,
	fn('out', 'ip6_finish_output2', {classic: true, frees: true})`
		The last step of IPv6: finds the neighbour and gives the frame with its link header to the device layer.`,
	fn('out', 'ip6_fragment', {classic: true, frees: true})`
		Cuts a packet that is too large for its path into fragments and sends each.`,
	fn('out', 'ip6_route_output_flags', {classic: 'ip6_route_output'})`
		Finds the route for a packet about to be sent.`,
	fn('out', 'ip6_dst_lookup_flow')`
		Finds route and source address for a packet about to be sent, and applies IPsec policy.`,
	fn('out', 'ip6_send_skb', {frees: true})`
		Sends a finished packet of UDP or ICMPv6 and counts what fails.`,
	fn('in', 'tcp_v6_rcv', {layer: 'tcp', classic: true, frees: true})`
		Takes every IPv6 segment from IP and looks for its socket.`,
	fn('in', 'tcp_v6_do_rcv', {layer: 'tcp', classic: true, frees: true})`
		Processes one segment on an IPv6 socket that is ours.`,
	fn('out', 'tcp_v6_connect', {layer: 'tcp', classic: true, sleeps: true, late: true})`
		Opens a connection over IPv6 from this side and has the SYN sent.`,
	fn('in', 'tcp_v6_conn_request', {layer: 'tcp', classic: true})`
		A SYN has reached a listening IPv6 socket: has it answered.`,
	fn('out', 'tcp_v6_send_synack', {layer: 'tcp', classic: true, note: MANY})`
		Finds a route for the SYN|ACK and sends it.`,
	fn('in', 'tcp_v6_syn_recv_sock', {layer: 'tcp', classic: true})`
		The handshake is complete: makes the socket of the new connection.`,
	fn('out', 'tcp_v6_send_reset', {layer: 'tcp', classic: true})`
		Answers a segment that nobody wants with a reset.`,
	fn('none', 'tcp_v6_init_sock', {layer: 'tcp', classic: true})`
		Gives a new IPv6 TCP socket its first values.`,
	fn('in', 'tcp_v6_early_demux', {
		layer: 'tcp',
		absent: 'up to 7.1; later kernels have it inlined into ip6_rcv_finish_core',
	})`
		Looks for the connection of a segment before it is routed, so that its socket lends its route.`,
	fn('in', 'inet6_lookup_listener', {layer: 'tcp', classic: 'tcp_v6_lookup', note: MANY})`
		Searches the listening sockets once no open connection fits.`,
	fn('in', '__inet6_lookup_established', {layer: 'tcp', classic: '__tcp_v6_lookup', note: MANY})`
		Searches the open connections for the one a segment belongs to.`,
	fn('in', 'udpv6_rcv', {layer: 'udp', classic: true, frees: true})`
		Takes every IPv6 datagram from IP.`,
	fn('in', 'udpv6_queue_rcv_skb', {layer: 'udp', classic: true, frees: true})`
		Brings a datagram to its socket.`,
	fn('out', 'udpv6_sendmsg', {layer: 'udp', classic: true, sleeps: true})`
		The send call of UDP over IPv6: makes the packet and sends it.`,
	fn('out', 'udp_v6_send_skb', {layer: 'udp', frees: true})`
		Writes the UDP header and its checksum and gives the datagram to IPv6.`,
	fn('in', 'udpv6_recvmsg', {layer: 'udp', classic: true, sleeps: true, late: true})`
		The receive call of UDP over IPv6, which may wait for a datagram.`,
	fn('none', 'udp_v6_get_port', {layer: 'udp', classic: true, sleeps: true})`
		Gives an IPv6 UDP socket its local port.`,
	fn('out', 'inet6_sendmsg', {layer: 'socket', sleeps: true})`
		Sends on an IPv6 socket: gives it a port if it has none, then calls its protocol.`,
	fn('in', 'inet6_recvmsg', {layer: 'socket', sleeps: true, late: true})`
		Receives on an IPv6 socket: calls its protocol, which may wait for data.`,
	fn('none', 'inet6_release', {layer: 'socket', classic: true, sleeps: true})`
		Closes an IPv6 socket: leaves its multicast groups and calls the close of its protocol.`,
	fn('in', 'icmpv6_rcv', {layer: 'icmp', classic: true, frees: true})`
		Takes every ICMPv6 message from IP, neighbour discovery included, and calls the handler of its type.`,
	fn('in', 'icmpv6_echo_reply', {layer: 'icmp', classic: true})`
		Answers a ping.`,
	fn('out', 'icmp6_send', {layer: 'icmp', classic: 'icmpv6_send'})`
		Sends an error about a packet to its sender. The rate is limited.`,
	fn('out', 'ping_v6_sendmsg', {layer: 'icmp', sleeps: true})`
		The send call of an IPv6 ping socket.`,
	fn('out', 'rawv6_sendmsg', {classic: true, sleeps: true})`
		The send call of an IPv6 raw socket.`,
	fn('in', 'rawv6_recvmsg', {classic: true, sleeps: true, late: true})`
		The receive call of an IPv6 raw socket.`,
	fn('in', 'ndisc_rcv', {layer: 'neighbour', classic: true})`
		Takes messages of neighbour discovery, which does for IPv6 what ARP does for IPv4.`,
	fn('in', 'ndisc_recv_ns', {layer: 'neighbour', classic: true})`
		Someone asks for a link address: answers if it is ours.`,
	fn('in', 'ndisc_recv_na', {layer: 'neighbour', classic: true})`
		Someone tells a link address: enters it, and packets that waited for it go.`,
	fn('out', 'ndisc_send_ns', {layer: 'neighbour', classic: true})`
		Makes the question for a link address and sends it.`,
	fn('out', 'ndisc_send_skb', {layer: 'neighbour', frees: true})`
		Sends a message of neighbour discovery.`,
	fn('out', 'ndisc_solicit', {layer: 'neighbour', classic: true})`
		Asks the network for the link address of a neighbour.`,
]);
