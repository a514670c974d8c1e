/** What is shown, as it grows: the store's entries nested, filtered and counted. */
import {Moments} from '../formats/moments.js';
import type {Lookup} from '../trace/filter/predicate.js';
import {type FlowRow, FlowTable} from '../trace/flows.js';
import {Matches} from '../trace/matches.js';
import {Nest} from '../trace/nest.js';
import {LayerRates} from '../trace/rates.js';
import {callCount} from '../trace/statistics.js';
import {Entry, Store} from '../trace/store.js';
import {Tally} from '../trace/tally.js';
import type {Compiled} from './filter.js';
import type {Progress} from './log-saver.js';
import {Packets} from './packets.js';
import {RecordedRates} from './recorded-rates.js';
import type {Saving} from './saving.js';
import type {Source} from './source.js';
import {FunctionRows} from './tables/functions.js';
import {GroupRows} from './tables/groups.js';
import {QueueRows} from './tables/queues.js';
import {Layouts} from './trace/layout.js';
import {Way} from './trace/way.js';

/** Bytes for the blocks that are open now. */
const OPEN_BYTES = 4 << 20;

export class Model {
	readonly way: Way;
	/** Blocks with calls that are open now. */
	open: Way;
	/** Of the last refresh: there may be thousands, and they are sorted for each frame that shows others. */
	flowRows: readonly FlowRow[] = [];
	private readonly flows: FlowTable;
	readonly rates = new LayerRates();
	readonly functions: FunctionRows;
	private readonly queues = new QueueRows();
	readonly groups: GroupRows;
	readonly matches: Matches;
	readonly packets: Packets;
	filter: Compiled;
	/** Blocks and events that came while the picture stands still. */
	private pausedAt: {blocks: number; events: number} | undefined;
	private readonly nest: Nest;
	private readonly layouts: Layouts;
	private readonly lookup: Lookup;
	private readonly tally: Tally | undefined;
	private readonly entry = new Entry();

	constructor(
		readonly source: Source,
		filter: Compiled,
	) {
		const {store, names} = source;
		const {session} = names;
		this.lookup = {pid: (tid) => names.task(tid)?.pid, device: (dev) => names.device(dev)};
		this.nest = new Nest(store);
		this.matches = new Matches(store, this.lookup);
		this.packets = new Packets(source, this.matches, (entry) => this.layouts.forgetEntry(entry));
		this.layouts = new Layouts(store, this.nest, this.matches, this.lookup, this.packets.taken);
		this.way = new Way(store, this.nest, this.matches, this.layouts, session.wallOffset);
		this.flows = new FlowTable(session.functions);
		this.functions = new FunctionRows(session);
		this.groups = new GroupRows(session, source);
		this.tally = source.live ? undefined : new Tally(session.functions);
		this.filter = filter;
		this.matches.predicate = filter.predicate;
		this.matches.onMatch = (entry) => {
			this.flows.add(entry);
			this.tally?.add(entry);
		};
		this.open = this.openCalls();
		const recorded = source.live ? undefined : new RecordedRates(this.rates, this.functions);
		store.onEntry = (id) => {
			if (!store.read(id, this.entry)) return;
			recorded?.add(this.entry, store.begin(id));
			this.nest.add(this.entry);
			this.packets.add(this.entry);
			this.matches.add(this.entry);
		};
		(source.keeper ?? source.builder).onLife = (view, at) => this.packets.life(view, at);
	}

	/** Settles packets that are over, unless the picture stands still. */
	settle(): void {
		if (!this.paused) this.packets.settle(this.source.done);
	}

	/** Shows the blocks of one packet alone; of 0 shows all. */
	follow(packet: number): void {
		this.packets.follow(packet, this.layouts);
	}

	get paused(): boolean {
		return this.pausedAt !== undefined;
	}

	/** Blocks that came since the picture stands still. */
	get news(): number {
		return this.pausedAt === undefined ? 0 : this.source.store.blocks - this.pausedAt.blocks;
	}

	pause(on: boolean): void {
		const {store} = this.source;
		this.source.hold(on);
		this.pausedAt = on ? {blocks: store.blocks, events: store.events} : undefined;
		this.way.limit = on ? store.end : Number.POSITIVE_INFINITY;
		this.packets.list.limit = this.way.limit;
		if (on) this.open = this.openCalls();
	}

	/** In force from now on for what comes, and in slices for what is stored. */
	setFilter(filter: Compiled): void {
		this.filter = filter;
		this.flows.clear();
		this.tally?.clear();
		this.matches.change(filter.predicate);
		this.layouts.forget();
		this.packets.list.forgetAll();
		this.source.setFilter(filter.bytes, filter.predicate);
		this.open = this.openCalls();
	}

	/** Switches functions or marks off or on; what is stored stays. '' or why not. */
	switch(functions: readonly number[], on: boolean): string {
		for (const fn of functions) {
			const why = this.source.switch(fn, on);
			if (why !== '') return why;
		}
		this.updateGroups();
		return '';
	}

	setDim(dim: boolean): void {
		if (this.layouts.dim === dim) return;
		this.layouts.dim = dim;
		this.layouts.forget();
	}

	/** Figures that change all the time, a few times a second. @param now ms. */
	refresh(now: number): void {
		if (this.paused) return;
		const stats = this.source.stats() ?? this.tally?.stats() ?? [];
		const device = (dev: number): string => this.lookup.device(dev)?.name ?? `device_${dev}`;
		this.functions.update(stats, now, this.queues.rows(this.packets.table.waits.rows(), device, now));
		this.updateGroups();
		this.flowRows = this.flows.rows();
		if (this.source.live) this.rates.sample(now, stats.map(callCount), this.functions.layers);
	}

	private updateGroups(): void {
		this.groups.update(this.functions.calls, this.functions.rates);
	}

	refreshOpen(): void {
		if (!this.paused) this.open = this.openCalls();
	}

	clear(): void {
		this.functions.clear();
		this.queues.clear();
		this.flows.clear();
		this.flowRows = [];
	}

	/** What the filter shows now, open calls included. */
	saving(): Saving {
		const {source, way, lookup} = this;
		this.refreshOpen();
		return {
			store: source.store,
			open: this.open.store,
			limit: way.end,
			predicate: this.filter.predicate,
			lookup,
			names: source.names,
			counters: source.counters(),
			now: source.now(),
		};
	}

	/** How far what is shown has come. @param caughtUp the store has all that has come. */
	progress(caughtUp: boolean): Progress {
		const {store, live, names} = this.source;
		const newest =
			store.end === store.first ? 0n : new Moments(names.session, store).monotonic(store.begin(store.end - 1));
		return {now: this.source.now(), newest, caughtUp, still: !live || this.paused};
	}

	/** The blocks in progress, as a trace of its own. */
	private openCalls(): Way {
		const {source, lookup} = this;
		const store = new Store(OPEN_BYTES);
		source.builder.snapshot(store);
		const nest = new Nest(store);
		const matches = new Matches(store, lookup);
		matches.predicate = this.filter.predicate;
		const entry = new Entry();
		for (let id = store.first; id < store.end; id++) if (store.read(id, entry)) matches.add(entry);
		return new Way(store, nest, matches, new Layouts(store, nest, matches, lookup), source.names.session.wallOffset);
	}
}
