/** Which record of a block tells most of its packet, and how long that packet is. */
import {knownFunction, layerOf} from '../catalogue/knowledge.js';
import {isPacket, transportHash} from '../trace/frame-facts.js';
import {Family, recordSize} from '../trace/record.js';
import type {Session} from '../trace/session.js';
import type {Entry} from '../trace/store.js';
import type {RecordView} from '../trace/view.js';

export interface EntryPacket {
	/** Offset of the record. */
	readonly at: number;
	/** Bytes from the IP header on; as recorded where the function does not see all of the packet; 0: not recorded. */
	readonly length: number;
	/** Undefined where the function sees packets of both ways. */
	readonly outgoing: boolean | undefined;
}

/** What of a packet a function has before it. */
interface Sight {
	/** Bytes before the IP header; undefined where it begins behind that header, or may. */
	readonly link: number | undefined;
	readonly outgoing: boolean | undefined;
}

/** Functions of the IP layer that are asked before there is a packet, or begin behind its header. */
const NO_IP_PACKET = /route|lookup|msg$|_deliver_rcu$/;
/** What is sent has its link header: Ethernet's, as nearly all devices have it, loopback and veth among them. */
const LINK_HEADER = 14;

export class EntryPackets {
	private readonly sights: Sight[] = [];
	/** A log has no lengths that would tell a packet from a socket. */
	private readonly isLog: boolean;

	constructor(private readonly session: Session) {
		this.isLog = session.kernel === '';
	}

	/** The first IPv4 or IPv6 packet of a block or mark, by the first of the records that know most of it. */
	of({view, at: first, end}: Entry): EntryPacket | undefined {
		let best: {at: number; score: number} | undefined;
		let hash = 0;
		for (let at = first; at < end; at += recordSize(view.bytes, at)) {
			if (!this.isIpPacket(view, at)) continue;
			const score = this.score(view, at);
			if (best === undefined) hash = transportHash(view, at);
			else if (score <= best.score || transportHash(view, at) !== hash) continue;
			best = {at, score};
		}
		if (best === undefined) return undefined;
		const {link = 0, outgoing} = this.sight(view.fn(best.at));
		return {at: best.at, length: Math.max(0, view.len(best.at) - link), outgoing};
	}

	private isIpPacket(view: RecordView, at: number): boolean {
		const family = view.family(at);
		if (family !== Family.IPV4 && family !== Family.IPV6) return false;
		return isPacket(view, at) || view.ipid(at) !== 0 || (this.isLog && this.sight(view.fn(at)).link !== undefined);
	}

	private score(view: RecordView, at: number): number {
		return (this.sight(view.fn(at)).link === undefined ? 0 : 2) + (view.ipid(at) === 0 ? 0 : 1);
	}

	private sight(fn: number): Sight {
		const known = this.sights[fn];
		if (known !== undefined) return known;
		const made = this.sightOf(fn);
		this.sights[fn] = made;
		return made;
	}

	private sightOf(fn: number): Sight {
		const {name = '', group = '', mark = false} = this.session.functions[fn] ?? {};
		const {direction, from = 'headers'} = knownFunction(name, mark) ?? {};
		const outgoing = direction === 'out' ? true : direction === 'in' ? false : undefined;
		const layer = layerOf(name, group);
		let link: number | undefined;
		if (from !== 'headers') link = undefined;
		else if (layer === 'ip' || layer === 'netfilter' || layer === 'neighbour') {
			link = NO_IP_PACKET.test(name) ? undefined : 0;
		} else if (layer === 'device' && outgoing === false) link = 0;
		else if ((layer === 'device' || layer === 'queue') && outgoing === true) link = LINK_HEADER;
		return {link, outgoing};
	}
}
