import {fn, group} from '../row.js';

export const ARP = group('arp', 'neighbour', 'ARP and the neighbour table.', [
	fn('in', 'arp_rcv', {classic: true, frees: true})`
		Takes every ARP frame and throws away what is not for this host.`,
	fn('in', 'arp_process', {classic: true, frees: true})`
		Answers a request for an address of this host, and learns the link address of whoever sent the frame.`,
	fn('out', 'arp_solicit', {classic: true})`
		Asks the network for the link address of a neighbour.`,
	fn('out', 'arp_send_dst arp_xmit', {
		classic: 'arp_send',
		note: 'More arguments than trampolines take before 6.6: there arp_xmit, its end, is shown instead.',
	})`
		Makes an ARP frame and sends it.`,
	fn('out', 'arp_xmit', {frees: true})`
		Sends an ARP frame, past the netfilter hook for ARP.`,
	fn('out', 'neigh_resolve_output', {classic: true, frees: true})`
		Sends a packet to a neighbour whose link address may be unknown: the packet then waits and is asked for, else it goes
		with a fresh header.`,
	fn('out', 'neigh_connected_output', {
		classic: true,
		frees: true,
		rare: 'Ethernet keeps a finished header and takes a short cut past it.',
	})`
		Sends a packet to a neighbour known to be reachable, with a header made for it.`,
	fn('out', '__neigh_event_send', {queue: 'neighbour', layer: 'queue', classic: true, frees: true})`
		Makes a packet wait until the link address of its neighbour is known. When too much waits the oldest is dropped.`,
	fn('in', '__neigh_update neigh_update', {classic: 'neigh_update'})`
		Enters what was learned about a neighbour. Packets that waited for its address are sent now.`,
	fn('out', 'neigh_probe')`
		Asks for a neighbour once more.`,
	fn('none', 'neigh_timer_handler', {classic: true})`
		The timer of a neighbour: asks again, doubts an old entry, or gives up.`,
	fn('out', 'arp_error_report', {classic: true, frees: true})`
		Nobody answered: a packet that waited for the address is dropped as host unreachable.`,
]);
