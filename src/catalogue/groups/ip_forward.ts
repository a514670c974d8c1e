import {fn, gone, group} from '../row.js';

export const IP_FORWARD = group('ip_forward', 'ip', 'IPv4, forwarded from one device to another.', [
	fn('both', 'ip_forward', {classic: true, frees: true})`
		The packet is for another host: checks TTL, policy and MTU, counts the TTL down and passes FORWARD.`,
	fn('both', 'ip_forward_finish', {classic: true, frees: true})`
		After FORWARD: counts the packet, renews its options and sends it.`,
	gone(
		'both',
		'ip_send',
		'ip_output ip_finish_output',
		'ip_forward_finish goes to ip_output at once; fragmenting is decided behind POST_ROUTING.',
	)`
		Chose between sending a forwarded packet whole and in fragments.`,
	fn('both', 'ip_forward_options', {classic: true})`
		Enters this router in a packet that asks for its route or its times to be recorded.`,
	fn('both', 'ip_mr_forward', {
		classic: true,
		frees: true,
		rare: 'Needs a multicast router on this machine.',
	})`
		Sends a multicast packet out of every device that has receivers.`,
	fn('both', 'ip_rt_send_redirect', {
		classic: true,
		rare: 'Runs only where a packet leaves by the device it came from.',
	})`
		Tells the sender of a packet by ICMP that another router is the shorter way.`,
]);
