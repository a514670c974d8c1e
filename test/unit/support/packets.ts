/** Scenes of packets: calls as trees with times, from which the stream of records follows as the kernel side would send it. */
import {BlockBuilder} from '../../../src/trace/blocks.js';
import {NameTable} from '../../../src/trace/names.js';
import {type PacketRow, type PacketWorld, packetRows} from '../../../src/trace/packets/packet-row.js';
import {PacketTable} from '../../../src/trace/packets/packet-table.js';
import {QUEUES} from '../../../src/trace/packets/queues.js';
import {Context, Flag, Kind} from '../../../src/trace/record.js';
import {Entry, Store} from '../../../src/trace/store.js';
import {Tasks} from '../../../src/trace/tasks.js';
import {type LifeFields, makeLife, makeRecord, makeSession, makeTask, type RecordFields} from './records.js';

/** A call from `begin` to `end`, ns; a mark where both are the same and the name has a leading `-`. */
export interface Call {
	readonly name: string;
	readonly begin: number;
	readonly end: number;
	readonly fields: RecordFields;
	readonly inside: readonly Call[];
}

export const call = (
	name: string,
	begin: number,
	end: number,
	fields: RecordFields = {},
	...inside: readonly Call[]
): Call => ({name, begin, end, fields, inside});

/** Of UDP, 10.0.0.1:1000 to 10.0.0.2:53. */
export const UDP: RecordFields = {src: [10, 0, 0, 1], dst: [10, 0, 0, 2], sport: 1000, dport: 53, proto: 17, len: 78};
export const TCP: RecordFields = {src: [10, 0, 0, 1], dst: [10, 0, 0, 2], sport: 1000, dport: 80, proto: 6, len: 132};
export const reverse = (fields: RecordFields): RecordFields => ({
	...fields,
	...(fields.dst && {src: fields.dst}),
	...(fields.src && {dst: fields.src}),
	...(fields.dport !== undefined && {sport: fields.dport}),
	...(fields.sport !== undefined && {dport: fields.sport}),
});

interface Timed {
	readonly time: number;
	readonly bytes: Uint8Array;
}

/** Where a block runs. */
export interface Place {
	readonly tid?: number;
	readonly cpu?: number;
	readonly softirq?: boolean;
}

/** Collects what happens, and makes a table of it. */
export class Scene {
	readonly events: Timed[] = [];
	private readonly names: string[];

	/** @param functions traced ones, as in makeSession. */
	constructor(functions: string) {
		this.names = functions.split(' ');
	}

	fn(name: string): number {
		const fn = this.names.findIndex((one) => one === name || one === `-${name}`);
		if (fn < 0) throw new Error(`${name} is not a function of this scene`);
		return fn;
	}

	/** A root call with everything inside it. */
	block(place: Place, root: Call): this {
		this.emit(place, root, 0);
		return this;
	}

	/** A task runs this. */
	task(tid: number, root: Call): this {
		return this.block({tid, cpu: tid % 2}, root);
	}

	/** A softirq runs this, whatever task is current. */
	softirq(cpu: number, root: Call): this {
		return this.block({softirq: true, cpu, tid: 900 + cpu}, root);
	}

	life(fields: LifeFields): this {
		this.events.push({time: Number(fields.at), bytes: makeLife(fields)});
		return this;
	}

	/** The records in the order in which the kernel sends them. */
	records(): Uint8Array[] {
		return [...this.events].sort((a, b) => a.time - b.time).map(({bytes}) => bytes);
	}

	/** @param records others than those of this scene, or in another order. */
	run({records = this.records(), limit = 1024, store: bytes = 1 << 24} = {}) {
		const store = new Store(bytes);
		const tasks = new Tasks();
		const builder = new BlockBuilder(store, tasks);
		const session = makeSession(this.names);
		const table = new PacketTable(store, session.functions, limit);
		const entry = new Entry();
		store.onEntry = (id) => {
			store.read(id, entry);
			table.add(entry);
		};
		builder.onLife = (view, at) => table.life(view, at);
		for (const tid of [1, 2, 3]) builder.push(makeTask(tid, tid * 10, `task${tid}`));
		for (const record of records) builder.push(record);
		const names = new NameTable(session, tasks);
		for (const [dev, name] of [
			[1, 'veth0'],
			[2, 'veth1'],
			[3, 'eth0'],
		] as const) {
			names.setDevice(dev, {ifindex: dev, netns: 1, name});
		}
		const world: PacketWorld = {table, store, names, tasks};
		return {
			world,
			table,
			store,
			builder,
			end: (): PacketRow[] => {
				builder.flush();
				table.settle(true);
				return packetRows(world);
			},
		};
	}

	private emit(place: Place, one: Call, depth: number): void {
		for (const inner of one.inside) this.emit(place, inner, depth + 1);
		const mark = this.names[this.fn(one.name)]?.startsWith('-') === true;
		const bytes = makeRecord({
			...one.fields,
			kind: one.fields.kind ?? (mark ? Kind.MARK : Kind.CALL),
			fn: this.fn(one.name),
			begin: one.begin,
			duration: one.end - one.begin,
			depth,
			tid: place.tid ?? 1,
			cpu: place.cpu ?? 0,
			flags: place.softirq ? Flag.IRQ_STACK : 0,
			context: place.softirq ? Context.SOFTIRQ : Context.TASK,
		});
		this.events.push({time: one.end, bytes});
	}
}

/** Queue and duration (ns) of each wait of a packet. */
export function waitsOf(row: PacketRow, table: PacketTable): string[] {
	return table.trailOf(row.slot).waits.map(({queue, begin, end}) => `${QUEUES[queue]?.name} ${end - begin}`);
}
