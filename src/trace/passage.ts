/**
 * Where packets are counted. A packet has no identity here, so it is counted at places that it passes once a hop.
 *
 * Its places are those where IP receives it and where IP sends it; where IP saw none of a flow in a direction (a bridge, a
 * packet dropped before it was routed), those where the device layer does; else the entrance of the transport protocol.
 * What passes both ways (over loopback, forwarded, from one namespace to another) is seen at both: the larger number counts.
 */
import type {TracedFunction} from './session.js';

/** Places, and the functions and marks (with a dash) that stand for each: the first line of which this session has one. */
const PLACES: readonly (readonly string[])[] = [
	[
		'ip_local_deliver ip_forward ip6_input ip6_forward arp_rcv',
		'-NF_INET_LOCAL_IN -NF_INET_FORWARD',
		'ip_rcv ipv6_rcv',
	],
	['ip_output ip_mc_output ip6_output arp_xmit', 'ip_finish_output2 ip6_finish_output2', '-NF_INET_POST_ROUTING'],
	['__netif_receive_skb_one_core', '-netif_receive_skb'],
	['__dev_queue_xmit', '-net_dev_queue', 'dev_hard_start_xmit', '-net_dev_start_xmit'],
	['tcp_v4_rcv tcp_v6_rcv udp_rcv udpv6_rcv icmp_rcv icmpv6_rcv', '-tcp_probe'],
];

/** Places that see the same packets, on their way in and out; the first tier that saw any counts. */
export const TIERS: readonly (readonly number[])[] = [[0, 1], [2, 3], [4]];

export const PLACE_COUNT = PLACES.length;

/** By number of the function: its place plus 1, 0 for none. */
export function placesOf(functions: readonly TracedFunction[]): Uint8Array {
	const names = functions.map(({name, mark}) => (mark ? `-${name}` : name));
	const places = new Uint8Array(functions.length);
	PLACES.forEach((choices, place) => {
		const words = choices.map((choice) => choice.split(' ')).find((all) => all.some((name) => names.includes(name)));
		names.forEach((name, fn) => {
			if (words?.includes(name)) places[fn] = place + 1;
		});
	});
	return places;
}
