import {fn, group} from '../row.js';

const MANY = 'More arguments than trampolines take before 6.6; kprobes take them.';

export const IP_SEND = group('ip_send', 'ip', 'IPv4, sent: from the transport protocol to the device layer.', [
	fn('out', 'ip_queue_xmit', {classic: true, frees: true, from: 'transport'})`
		Sends a packet of a connected socket, that is of TCP: takes the route the socket remembers or a new one, writes the IP header, sends.`,
	fn('out', '__ip_queue_xmit', {frees: true, from: 'transport'})`
		Does the work of ip_queue_xmit, with the type of service given by the caller.`,
	fn('out', '__ip_local_out ip_local_out', {classic: 'ip_queue_xmit2', frees: true})`
		Finishes length and checksum of the IP header and passes LOCAL_OUT. Every packet of this host comes by: TCP, UDP, ICMP
		and SYN|ACK.`,
	fn('out', 'ip_local_out', {
		frees: true,
		note: 'Inlined for UDP, ICMP and SYN|ACK: seen for TCP data and tunnels only. __ip_local_out sees all.',
	})`
		Passes LOCAL_OUT and goes on to the output function of the route.`,
	fn('out', 'ip_output', {classic: true, frees: true})`
		The output function of a route to one receiver, where local and forwarded packets meet: sets the device and passes
		POST_ROUTING.`,
	fn('out', 'ip_finish_output', {classic: true, frees: true})`
		After POST_ROUTING: lets BPF programs of the control group judge the packet, then sends it.`,
	fn('out', '__ip_finish_output', {frees: true})`
		Chooses between sending the packet as it is, as one large packet to be segmented later, and in fragments.`,
	fn('out', 'ip_finish_output2', {classic: true, frees: true})`
		The last step of IP: finds the neighbour, puts its link header in front and gives the frame to the device layer.`,
	fn('out', 'ip_build_and_send_pkt', {classic: true, frees: true, from: 'transport'})`
		Gives a SYN|ACK its IP header and passes it on.`,
	fn('out', 'ip_make_skb ip_append_data', {classic: 'ip_build_xmit', sleeps: true, note: MANY})`
		Makes an IP packet of the data that an application sends by UDP, in fragments if it is large.`,
	fn('out', 'ip_send_skb', {
		frees: true,
		note: 'Inlined into ip_push_pending_frames: ICMP and corked datagrams go past it.',
	})`
		Sends a finished packet of UDP and counts what fails.`,
	fn('out', 'ip_push_pending_frames')`
		Sends what was collected piece by piece: corked datagrams, raw packets and ICMP messages.`,
	fn('out', 'ip_route_output_flow ip_route_output_key_hash', {classic: 'ip_route_output'})`
		Finds the route for a packet about to be sent, and the source address where none is set.`,
	fn('out', 'ip_options_build', {classic: true})`
		Writes IP options into the header of a packet.`,
	fn('out', 'ip_fragment ip_fragment.constprop.0', {
		frees: true,
		hidden: 'net sk skb mtu',
		note: 'The compiler makes a copy of its own of it, which only a kprobe reaches.',
	})`
		A packet is too large for its device: has it cut up, or tells the sender where that is forbidden.`,
	fn('out', 'ip_do_fragment', {classic: 'ip_fragment', frees: true})`
		Cuts a packet that is too large for its device into fragments and sends each.`,
	fn('out', 'ip_send_unicast_reply', {classic: 'ip_send_reply', note: MANY})`
		Sends a reset or an acknowledgment of TCP where there is no full socket.`,
	fn('out', 'ip_mc_output', {classic: true, frees: true})`
		The output function of a multicast route: sends the packet, and a copy to receivers on this host.`,
]);
