/** The function table of a log: it grows with the names that are met, and the catalogue says what they are. */
import {isIpLayer} from '../catalogue/functions.js';
import {knownFunction, type Layer} from '../catalogue/knowledge.js';
import {Proto} from '../trace/record.js';
import type {TracedFunction} from '../trace/session.js';
import type {LogEvent} from './classic-line.js';
import {ARP} from './classic-records.js';

/** bpf/control.h: a function number is below this. */
const MOST = 4096;
/** Of functions that have ports and no columns of TCP; those of sockets may be of either protocol. */
const PROTO_OF_LAYER: Partial<Readonly<Record<Layer, number>>> = {
	tcp: Proto.TCP,
	udp: Proto.UDP,
	ip: Proto.UDP,
	netfilter: Proto.UDP,
	neighbour: Proto.UDP,
	device: Proto.UDP,
	icmp: Proto.ICMP,
};

/** A name that has columns of the IP layer in some lines and lacks them in others is two functions. */
export class LogFunctions {
	readonly table: TracedFunction[] = [];
	/** By number: the protocol of packets whose columns do not say it; 0 where it may be any. */
	readonly protos: number[] = [];
	private readonly numbers = new Map<string, number>();

	/** Number of the function of a line; undefined when there are too many. */
	number({fn, sign, ip, tcp, src, dst}: LogEvent): number | undefined {
		const mark = sign === '-';
		// In the IP layer what has neither columns nor ports is ARP, or nothing is known of it.
		const other = tcp !== undefined || src.port + dst.port > 0 || src.address.length === 16;
		const key = `${mark ? '-' : ''}${fn} ${ip !== undefined ? 'ip' : other ? 'other' : ''}`;
		const before = this.numbers.get(key);
		if (before !== undefined) return before;
		const facts = knownFunction(fn, mark);
		const group = facts?.group ?? 'other';
		const ipLayer = ip !== undefined || (!other && isIpLayer(group));
		let number = this.table.findIndex((one) => one.name === fn && one.mark === mark && one.ipLayer === ipLayer);
		if (number < 0) {
			if (this.table.length === MOST) return undefined;
			number = this.table.push({name: fn, group, ipLayer, returnsNumber: false, mark}) - 1;
			this.protos.push(fn.startsWith('arp_') ? ARP : (PROTO_OF_LAYER[facts?.layer ?? 'other'] ?? 0));
		}
		this.numbers.set(key, number);
		return number;
	}
}
