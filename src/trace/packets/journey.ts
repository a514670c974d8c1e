/**
 * The journey of one packet: everything that happened to it from its birth to its end, over all blocks, in the order of
 * time; what came out of it (clones, segments, fragments) are journeys of their own, hung where they were born.
 */
import {Kind, recordSize} from '../record.js';
import {Entry} from '../store.js';
import {PacketRow, type PacketWorld} from './packet-row.js';
import {type StreamCall, streamCallsOf} from './streams.js';
import type {Wait} from './trail.js';

/** A call or mark. Times in ns, `begin` since the store's epoch. */
export interface CallStep {
	readonly type: 'call' | 'mark' | 'drop';
	readonly begin: number;
	/** Infinity: not known. Of a mark its begin. */
	readonly end: number;
	/** ns that the packet spent in it, without the calls inside. */
	readonly self: number;
	/** In its block, counted from the outermost step of that block here. */
	readonly depth: number;
	readonly fn: number;
	/** It has not this packet, but is around calls that have: the system call of a socket. */
	readonly around: boolean;
	/** It has not this packet, but wrote or read bytes of it, as sequence numbers say: around is true as well. */
	readonly joined: boolean;
	readonly entry: number;
	/** Of its record from the begin of the entry, bytes. */
	readonly offset: number;
}

/** Between two blocks. */
export interface WaitStep extends Wait {
	readonly type: 'wait';
	readonly depth: 0;
}

/** Something else that came out of the packet. */
export interface BranchStep {
	readonly type: 'branch';
	readonly begin: number;
	readonly depth: 0;
	readonly journey: Journey;
}

/** Its end. */
export interface EndStep {
	readonly type: 'end';
	readonly begin: number;
	readonly depth: 0;
}

export type Step = CallStep | WaitStep | BranchStep | EndStep;

export interface Journey {
	readonly packet: PacketRow;
	readonly steps: readonly Step[];
	/** Some of its records are not in memory any more, or were too many. */
	readonly cut: boolean;
}

/** Branches within branches that are followed. */
const DEEP = 8;
const LEVELS = 257;

/** The journey of packet `number`; undefined where no such packet is known. */
export function journeyOf(world: PacketWorld, number: number): Journey | undefined {
	return follow(world, number, DEEP, new Set());
}

function follow(world: PacketWorld, number: number, deep: number, seen: Set<number>): Journey | undefined {
	const {table} = world;
	const slot = table.slot(number);
	if (slot === undefined || seen.has(number)) return undefined;
	seen.add(number);
	const packet = new PacketRow(world, slot);
	const trail = table.trailOf(slot);
	const {cut} = trail;
	const steps: Step[] = [];
	const reader = new Around(world);
	let entry = -1;
	let base = 0;
	for (let i = 0; i < trail.count; i++) {
		const at = trail.entry[i] as number;
		if (at !== entry) {
			entry = at;
			const around = reader.of(at, trail.offset[i] as number);
			base = (trail.depth[i] as number) - around.length;
			steps.push(...around);
		}
		const kind = trail.kind[i] as number;
		steps.push({
			type: kind === Kind.MARK ? 'mark' : kind === Kind.DROP ? 'drop' : 'call',
			begin: trail.begin[i] as number,
			end: trail.end[i] as number,
			self: trail.self[i] as number,
			depth: Math.max(0, (trail.depth[i] as number) - base),
			fn: trail.fn[i] as number,
			around: false,
			joined: false,
			entry: at,
			offset: trail.offset[i] as number,
		});
	}
	const later: Step[] = trail.waits.map((wait) => ({type: 'wait', depth: 0, ...wait}));
	if (table.columns.what[slot] !== 0) later.push({type: 'end', begin: table.columns.died[slot] as number, depth: 0});
	for (const child of deep > 0 ? table.childrenOf(number) : []) {
		const journey = follow(world, child, deep - 1, seen);
		const own = table.slot(child);
		if (journey !== undefined && own !== undefined) {
			later.push({type: 'branch', begin: table.columns.born[own] as number, depth: 0, journey});
		}
	}
	const {sent, received} = joinedTo(world, number, slot, steps);
	// The bytes of a copy that was lost were read, too, out of another one.
	const read = packet.fate === 'dropped' ? [] : received;
	return {packet, steps: [...sent, ...merge(steps, later), ...read], cut};
}

/** Calls of tasks that wrote the packet's bytes, unless what it came out of has them, and that read them. */
function joinedTo(world: PacketWorld, number: number, slot: number, steps: readonly Step[]) {
	const calls = streamCallsOf(world, number);
	const toSteps = (list: readonly StreamCall[] = []): Step[] =>
		list
			.filter(
				({entry, offset}) => !steps.some((one) => 'offset' in one && one.entry === entry && one.offset === offset),
			)
			.map(({begin, end, fn, entry, offset}) => {
				return {type: 'call', begin, end, self: 0, depth: 0, fn, around: true, joined: true, entry, offset};
			});
	const hasParent = world.table.slot(world.table.columns.parent[slot] as number) !== undefined;
	return {sent: hasParent ? [] : toSteps(calls?.sent), received: toSteps(calls?.received)};
}

/** Puts waits, branches and the end between the calls, by time; a wait stands before the block of the call that ends it. */
function merge(calls: readonly Step[], later: Step[]): Step[] {
	later.sort((a, b) => a.begin - b.begin);
	const steps: Step[] = [];
	let next = 0;
	calls.forEach((call, i) => {
		// What is around calls of the packet began before it had them: where these begin is asked for.
		let own = call;
		for (let j = i; own.type === 'call' && own.around && j + 1 < calls.length; ) own = calls[++j] as Step;
		for (let one = later[next]; one !== undefined && one.begin < own.begin; one = later[++next]) steps.push(one);
		steps.push(call);
	});
	return [...steps, ...later.slice(next)];
}

/** Finds the calls around a record of a block. */
class Around {
	private readonly entry = new Entry();
	private readonly path = new Float64Array(LEVELS);

	constructor(private readonly world: PacketWorld) {}

	/** From the root of the block inwards. */
	of(id: number, offset: number): CallStep[] {
		const {store} = this.world;
		const {entry, path} = this;
		if (!store.read(id, entry)) return [];
		const {view} = entry;
		const target = entry.at + offset;
		for (let at = entry.at; at < target; at += recordSize(view.bytes, at)) {
			const kind = view.kind(at);
			if (kind === Kind.CALL || kind === Kind.OPEN) path[view.depth(at)] = at;
		}
		const steps: CallStep[] = [];
		for (let depth = 0; depth < view.depth(target); depth++) {
			const at = path[depth] as number;
			const begin = view.begin(at, store.epoch);
			steps.push({
				type: 'call',
				begin,
				end: view.kind(at) === Kind.CALL ? begin + view.duration(at) : Number.POSITIVE_INFINITY,
				self: 0,
				depth,
				fn: view.fn(at),
				around: true,
				joined: false,
				entry: id,
				offset: at - entry.at,
			});
		}
		return steps;
	}
}
