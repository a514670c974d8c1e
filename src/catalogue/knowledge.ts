/** What pkttop knows of functions. */
import type {Group} from './functions.js';

export type Layer = 'socket' | 'tcp' | 'udp' | 'icmp' | 'ip' | 'netfilter' | 'neighbour' | 'queue' | 'device' | 'other';

export interface FunctionFacts {
	readonly name: string;
	readonly group: Group;
	/** Its name in Linux 2.4. */
	readonly classic: string | undefined;
	readonly layer: Layer;
	readonly direction: 'in' | 'out' | 'both' | 'none';
	/** A sentence or two. */
	readonly does: string;
	readonly sleeps: boolean;
	readonly frees: boolean;
}

/** By its modern name or that of 2.4; marks too. */
export function knownFunction(_name: string): FunctionFacts | undefined {
	return undefined;
}

const LAYERS: Readonly<Record<string, Layer>> = {
	inet: 'socket',
	tcpin: 'tcp',
	tcpout: 'tcp',
	tcp_prot: 'tcp',
	synfin: 'tcp',
	udpio: 'udp',
	icmp: 'icmp',
	ip_rcv: 'ip',
	ip_send: 'ip',
	ip_forward: 'ip',
	netfilter: 'netfilter',
	arp: 'neighbour',
	queue: 'queue',
	device: 'device',
};

export function layerOf(_name: string, group: string): Layer {
	return LAYERS[group] ?? 'other';
}
