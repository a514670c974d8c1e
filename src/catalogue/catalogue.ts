/** All that can be traced by name: one row a trace point, in the groups of the thesis and those its author wished for. */
import {ARP} from './groups/arp.js';
import {DEVICE} from './groups/device.js';
import {ICMP} from './groups/icmp.js';
import {INET} from './groups/inet.js';
import {IP_FORWARD} from './groups/ip_forward.js';
import {IP_RCV} from './groups/ip_rcv.js';
import {IP_SEND} from './groups/ip_send.js';
import {IPV6} from './groups/ipv6.js';
import {NETFILTER} from './groups/netfilter.js';
import {QUEUE} from './groups/queue.js';
import {SYNFIN} from './groups/synfin.js';
import {TCP_PROT} from './groups/tcp_prot.js';
import {TCPIN} from './groups/tcpin.js';
import {TCPOUT} from './groups/tcpout.js';
import {UDPIO} from './groups/udpio.js';
import type {GroupRows, Row} from './row.js';

export const GROUPS: readonly GroupRows[] = [
	TCPIN,
	TCPOUT,
	TCP_PROT,
	SYNFIN,
	UDPIO,
	IP_RCV,
	IP_SEND,
	IP_FORWARD,
	NETFILTER,
	DEVICE,
	INET,
	QUEUE,
	ICMP,
	ARP,
	IPV6,
];

export const ROWS: readonly Row[] = GROUPS.flatMap(({rows}) => rows);
