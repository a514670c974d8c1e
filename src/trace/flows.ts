/** Flows: what the stored entries say of each pair of addresses and ports. */
import {ipv4Text, ipv6Text} from './address.js';
import {At, Family, Kind, Proto} from './record.js';
import type {TracedFunction} from './session.js';
import type {Entry} from './store.js';

export interface FlowRow {
	readonly proto: string;
	readonly a: string;
	readonly b: string;
	/** An expression of the filter language that selects this flow, both directions. */
	readonly filter: string;
	readonly packets: number;
	readonly bytes: number;
	readonly calls: number;
	/** ns in the kernel. */
	readonly time: number;
	readonly drops: number;
	readonly lastEntry: number;
}

type Sums = {-readonly [field in keyof FlowRow]: FlowRow[field]};

export class FlowTable {
	constructor(readonly functions: readonly TracedFunction[]) {}

	private readonly flows = new Map<string, Sums>();

	/** Counts an entry for the flow of its first record. */
	add(entry: Entry): void {
		const {view, at} = entry;
		if (entry.kind === Kind.LOSS || view.family(at) === Family.NONE) return;
		const proto = view.proto(at);
		const six = view.family(at) === Family.IPV6;
		const text = six ? ipv6Text : ipv4Text;
		const name = {[Proto.TCP]: 'tcp', [Proto.UDP]: 'udp', [Proto.ICMP]: 'icmp'}[proto] ?? String(proto);
		const [a, b] = [
			text(view.bytes, at + (six ? At.saddr6 : At.saddr)),
			text(view.bytes, at + (six ? At.daddr6 : At.daddr)),
		];
		const [ap, bp] = [`${a}:${view.sport(at)}`, `${b}:${view.dport(at)}`];
		const key = `${name} ${[ap, bp].sort().join(' ')}`;
		let flow = this.flows.get(key);
		if (flow === undefined) {
			const filter = `host ${a} and host ${b}`;
			flow = {proto: name, a: ap, b: bp, filter, packets: 0, bytes: 0, calls: 0, time: 0, drops: 0, lastEntry: -1};
			this.flows.set(key, flow);
		}
		flow.packets++;
		flow.bytes += view.len(at);
		flow.calls += entry.records;
		if (view.ended(at)) flow.time += view.duration(at);
		if (entry.kind === Kind.DROP) flow.drops++;
		flow.lastEntry = entry.id;
	}

	clear(): void {
		this.flows.clear();
	}

	rows(): readonly FlowRow[] {
		return [...this.flows.values()];
	}
}
