import {fn, gone, group, mark} from '../row.js';

export const UDPIO = group('udpio', 'udp', 'UDP datagrams in both directions, and the life of their sockets.', [
	fn('none', 'sk_common_release udp_destroy_sock', {
		classic: 'udp_close',
		sleeps: true,
		note: 'udp_lib_close itself is inline in a header.',
	})`
		Ends a UDP socket at its close: out of the hash table, queued datagrams thrown away. Raw and ping sockets end here too.`,
	fn('none', 'udp_connect ip4_datagram_connect __ip4_datagram_connect', {
		classic: true,
		sleeps: true,
		late: true,
	})`
		Fixes the other side of a UDP socket and finds a route to it. No packet is sent.`,
	fn('out', 'udp_sendmsg', {classic: true, sleeps: true})`
		The send call of UDP: takes address and route, makes the packet and sends it, all in this one call.`,
	fn('out', 'udp_send_skb', {frees: true})`
		Writes the UDP header and its checksum and gives the datagram to IP.`,
	fn('in', 'udp_recvmsg', {classic: true, sleeps: true, late: true})`
		The receive call of UDP: takes a datagram off the queue, waiting for one if need be, checks it and copies it to the
		application.`,
	fn('in', '__skb_recv_udp', {layer: 'queue', sleeps: true})`
		Takes the next datagram for a reader of a UDP socket, and waits where that is allowed.`,
	fn('in', 'udp_queue_rcv_skb udp_queue_rcv_one_skb', {classic: true, frees: true})`
		Brings a datagram to its socket; one that was joined of several is taken apart first.`,
	fn('in', 'udp_queue_rcv_one_skb', {frees: true})`
		Lets a tunnel have the datagram if the socket is one, runs the filter, checks the checksum and queues it.`,
	fn('in', '__udp_enqueue_schedule_skb', {queue: 'receive', layer: 'queue', frees: true})`
		Charges a datagram to the receive buffer, appends it to the queue and wakes the reader. A full buffer drops it.`,
	gone('none', 'udp_v4_hash', 'udp_lib_get_port', 'Never called any more: the search for a port enters the socket.')`
		Entered a UDP socket in the hash table.`,
	fn('none', 'udp_lib_unhash', {classic: 'udp_v4_unhash'})`
		Takes a UDP socket out of the hash tables: no datagram finds it any more.`,
	fn('none', 'udp_v4_get_port', {classic: true, sleeps: true})`
		Gives a UDP socket its local port, or checks the one that was asked for.`,
	fn('none', 'udp_lib_get_port', {sleeps: true})`
		Searches a free port and enters the socket under it, for IPv4 and IPv6.`,
	fn('in', 'udp_rcv', {classic: true, frees: true})`
		Takes every IPv4 datagram from IP.`,
	fn('in', '__udp4_lib_rcv', {
		frees: true,
		absent: 'up to 7.1; later kernels have no UDP-Lite, and this is udp_rcv itself',
	})`
		Checks the checksum of a datagram, looks for its socket and delivers it. Without a socket the sender hears that the port
		is unreachable.`,
	fn('in', 'udp_unicast_rcv_skb', {frees: true})`
		Delivers a datagram that is for one socket alone.`,
	fn('in', '__udp4_lib_lookup udp_v4_early_demux', {
		classic: 'udp_v4_lookup',
		note: 'More arguments than trampolines take before 6.6: there the look-up ahead of routing is shown instead.',
	})`
		Searches the socket for a datagram by addresses and ports.`,
	fn('in', 'udp_v4_early_demux')`
		Looks for the socket of a datagram before it is routed, so that a connected socket lends its route.`,
	fn('out', 'ip_generic_getfrag', {classic: 'udp_getfrag', sleeps: true})`
		Copies payload of the application into a packet, summing it up on the way where the device will not.`,
	gone('out', 'udp_getfrag_nosum', 'ip_generic_getfrag', 'One function now copies with and without a sum.', {
		sleeps: true,
	})`
		Copied payload of the application into a packet without summing it up.`,
	gone('none', 'inet_sock_release', 'sk_common_release', 'Its work is done by sk_common_release.', {
		layer: 'socket',
		sleeps: true,
	})`
		Ended the part of a socket that belongs to its protocol.`,
	gone(
		'in',
		'skb_rcv_datagram',
		'skb_recv_datagram __skb_recv_udp',
		'A spelling of the thesis; the kernel always had recv.',
		{
			layer: 'queue',
			sleeps: true,
		},
	)`
		Took the next packet off the receive queue of a socket.`,
	fn('in', 'skb_recv_datagram __skb_recv_udp', {
		layer: 'queue',
		classic: true,
		sleeps: true,
		note: 'UDP has __skb_recv_udp instead; this one serves raw, ping and packet sockets.',
	})`
		Takes the next packet off the receive queue of a socket, and waits where that is allowed.`,
	gone('in', 'skb_copy_datagram_iovec', 'skb_copy_datagram_iter', 'Renamed; the tracepoint has kept the old name.', {
		layer: 'socket',
		sleeps: true,
	})`
		Copied the payload of a packet to the application.`,
	fn('in', 'skb_consume_udp skb_free_datagram', {
		classic: 'skb_free_datagram',
		frees: true,
		note: 'skb_free_datagram is left to raw and packet sockets.',
	})`
		Frees a datagram that the application has received.`,
	gone('out', 'csum_partial_copy_fromiovecend', 'ip_generic_getfrag', 'Inlined into the copying of payload.', {
		sleeps: true,
	})`
		Copied payload from the buffers of the application and summed it up.`,
	fn('in', '__udp4_lib_err udp_err', {classic: 'udp_err'})`
		An ICMP error came back for a datagram sent from here: tells the socket.`,
	fn('none', 'udp_disconnect', {classic: true, sleeps: true})`
		Frees a UDP socket from its fixed other side.`,
	mark('in', 'skb_copy_datagram_iovec', {layer: 'socket', classic: true})`
		The moment at which the payload of a packet is copied to the application.`,
	mark('in', 'udp_fail_queue_rcv_skb')`
		A datagram could not be queued on its socket, mostly because the receive buffer is full.`,
]);
