/** A packet as a row: what is known of it in numbers and words. Made for who looks, field by field. */
import {type FlowTexts, flowTexts} from '../flow-sides.js';
import {Context, Life} from '../record.js';
import type {Names, Task} from '../session.js';
import {Entry, type Store} from '../store.js';
import type {Tasks} from '../tasks.js';
import {FATES, type Fate, FateCode} from './fate.js';
import type {PacketTable} from './packet-table.js';
import {QUEUES, Role} from './queues.js';
import type {Trail, Wait} from './trail.js';

const NO_FLOW: FlowTexts = {proto: '', a: '', b: '', filter: ''};

/** How a packet came out of another one, in words. */
export const BIRTHS: Readonly<Record<number, string>> = {
	[Life.CLONE]: 'clone',
	[Life.COPY]: 'copy',
	[Life.SEGMENT]: 'segment',
	[Life.FRAGMENT]: 'fragment',
};

/** What the rows of packets need. */
export interface PacketWorld {
	readonly table: PacketTable;
	readonly store: Store;
	readonly names: Names;
	readonly tasks: Tasks;
}

/** Valid as long as the table knows the packet. Times are ns, `first` since the store's epoch. */
export class PacketRow {
	readonly number: number;
	private texts: FlowTexts | undefined;
	private pathText: string | undefined;

	/** Figures are those of now where the packet is alive. */
	constructor(
		private readonly world: PacketWorld,
		readonly slot: number,
	) {
		this.number = world.table.columns.number[slot] as number;
		world.table.refresh(slot);
	}

	/** Number of the packet it came out of, 0 for none; and how: `clone`, `copy`, `segment`, `fragment`, ''. */
	get parent(): number {
		return this.world.table.columns.parent[this.slot] as number;
	}
	get birth(): string {
		return BIRTHS[this.world.table.columns.birth[this.slot] as number] ?? '';
	}
	get first(): number {
		return this.world.table.columns.first[this.slot] as number;
	}
	get last(): number {
		return this.world.table.columns.last[this.slot] as number;
	}
	get proto(): string {
		return this.flow.proto;
	}
	/** Address and port where it came from and where it goes. */
	get a(): string {
		return this.flow.a;
	}
	get b(): string {
		return this.flow.b;
	}
	/** A filter for its flow. */
	get filter(): string {
		return this.flow.filter;
	}
	get total(): number {
		return this.last - this.first;
	}
	get inFunctions(): number {
		return this.world.table.columns.inFunctions[this.slot] as number;
	}
	get inQueues(): number {
		return this.world.table.columns.inQueues[this.slot] as number;
	}
	/** ns in which nothing that is traced had it. */
	get between(): number {
		return this.world.table.columns.between[this.slot] as number;
	}
	/** ns of the longest part, and what that was: a function, or `wait QUEUE`. */
	get slowest(): number {
		return this.world.table.columns.slowest[this.slot] as number;
	}
	get slowestName(): string {
		const at = this.world.table.columns.slowestAt[this.slot] as number;
		if (this.slowest === 0) return '';
		return at < 0 ? `wait ${QUEUES[-1 - at]?.name ?? ''}` : this.functionName(at);
	}
	/** Its waits in the order of time; the last one may not be over. */
	waits(): readonly Wait[] {
		return [...this.world.table.trailOf(this.slot).waits];
	}

	/** Whether it has ever been in a queue. @param queue number in QUEUES. */
	hasWaited(queue: number): boolean {
		return ((this.world.table.columns.waited[this.slot] as number) & (1 << queue)) !== 0;
	}

	get fate(): Fate {
		return FATES[this.world.table.columns.fate[this.slot] as number] as Fate;
	}

