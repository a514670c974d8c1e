/** What a process has of the machine, over time: memory, descriptors, threads. */
import assert from 'node:assert/strict';
import {existsSync, readdirSync, readFileSync} from 'node:fs';
import {becomes} from './net.js';

/** At one moment, all garbage collected. */
export interface Vital {
	/** ms since the first one. */
	readonly at: number;
	/** Bytes of memory that it has, and bytes that its JavaScript holds (garbage.ts). */
	readonly resident: number;
	readonly held: number;
	readonly descriptors: number;
	readonly threads: number;
}

/** Samples that a comparison wants. */
export const LEAST = 9;

export type Memory = 'resident' | 'held';

export class Vitals {
	readonly samples: Vital[] = [];
	private readonly began = performance.now();
	private collected = 0;
	/** How many descriptors there were while it was warm. */
	private usual: number | undefined;

	/** @param memory the file of garbage.ts. */
	constructor(
		private readonly pid: number,
		private readonly memory: string,
	) {}

	/** Has garbage collected and looks. What is open for a moment only is waited for: see `closes`. */
	async take(): Promise<Vital> {
		const lines = () => (existsSync(this.memory) ? readFileSync(this.memory, 'utf8').split('\n').slice(0, -1) : []);
		process.kill(this.pid, 'SIGUSR2');
		this.collected++;
		await becomes(() => lines().length === this.collected, 'no answer to SIGUSR2');
		const {heapUsed, external} = JSON.parse(lines().at(-1) ?? '') as {heapUsed: number; external: number};
		if (this.usual !== undefined) await this.closes(this.usual);
		const status = readFileSync(`/proc/${this.pid}/status`, 'utf8');
		const field = (name: string) => Number(new RegExp(`^${name}:\\s*(\\d+)`, 'm').exec(status)?.[1]);
		const sample = {
			at: performance.now() - this.began,
			resident: field('VmRSS') * 1024,
			held: heapUsed + external,
			descriptors: this.descriptors(),
			threads: field('Threads'),
		};
		this.samples.push(sample);
		return sample;
	}

	/** It has done everything once: what follows is compared among itself, and to the descriptors that it has now. */
	warm(): void {
		// Of a few, since something may be open for a moment.
		this.usual = Math.min(...this.samples.slice(-3).map(({descriptors}) => descriptors));
		this.samples.length = 0;
	}

	/** By how much the median of the last third is above that of the first. */
	growth(of: Memory): number {
		const third = Math.floor(this.samples.length / 3);
		assert.ok(this.samples.length >= LEAST, `${this.samples.length} samples are too few`);
		const values = this.samples.map((sample) => sample[of]);
		return median(values.slice(-third)) - median(values.slice(0, third));
	}

	/** Throws where there are other threads than at first, or where memory grew by more than that, in bytes. */
	check(most: Readonly<Record<Memory, number>>): void {
		const threads = this.samples.map((sample) => sample.threads);
		assert.equal(Math.max(...threads), Math.min(...threads), `threads: ${threads.join(' ')}`);
		for (const of of ['held', 'resident'] as const) {
			const growth = this.growth(of);
			assert.ok(growth <= most[of], `${of} memory grew by ${growth} bytes, ${most[of]} are allowed`);
		}
	}

	/** At most `lines` of all, for people. */
	table(lines: number): string[] {
		const {samples} = this;
		const step = Math.max(1, Math.ceil(samples.length / lines));
		const megabytes = (bytes: number) => (bytes / 2 ** 20).toFixed(2).padStart(8);
		return samples
			.filter((_, i) => i % step === 0 || i === samples.length - 1)
			.map(({at, resident, held, descriptors, threads}) => {
				const memory = `resident ${megabytes(resident)} MiB, held ${megabytes(held)} MiB`;
				return `${(at / 1000).toFixed(0).padStart(5)} s: ${memory}, ${descriptors} descriptors, ${threads} threads`;
			});
	}

	private descriptors(): number {
		return readdirSync(`/proc/${this.pid}/fd`).length;
	}

	/** Until there are as many descriptors as once: one that was left open stays. */
	private async closes(descriptors: number): Promise<void> {
		await becomes(
			() => this.descriptors() === descriptors,
			`there were ${descriptors} descriptors, and now ${this.descriptors()} stay open`,
			10_000,
		);
	}
}

function median(values: readonly number[]): number {
	const sorted = [...values].sort((a, b) => a - b);
	const middle = sorted.length >> 1;
	const high = sorted[middle] ?? Number.NaN;
	return sorted.length % 2 === 1 ? high : (high + (sorted[middle - 1] ?? Number.NaN)) / 2;
}
