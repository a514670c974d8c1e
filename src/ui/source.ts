/** Where the events on the screen come from: a kernel, or a recorded session. */
import type {BlockBuilder} from '../trace/blocks.js';
import type {Predicate} from '../trace/filter/predicate.js';
import type {NameTable} from '../trace/names.js';
import type {Keeper} from '../trace/packets/keep.js';
import type {FunctionStat} from '../trace/session.js';
import type {Counters} from '../trace/statistics.js';
import type {Store} from '../trace/store.js';
import type {Tasks} from '../trace/tasks.js';

export interface Source {
	readonly live: boolean;
	readonly store: Store;
	readonly builder: BlockBuilder;
	/** Where not everything is kept: what puts into the store what is. */
	readonly keeper?: Keeper | undefined;
	readonly names: NameTable;
	readonly tasks: Tasks;
	/** Name of the file that is being recorded or read; '' for none. */
	readonly file: string;
	/** Puts what has come into the store. Stops early when `late` says so; true when more is there already. */
	pump(late: () => boolean): boolean;
	/** The kernel's histograms; undefined where they have to be counted from stored calls. */
	stats(): readonly FunctionStat[] | undefined;
	counters(): Counters;
	/** How full the buffers between kernel and program were since the last call, 0 to 1. */
	fill(): number;
	/** CLOCK_MONOTONIC now, or where the recording is, ns. */
	now(): bigint;
	/** A filter for what comes from now on: the struct filter, and the same as a function, undefined for everything. */
	setFilter(bytes: Uint8Array, predicate: Predicate | undefined): void;
	/** Switches a function or mark off or on, at once, for what comes from then on. '' or why not, one line. */
	switch(fn: number, on: boolean): string;
	/** Whether that is switched on; of a recording all is. */
	isOn(fn: number): boolean;
	/** The screen stands still: a recording that is played stops, a kernel goes on. */
	hold(on: boolean): void;
	/** A recording that is played goes on from there, if it has not come so far. @param time ns since the store's epoch. */
	skip(time: number): void;
	/** All of a recording is in the store; what is wrong with it, '' for nothing. */
	readonly done: boolean;
	readonly problem: string;
}