	/** Its fate in words: `delivered to udp-server (212)`, `dropped: NETFILTER_DROP in ip_rcv at nf_hook_slow+0x8c`. */
	get fateText(): string {
		const {table, names} = this.world;
		const {slot} = this;
		const what = table.columns.what[slot] as number;
		const fn = table.columns.fateFn[slot] as number;
		const by = fn < 0 ? '' : ` in ${this.functionName(fn)}`;
		if (what === Life.MERGED && table.columns.fate[slot] !== FateCode.DELIVERED)
			return `${this.fate}: merged into ${table.columns.into[slot]}`;
		const merged = what === Life.MERGED ? `, merged into ${table.columns.into[slot]}` : '';
		switch (table.columns.fate[slot]) {
			case FateCode.DROPPED: {
				const number = table.columns.reason[slot] as number;
				const reason = names.session.dropReasons[number] ?? `reason ${number}`;
				const location = BigInt.asUintN(64, BigInt(table.columns.location[slot] as number));
				const at = location === 0n ? '' : names.symbol(location);
				// Where the freeing function is traced by a trampoline, that is who called it.
				return `dropped: ${reason}${by}${at === '' || at.startsWith('bpf_trampoline') ? '' : ` at ${at}`}`;
			}
			case FateCode.DELIVERED: {
				const who = this.reader();
				return `delivered${who === '' ? '' : ` to ${who}`}${merged}`;
			}
			case FateCode.FORWARDED:
				return `forwarded out of ${this.deviceName(table.columns.fateDev[slot] as number)}`;
			case FateCode.ALIVE:
				return `alive${by}`;
			default:
				return `consumed${this.consumption(what, by)}`;
		}
	}

	/** The way in short: tasks, devices and forwarding, `client → veth0 → ip_forward → veth1`. */
	get path(): string {
		if (this.pathText === undefined) this.pathText = this.stations().join(' → ');
		return this.pathText;
	}

	/** The parts of `path`. */
	stations(): readonly string[] {
		const {table, store, tasks} = this.world;
		const trail = table.trailOf(this.slot);
		const {marks} = table.rolesNow();
		const stations: string[] = [];
		const go = (name: string) => {
			if (name !== '' && stations[stations.length - 1] !== name) stations.push(name);
		};
		const entry = new Entry();
		if (
			trail.count > 0 &&
			store.read(trail.entry[0] as number, entry) &&
			entry.view.context(entry.at) === Context.TASK
		) {
			go(tasks.get(entry.task)?.comm ?? '');
		}
		for (let i = 0; i < trail.count; i++) {
			const fn = trail.fn[i] as number;
			const role = marks[fn] ?? 0;
			if ((role & (Role.SEND | Role.RECEIVE)) !== 0 && trail.dev[i] !== 0) go(this.deviceName(trail.dev[i] as number));
			if ((role & Role.FORWARD) !== 0) go(this.functionName(fn).replace('_finish', ''));
		}
		if (this.fate === 'delivered') go(this.readerName());
		return stations;
	}

	private get flow(): FlowTexts {
		if (this.texts === undefined) {
			const key = this.world.table.columns.flows.get(this.slot);
			this.texts = key === undefined ? NO_FLOW : flowTexts(key);
		}
		return this.texts;
	}

	private consumption(what: number, by: string): string {
		const {table} = this.world;
		if (what === Life.UNSEEN) return ': where it ended was not seen';
		if (what === Life.EVICTED) return ': it goes on under another number';
		const dev = table.columns.fateDev[this.slot] as number;
		const trail: Trail = table.trailOf(this.slot);
		const wait = trail.waits[trail.waits.length - 1];
		if (wait?.to === -1 && QUEUES[wait.queue]?.name === 'retransmit') return ': acknowledged';
		return dev > 0 ? `: sent out of ${this.deviceName(dev)}` : by;
	}

	private reader(): string {
		const task = this.readerTask();
		return task === undefined ? '' : `${task.comm} (${task.pid})`;
	}

	private readerName(): string {
		return this.readerTask()?.comm ?? '';
	}

	/** The task that has its bytes, where that is known. */
	readerTask(): Task | undefined {
		const {table, store, tasks} = this.world;
		const entry = new Entry();
		const at = table.columns.fateEntry[this.slot] as number;
		if (at >= 0) return store.read(at, entry) ? tasks.get(entry.task) : undefined;
		return tasks.task(table.columns.tid[this.slot] as number);
	}

	private functionName(fn: number): string {
		return this.world.names.session.functions[fn]?.name ?? `function_${fn}`;
	}

	private deviceName(dev: number): string {
		return dev === 0 ? '' : (this.world.names.device(dev)?.name ?? `device_${dev}`);
	}
}

/** All packets that are known, in the order in which they were first seen. */
export function packetRows(world: PacketWorld): PacketRow[] {
	return Array.from(world.table.all(), (slot) => new PacketRow(world, slot));
}
