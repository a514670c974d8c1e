/** The rows of one entry of the trace: B and E of its calls, its marks, and the softirqs that ran on top of them. */
import type {Lookup} from '../../trace/filter/predicate.js';
import type {Matches} from '../../trace/matches.js';
import {Narrower} from '../../trace/narrow.js';
import type {Nest} from '../../trace/nest.js';
import {Kind, recordSize} from '../../trace/record.js';
import {selfTimes} from '../../trace/self.js';
import {Entry, type Store} from '../../trace/store.js';
import type {Followed} from './followed.js';
import type {TakenWait, WaitIndex} from './waits.js';

export const RowKind = {BEGIN: 0, END: 1, POINT: 2, LOSS: 3, WAIT: 4} as const;

export interface Row {
	readonly kind: number;
	/** Number of the entry that it is of: the block itself, or one that ran on top of it. */
	readonly entry: number;
	/** Of its record, from the begin of the entry's records, bytes. */
	readonly offset: number;
	/** When it is, ns since the store's epoch; Infinity for an end that is not known. */
	readonly time: number;
	readonly depth: number;
	/** Depth at which the innermost entry on top begins; 0 in the block itself. */
	readonly base: number;
	/** Of a call that has ended, ns; -1 otherwise. */
	readonly self: number;
	/** False: the filter hides it, it is shown faint. */
	readonly matches: boolean;
	/** What a WAIT row is of: the record that took the packet out of the queue comes next. */
	readonly wait?: TakenWait;
}

/** The first row of a block that is one of its records. */
export function rootOf(rows: readonly Row[]): number {
	return Math.max(
		0,
		rows.findIndex(({kind}) => kind !== RowKind.WAIT),
	);
}

/** What one entry contributes, before what ran on top of it is put in. */
interface Call {
	readonly offset: number;
	readonly depth: number;
	readonly call: boolean;
	readonly begin: number;
	readonly end: number;
	readonly self: number;
	readonly matches: boolean;
	readonly packet: number;
}

/** Blocks whose rows are remembered. */
const REMEMBERED = 256;

export class Layouts {
	/** Show what the filter hides, too. */
	dim = false;
	/** Show the blocks of this packet alone, whatever the filter says. */
	followed: Followed | undefined;
	private readonly known = new Map<number, readonly Row[]>();
	private readonly narrower = new Narrower();
	private readonly entry = new Entry();
	private self = new Float64Array(256);

	constructor(
		private readonly store: Store,
		private readonly nest: Nest,
		private readonly matches: Matches,
		private readonly lookup: Lookup,
		private readonly waits?: WaitIndex,
	) {}

	/** Whether anything of the entry is shown. */
	shows(id: number): boolean {
		if (this.followed !== undefined) return id >= this.store.first && this.followed.has(id);
		return id >= this.store.first && (this.dim || this.matches.has(id));
	}

	/** After the filter has changed. */
	forget(): void {
		this.known.clear();
	}

	/** Something of an entry has changed, and so has every block that it is shown in. */
	forgetEntry(id: number): void {
		const {first, end} = this.store;
		for (let at = id; at >= first && at < end; at = this.nest.parent(at)) this.known.delete(at);
	}

	/** The rows of an entry that is there; at least one unless the filter hides all. */
	rows(id: number): readonly Row[] {
		const known = this.known.get(id);
		if (known !== undefined) return known;
		const rows: Row[] = [];
		this.append(rows, id, 0);
		this.known.set(id, rows);
		if (this.known.size > REMEMBERED) {
			for (const oldest of this.known.keys()) {
				this.known.delete(oldest);
				break;
			}
		}
		return rows;
	}

	private append(rows: Row[], id: number, base: number): void {
		if (!this.store.read(id, this.entry)) return;
		if (this.entry.kind === Kind.LOSS) {
			const time = this.store.begin(id);
			rows.push({kind: RowKind.LOSS, entry: id, offset: 0, time, depth: base, base, self: -1, matches: true});
			return;
		}
		const calls = this.calls(this.entry);
		const onTop = this.nest.children(id).filter((child) => this.shows(child));
		const open: Call[] = [];
		const row = (kind: number, call: Call): Row => {
			const {offset, depth, self, matches} = call;
			const time = kind === RowKind.END ? call.end : call.begin;
			return {kind, entry: id, offset, time, depth: base + depth, base, self, matches};
		};
		/** What ran on top until then, inside the calls that are open. */
		const until = (time: number) => {
			while (onTop.length > 0 && this.store.begin(onTop[0] as number) < time) {
				this.append(rows, onTop.shift() as number, base + open.length);
			}
		};
		const close = (depth: number, before: number) => {
			for (let call = open.at(-1); call !== undefined && call.depth >= depth; call = open.at(-1)) {
				until(Math.min(call.end, before));
				rows.push(row(RowKind.END, call));
				open.pop();
			}
		};
		for (const call of calls) {
			close(call.depth, call.begin);
			until(call.begin);
			for (const wait of this.waitsBefore(id, call)) {
				const depth = base + call.depth;
				const {offset} = call;
				const time = wait.wait.begin;
				rows.push({kind: RowKind.WAIT, entry: id, offset, time, depth, base, self: -1, matches: true, wait});
			}
			rows.push(row(call.call ? RowKind.BEGIN : RowKind.POINT, call));
			if (call.call) open.push(call);
		}
		close(0, Number.POSITIVE_INFINITY);
		until(Number.POSITIVE_INFINITY);
	}

	/** Out of which queues a call took its packet. */
	private waitsBefore(id: number, {packet, begin}: Call): readonly TakenWait[] {
		const all = packet === 0 ? undefined : this.waits?.of(id);
		if (all === undefined || all.length === 0) return NO_WAITS;
		return all.filter((one) => one.packet === packet && one.wait.end === begin);
	}

	private calls(from: Entry): Call[] {
		const {followed} = this;
		const predicate = followed === undefined ? this.matches.predicate : undefined;
		const narrow = predicate !== undefined && !this.dim;
		const entry = narrow ? this.narrower.narrow(from, predicate, this.lookup) : from;
		if (this.self.length < entry.records) this.self = new Float64Array(2 * entry.records);
		selfTimes(entry, this.self);
		const {view} = entry;
		const calls: Call[] = [];
		for (let at = entry.at, index = 0; at < entry.end; at += recordSize(view.bytes, at), index++) {
			const kind = view.kind(at);
			const begin = view.begin(at, this.store.epoch);
			const packet = view.packet(at);
			const other = followed !== undefined && packet !== 0 && !followed.is(packet);
			calls.push({
				offset: narrow ? (this.narrower.origin[index] as number) : at - entry.at,
				depth: view.depth(at),
				call: kind === Kind.CALL || kind === Kind.OPEN,
				begin,
				end: view.ended(at) ? begin + view.duration(at) : Number.POSITIVE_INFINITY,
				self: this.self[index] as number,
				matches: !other && (predicate === undefined || narrow || predicate(view.bytes, at, this.lookup)),
				packet,
			});
		}
		return calls;
	}
}

const NO_WAITS: readonly TakenWait[] = [];
