/**
 * The transport protocol of the lines of a log. TCP has columns of its own at every layer and functions of the IP layer have
 * its name; of other lines the function may tell, or else what was seen with the same ports.
 */
import {Proto} from '../trace/record.js';
import type {LogEvent} from './classic-line.js';
import type {Moment} from './classic-records.js';

/** Conversations that are remembered. */
const MOST = 16_384;
/** Names of the last column; `unknown protocol` has no number. */
const PROTOS: Readonly<Record<string, number>> = {TCP: Proto.TCP, UDP: Proto.UDP, ICMP: Proto.ICMP};

export class Protocols {
	/** By both ports. */
	private readonly seen = new Map<number, number>();

	/**
	 * Protocol of an event, 0 where it is not known.
	 * @param usual of its function; @param calls around it, `depth` of them: those that did not know it, either, learn it.
	 */
	of(event: LogEvent, usual: number, calls: readonly (Moment | undefined)[], depth: number): number {
		const own = protocolOf(event);
		if (event.ip !== undefined) return own;
		const ports = portsOf(event);
		const fits = (usual === Proto.TCP || usual === Proto.UDP) === ports > 0;
		let proto = own || (fits ? usual : 0) || (this.seen.get(ports) ?? 0);
		if (proto === Proto.ICMP && event.src.address.length === 16) proto = Proto.ICMP6;
		for (let level = depth - 1; level >= 0; level--) {
			const call = calls[level];
			if (call === undefined || call.event.ip !== undefined || !isSame(call.event, event)) continue;
			if (call.proto === 0) call.proto = proto;
			else if (proto === 0) proto = call.proto;
		}
		// One port alone may be of several sockets.
		if (proto !== 0 && event.src.port > 0 && event.dst.port > 0) {
			if (this.seen.size >= MOST) this.seen.clear();
			this.seen.set(ports, proto);
		}
		return proto;
	}
}

function protocolOf({tcp, ip, src}: LogEvent): number {
	if (tcp !== undefined) return Proto.TCP;
	if (ip?.protocol === 'ICMP' && src.address.length === 16) return Proto.ICMP6;
	return PROTOS[ip?.protocol ?? ''] ?? 0;
}

/** The same in both directions. */
function portsOf({src, dst}: LogEvent): number {
	return Math.max(src.port, dst.port) * 0x10000 + Math.min(src.port, dst.port);
}

/** Whether two lines are of one conversation. */
function isSame(a: LogEvent, b: LogEvent): boolean {
	const ports = portsOf(a);
	if (ports !== portsOf(b)) return false;
	if (ports > 0) return true;
	return (a.src === b.src && a.dst === b.dst) || (a.src === b.dst && a.dst === b.src);
}
