/** A kernel that the test plays: records are put in by hand. */
import {BlockBuilder} from '../../../src/trace/blocks.js';
import {LOSS_CAUSES} from '../../../src/trace/losses.js';
import {NameTable} from '../../../src/trace/names.js';
import type {FunctionStat} from '../../../src/trace/session.js';
import {BUCKETS, type Counters} from '../../../src/trace/statistics.js';
import {Store} from '../../../src/trace/store.js';
import {Tasks} from '../../../src/trace/tasks.js';
import type {Source} from '../../../src/ui/source.js';
import {makeSession} from '../../unit/support/records.js';

export class FakeKernel implements Source {
	readonly live = true;
	readonly done = false;
	readonly problem = '';
	readonly file = '';
	readonly tasks = new Tasks();
	readonly names;
	readonly store: Store;
	readonly builder: BlockBuilder;
	/** Filters as they were handed to the kernel. */
	readonly filters: Uint8Array[] = [];
	/** Functions that are switched off. */
	readonly off = new Set<number>();
	stopped = false;
	/** Where the clock stands still, ns. */
	stands: bigint | undefined;
	lost = 0n;
	calls = 0n;
	private waiting: Uint8Array[] = [];

	/** @param more as of `makeSession`. */
	constructor(functions: readonly string[], buffer = 1 << 24, more: Parameters<typeof makeSession>[2] = []) {
		const ownCost = {inside: 20, total: 48, corrected: false};
		this.names = new NameTable({...makeSession(functions, 0n, more), ownCost}, this.tasks);
		this.store = new Store(buffer);
		this.builder = new BlockBuilder(this.store, this.tasks);
	}

	send(...records: Uint8Array[]): void {
		this.waiting.push(...records);
	}

	pump(): boolean {
		for (const record of this.waiting) this.builder.push(record);
		this.waiting = [];
		return false;
	}

	stats(): readonly FunctionStat[] {
		return this.names.session.functions.map(({why}) => {
			const calls = why === undefined ? this.calls : 0n;
			const bucket = Array.from({length: BUCKETS}, (_, b) => (b === 10 ? calls : 0n));
			return {total: calls * 1500n, self: calls * 1000n, max: 1900n, bucket};
		});
	}

	counters(): Counters {
		return {emitted: 0n, lost: LOSS_CAUSES.map((_, cause) => (cause === 0 ? this.lost : 0n))};
	}

	fill(): number {
		return 0.5;
	}

	now(): bigint {
		return this.stands ?? 5_000_000_000n + BigInt(Math.round(performance.now() * 1e6));
	}

	setFilter(bytes: Uint8Array): void {
		this.filters.push(bytes);
	}

	switch(fn: number, on: boolean): string {
		if (this.stopped) return 'the kernel is not traced any more';
		if (on) this.off.delete(fn);
		else this.off.add(fn);
		return '';
	}

	isOn(fn: number): boolean {
		return !this.off.has(fn);
	}

	hold(): void {}

	skip(): void {}
}
