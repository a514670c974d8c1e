import {fn, gone, group, mark} from '../row.js';

const HOT = 'Runs many times for every packet: costly to trace.';

export const DEVICE = group(
	'device',
	'device',
	'Frames between IP and the drivers: reception, transmission, taps, bridges, and the end of a packet.',
	[
		fn('in', '__netdev_alloc_skb __alloc_skb', {
			classic: 'dev_alloc_skb',
			rare: 'Drivers with NAPI use napi_alloc_skb; loopback and veth allocate nothing.',
		})`
		Makes the buffer that a driver will fill with a frame.`,
		fn('in', '__netif_rx netif_rx', {
			classic: 'netif_rx',
			frees: true,
			note: 'Drivers call the first since 5.18, code in tasks the second; the tracepoint netif_rx sees both.',
		})`
		Takes a received frame from a driver without NAPI, such as loopback, veth or a tunnel, and queues it for the softirq.`,
		fn('in', 'netif_rx_internal', {frees: true})`
		Chooses the CPU for a received frame and puts it on the backlog there.`,
		fn('in', 'net_rx_action', {classic: true})`
		The softirq of reception: lets each device that has frames deliver some, within a budget of packets and time. Belongs to
		no single packet.`,
		fn('in', '__napi_poll', {absent: 'since 5.12; before that a part of net_rx_action'})`
		Lets one device deliver a number of frames. Belongs to no single packet.`,
		fn('in', '__netif_receive_skb', {frees: true})`
		Receives one frame, with access to the emergency memory if it serves to free memory.`,
		fn('in', '__netif_receive_skb_core __netif_receive_skb_core.constprop.0', {
			classic: 'netif_receive_skb',
			frees: true,
			hidden: '**skb',
			note: 'The compiler makes a copy of its own of it, which only a kprobe reaches.',
		})`
		The heart of reception: taps, tc ingress, VLAN and bridge see a frame here, and say whether it goes on.`,
		fn('in', '__netif_receive_skb_one_core', {frees: true})`
		Shows a frame to taps, tc ingress, VLAN and bridge, then calls the protocol it is for: ip_rcv runs in here.`,
		fn('in', 'netif_receive_skb', {classic: true, frees: true})`
		Receives a frame at once, in the caller: for drivers without GRO, and for frames that come out of a bridge.`,
		fn('in', 'netif_receive_skb_list_internal', {frees: true})`
		Receives a batch of frames that GRO has let pass.`,
		fn('in', '__netif_receive_skb_list_core', {frees: true})`
		Does for a batch what is done for one frame, protocol by protocol.`,
		fn('in', 'gro_receive_skb napi_gro_receive', {frees: true})`
		Takes a frame from a driver with NAPI. Frames of one connection may be joined before they go up.`,
		fn('in', 'dev_gro_receive', {frees: true})`
		Joins a frame with those that came before it, or keeps it for those that follow.`,
		fn('in', 'eth_type_trans', {classic: true})`
		Reads from the Ethernet header which protocol a frame carries and whom it is for, and steps over the header.`,
		fn('out', '__dev_queue_xmit', {classic: 'dev_queue_xmit', frees: true})`
		Takes a frame to be sent: chooses the queue of the device, then the queueing discipline or the driver. Over loopback
		reception may run on top of its end.`,
		fn('out', 'dev_hard_start_xmit', {classic: 'hard_start_xmit', frees: true})`
		Gives frames to the driver, after packet taps have had their copy.`,
		fn('out', 'validate_xmit_skb', {frees: true, note: 'Some kernels have only a copy that cannot be hooked.'})`
		Does for a frame what the device cannot: segmentation, checksum, VLAN tag.`,
		fn('out', 'loopback_xmit', {classic: true, frees: true})`
		The driver of loopback: the frame sent becomes a frame received.`,
		fn('out', 'veth_xmit', {frees: true, module: 'veth'})`
		The driver of a veth pair: passes the frame to the other end, often in another network namespace.`,
		fn('in', 'veth_poll', {note: 'Only with GRO or XDP on the pair.', module: 'veth'})`
		Delivers frames at the receiving end of a veth pair.`,
		fn('in', '__dev_forward_skb', {frees: true})`
		Makes a frame new for the device at the other end: without owner, mark and traces of its old namespace.`,
		fn('out', 'dev_queue_xmit_nit', {classic: true, note: 'Only while something like tcpdump is listening.'})`
		Gives a copy of each frame sent to those who listen.`,
		fn('in', 'packet_rcv', {classic: true, frees: true, note: 'Only while a packet socket is open.'})`
		A packet socket receives its copy of a frame.`,
		fn('in', 'tpacket_rcv', {frees: true, note: 'Only while something like tcpdump is listening.'})`
		A packet socket with a shared ring, as tcpdump has it, receives its copy of a frame.`,
		fn('both', 'skb_do_redirect', {frees: true, rare: 'Needs tc rules or BPF programs that redirect.'})`
		Moves a frame to another device because tc or BPF said so.`,
		fn('both', 'tcf_classify', {classic: 'tc_classify'})`
		Asks the tc filters of a device what shall become of a frame.`,
		fn('in', 'do_xdp_generic', {frees: true, rare: 'Needs an XDP program in generic mode.'})`
		Runs an XDP program on a frame that has an skb already.`,
		fn('in', 'br_handle_frame', {classic: true, frees: true, module: 'bridge'})`
		A frame has come in at a port of a bridge, which decides what to do with it.`,
		fn('both', '__br_forward', {classic: true, frees: true, module: 'bridge'})`
		A bridge sends a frame on through one of its ports.`,
		fn('both', 'sk_skb_reason_drop kfree_skb_reason kfree_skb', {
			classic: 'kfree_skb',
			frees: true,
			note: 'The first since 6.11, the second since 5.17; before that there were no reasons.',
		})`
		Ends a packet and says why: the one place to look for losses. Some calls end a packet in the ordinary way.`,
		fn('both', 'consume_skb', {frees: true})`
		Ends a packet that has done its duty.`,
		fn('both', 'napi_consume_skb', {frees: true})`
		Ends a packet that a device has sent, several together where possible.`,
		fn('both', '__kfree_skb', {
			classic: true,
			frees: true,
			note: 'Inlined into most of its callers: sees the others only.',
		})`
		Gives back the memory of a packet.`,
		fn('both', 'skb_clone', {classic: true})`
		Makes a second skb for the same data: the segment TCP sends while it keeps the first, or the copy for a tap.`,
		fn('both', 'skb_push', {classic: true, note: `${HOT} Often inlined.`})`
		Makes room for one more header in front of a packet.`,
		fn('both', 'skb_put', {classic: true, note: `${HOT} Often inlined.`})`
		Makes a packet longer at its end.`,
		fn('both', 'skb_pull', {classic: true, note: `${HOT} Often inlined.`})`
		Takes a header off the front of a packet.`,
		fn('none', 'dev_add_pack', {classic: true, rare: 'Handles no packets: runs when a packet socket is bound.'})`
		Registers someone who wants to see frames of a protocol.`,
		fn('none', 'inet_add_protocol', {classic: true, rare: 'Handles no packets: runs at boot and when modules load.'})`
		Registers a transport protocol with IP.`,
		gone(
			'none',
			'inet_del_protocol',
			'',
			'It still exists, handles no packets and runs only when a module is removed.',
		)`
		Took a transport protocol away from IP.`,
		gone('none', 'inet_proto_init', '', 'inet_init now, which runs at boot and is thrown away after it.')`
		Set up the IPv4 protocols when the system started.`,
		mark('out', 'net_dev_queue')`
		The moment at which a frame to be sent enters the device layer.`,
		mark('out', 'net_dev_start_xmit')`
		The moment at which a frame is given to the driver.`,
		mark('in', 'netif_rx', {classic: true})`
		The moment at which a driver without NAPI delivers a frame.`,
		mark('both', 'kfree_skb', {classic: true, frees: true})`
		A packet is dropped, with the reason and the place in the kernel's code.`,
	],
);
