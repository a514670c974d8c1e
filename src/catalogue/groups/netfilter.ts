import {fn, group, hook} from '../row.js';

const SINCE =
	'since 6.4, which has netfilter programs; before, nf_hook_slow shows the moment where something is registered';

export const NETFILTER = group('netfilter', 'netfilter', 'Netfilter: the five hooks, and who sits at them.', [
	hook('in', 'NF_INET_PRE_ROUTING', 0, {classic: 'NF_IP_PRE_ROUTING', absent: SINCE})`
		A received packet has a sound header and is not yet routed.`,
	hook('in', 'NF_INET_LOCAL_IN', 1, {classic: 'NF_IP_LOCAL_IN', absent: SINCE})`
		A received packet was found to be for this host.`,
	hook('both', 'NF_INET_FORWARD', 2, {classic: 'NF_IP_FORWARD', absent: SINCE})`
		A received packet was found to be for another host, and is on its way through.`,
	hook('out', 'NF_INET_LOCAL_OUT', 3, {classic: 'NF_IP_LOCAL_OUT', absent: SINCE})`
		A packet was made on this host and is about to be sent.`,
	hook('out', 'NF_INET_POST_ROUTING', 4, {classic: 'NF_IP_POST_ROUTING', absent: SINCE})`
		A packet, made here or forwarded, is about to leave IP for its device.`,
	fn('both', 'nf_hook_slow', {
		classic: true,
		frees: true,
		note: 'Not called at a hook where nothing is registered. AppArmor may register one even without a firewall.',
	})`
		Runs what is registered at a hook, one after the other, until one of them drops, keeps or queues the packet.`,
	fn('both', 'nf_hook_slow_list', {
		frees: true,
		rare: 'Needs a driver that delivers lists, and something registered at PRE_ROUTING.',
	})`
		Runs a hook for each packet of a list.`,
	fn('both', 'nf_conntrack_in', {classic: 'ip_conntrack_in', module: 'nf_conntrack'})`
		Finds the tracked connection of a packet, or begins a new one.`,
	fn('both', '__nf_conntrack_confirm', {classic: '__ip_conntrack_confirm', module: 'nf_conntrack'})`
		Enters a new connection in the table once its first packet has passed all hooks.`,
	fn('both', 'nf_nat_inet_fn', {classic: 'ip_nat_fn', module: 'nf_nat'})`
		Translates addresses and ports of a packet as its connection says; the first packet of one sets it up.`,
	fn('both', 'nft_do_chain', {module: 'nf_tables'})`
		Compares a packet with the rules of an nftables chain.`,
	fn('both', 'ipt_do_table', {classic: true, module: 'ip_tables'})`
		Compares a packet with the rules of a table of the older iptables.`,
	fn('both', 'nf_queue', {classic: true, frees: true})`
		Leaves the verdict about a packet to a program in user space, where it waits.`,
	fn('out', 'nf_send_reset', {classic: 'send_reset', module: 'nf_reject_ipv4'})`
		Refuses a TCP segment for a rule with REJECT: sends a reset.`,
	fn('out', 'nf_send_unreach', {classic: 'send_unreach', module: 'nf_reject_ipv4'})`
		Refuses a packet for a rule with REJECT: sends an ICMP error.`,
]);
