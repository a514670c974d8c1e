import {fn, gone, group, handler, mark} from '../row.js';

export const IP_RCV = group('ip_rcv', 'ip', 'IPv4, received: from the device layer to the transport protocol.', [
	handler('in', 'ETH_P_ALL', {
		layer: 'device',
		classic: 'my_pack_rcv',
		note: 'In the network namespace that pkttop runs in; netif_receive_skb shows the same moment in all.',
	})`
		A handler of our own for every protocol, as the thesis had one: each packet received, ARP too, before its protocol
		gets it.`,
	mark('in', 'netif_receive_skb', {layer: 'device'})`
		Every frame received, just before packet taps and protocols see it.`,
	fn('in', 'ip_rcv', {classic: true, frees: true})`
		The first IPv4 function of a received packet: header checked, PRE_ROUTING passed, then routing and delivery or
		forwarding, all within this call.`,
	fn('in', 'ip_rcv_core', {frees: true})`
		Checks the header of a packet: version, length, checksum; cuts off padding. A bad packet ends here.`,
	fn('in', 'ip_rcv_finish', {
		classic: true,
		frees: true,
		rare: 'Inlined into ip_rcv: a probe sees only packets that a netfilter queue gives back. ip_route_input_noref, then ip_local_deliver or ip_forward, show the moment.',
	})`
		After PRE_ROUTING: looks for the socket ahead of time, routes the packet and sends it on to delivery or forwarding.`,
	fn('in', 'ip_rcv_finish_core ip_rcv_finish_core.constprop.0', {
		hidden: 'net skb dev hint',
		note: 'The compiler makes a copy of its own of it, which only a kprobe reaches.',
	})`
		Gives a packet its route: that of its socket where an early look-up has found one, else by the routing tables.`,
	fn('in', 'ip_route_input_noref', {classic: 'ip_route_input'})`
		Decides where a received packet goes: to this host, onward, or nowhere. Skipped when an early look-up or loopback has
		brought the route.`,
	fn('in', 'ip_route_input_slow', {classic: true})`
		Searches the routing tables for a received packet and checks that its source is plausible.`,
	fn('in', 'ip_local_deliver', {classic: true, frees: true})`
		The packet is for this host: waits for missing fragments, passes LOCAL_IN and goes up to the transport protocol.`,
	fn('in', 'ip_defrag', {layer: 'queue', classic: true, frees: true})`
		Keeps a fragment until the others are there; with the last one the whole packet goes on. Connection tracking uses it
		too.`,
	fn('in', 'ip_local_deliver_finish', {classic: true, frees: true})`
		After LOCAL_IN: takes the IP header off and passes the packet to its transport protocol.`,
	fn('in', 'ip_protocol_deliver_rcu', {classic: 'ip_run_ipprot', frees: true})`
		Calls the handler of the transport protocol, after raw sockets have had their copy. Without one the sender hears that
		the protocol is unreachable.`,
	gone(
		'in',
		'ip_input',
		'ip_route_input_noref',
		'No kernel had an IPv4 function of this name; the thesis means routing.',
	)`
		Stands in the thesis for the step that receives and routes a packet.`,
	fn('in', 'ip_list_rcv', {frees: true})`
		Receives a whole list of packets at once, as drivers with NAPI deliver them. Its packets do not pass ip_rcv.`,
	fn('in', 'ip_sublist_rcv', {frees: true})`
		Takes those packets of a list that share a device through PRE_ROUTING, then routes each.`,
	fn('in', 'ip_error', {classic: true, frees: true})`
		No route leads to where a received packet wants to go: tells the sender by ICMP, at a limited rate, and drops it.`,
	fn('in', 'fib_validate_source', {
		classic: true,
		note: 'More arguments than trampolines take before 6.6; kprobes take them.',
	})`
		Checks that the source of a packet would be reached through the device it came from.`,
	fn('in', 'ip_mr_input', {classic: true, frees: true, rare: 'Needs a multicast router on this machine.'})`
		Decides about a multicast packet: for this host, for other devices, or both.`,
]);
