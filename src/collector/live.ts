/** The running kernel as a source of records. */
import {closeSync, openSync, readSync} from 'node:fs';
import {release} from 'node:os';
import {Bytes, hasInside, isIpLayer, Lengths, ReadFrom} from '../catalogue/functions.js';
import type {Mark} from '../catalogue/marks.js';
import {DEFAULT_POINTS, type Points} from '../catalogue/selection.js';
import {NameTable} from '../trace/names.js';
import type {FunctionStat, Session, TracedFunction} from '../trace/session.js';
import {type Counters, readCounters, readStats} from '../trace/statistics.js';
import type {Tasks} from '../trace/tasks.js';
import {BASE} from './clock.js';
import {type Addon, type Backend, BPF_OBJECT, type Outcome, type StartReport, type Wanted} from './native.js';
import {Symbols} from './symbols.js';

/** Bytes of the kernel's ring, and of what the reader thread holds when JavaScript is busy. */
const RING = 32 << 20;
const HELD = 256 << 20;
const DRAIN = 1 << 18;

/** What is done about the cost of tracing. */
export interface Own {
	readonly measure: boolean;
	readonly correct: boolean;
}

/** Why nothing can be traced. */
export class TraceError extends Error {}

export class LiveCollector {
	/** Functions and marks that this kernel lacks or refuses: name and reason. */
	readonly missing: readonly {readonly name: string; readonly why: string}[];
	readonly names: NameTable;
	private readonly buffer = new Uint8Array(DRAIN);
	/** Functions that are switched off. */
	private readonly off = new Set<number>();

	private constructor(
		private readonly addon: Addon,
		readonly session: Session,
		report: StartReport,
		wanted: readonly Wanted[],
		tasks: Tasks,
	) {
		this.missing = report.outcomes.flatMap(({name, error}, fn) =>
			error === '' ? [] : [{name: name || (wanted[fn]?.names[0] ?? ''), why: error}],
		);
		const symbols = new Symbols();
		this.names = new NameTable(session, tasks, (address) => symbols.find(address));
	}

	/**
	 * Loads, attaches and lets events flow. Needs root.
	 * @param filter a struct filter, in force before the first event; @param text its source; @param identity packets are to
	 * have numbers; where that cannot be had, `session.identity` says why;
	 * @param own whether what tracing costs is measured, and taken off.
	 * Rejects with TraceError, one line, when this kernel refuses the backend, or when `addon.cancel` was called.
	 */
	static async start(
		addon: Addon,
		backend: Backend,
		filter: Uint8Array,
		text: string,
		tasks: Tasks,
		chosen: Points = DEFAULT_POINTS,
		identity = true,
		own: Own = {measure: true, correct: false},
	): Promise<LiveCollector> {
		const alone = backend === 'tracepoint';
		const points = alone ? [] : chosen.functions;
		const marks = (alone ? chosen.alone : chosen.marks).flatMap(expand);
		const functions: Wanted[] = points.map(
			({names, group, from = 'headers', late = false, bytes, queue, hidden = ''}) => {
				const moves = {bytes: bytes === undefined ? 0 : Bytes[bytes], queue: queue === undefined ? 0 : Lengths[queue]};
				return {names, from: ReadFrom[from], late, ...moves, hidden, inside: hasInside(group), pf: 0, hook: 0};
			},
		);
		const began = performance.now();
		const options = {object: BPF_OBJECT, backend, functions, marks: marks.map((mark) => mark.wanted)};
		const report = await addon.start({...options, ring: RING, limit: HELD, base: BASE, filter, identity, ...own});
		if (report.error !== '') throw new TraceError(report.error);
		const attachMs = Math.round(performance.now() - began);
		const attached = report.outcomes.filter(({error}) => error === '').length;
		const wanted = [...functions, ...options.marks];
		// Drops alone are not what functions were asked for.
		const asked = alone ? report.outcomes : report.outcomes.slice(0, functions.length);
		if (asked.every(({error}) => error !== '')) {
			addon.stop();
			throw new TraceError(asked[0]?.error ?? 'nothing to attach to');
		}
		const groups = [...points.map(({group}) => group), ...marks.map(({mark}) => mark.group)];
		const session: Session = {
			kernel: release(),
			backend: backendsOf(asked),
			base: BASE,
			identity: report.identity,
			wallOffset: addon.wallOffset() + BASE,
			functions: report.outcomes.map((outcome, fn): TracedFunction => {
				const group = groups[fn] as (typeof groups)[number];
				const mark = fn >= functions.length;
				const name = nameOf(outcome, wanted[fn]);
				const how = outcome.error === '' ? {backend: outcome.backend} : {why: outcome.error};
				return {name, group, ipLayer: isIpLayer(group), returnsNumber: outcome.returnsNumber, mark, ...how};
			}),
			attached,
			wanted: wanted.length,
			attachMs,
			...(alone ? {} : costOf(report.ownCost, backendsOf(asked), own.correct)),
			dropReasons: report.dropReasons,
			filter: text,
		};
		return new LiveCollector(addon, session, report, wanted, tasks);
	}

	/**
	 * Hands the records that have come to `take`, in pieces that are valid during the call: all, or until it is late.
	 * @param keep bytes: where more of them wait, the oldest are skipped, and a loss says so (BEHIND); 0: all are wanted.
	 * Returns whether there are more.
	 */
	drain(take: (bytes: Uint8Array, length: number) => void, late: () => boolean = () => false, keep = 0): boolean {
		for (;;) {
			const length = this.addon.drain(this.buffer, keep);
			if (length === 0) return false;
			this.learnDevices();
			take(this.buffer, length);
			if (late()) return true;
		}
	}

	/** How full the fuller was since the last call, 0 to 1: the kernel's rings or what waits behind them for `drain`. */
	fill(): number {
		return Math.max(this.addon.ringFill(), this.addon.waiting() / HELD);
	}

	/** Replaces the filter in the kernel, at once. */
	setFilter(filter: Uint8Array): void {
		this.addon.setFilter(filter);
	}

	/** Whether a packet that was accepted once is accepted from then on, whatever the filter says of it later; at once. */
	follow(on: boolean): void {
		this.addon.setFollow(on);
	}

	/**
	 * Switches a function or mark in the kernel, at once and without root: no new call of what is off is recorded, calls that
	 * are open end as usual. False: there is none of that number.
	 */
	switch(fn: number, on: boolean): boolean {
		if (!this.addon.setSwitch(fn, on)) return false;
		if (on) this.off.delete(fn);
		else this.off.add(fn);
		return true;
	}

	/** Whether that is switched on, attached or not. */
	isOn(fn: number): boolean {
		return !this.off.has(fn);
	}

	/** No new call is recorded from now on; those that are open may end. */
	pause(): void {
		this.addon.setEnabled(false);
	}

	/** Lets go of the kernel. What was read stays to be drained. */
	stop(): void {
		this.addon.stop();
	}

	counters(): Counters {
		return readCounters(this.addon.losses());
	}

	stats(): FunctionStat[] {
		return readStats(this.addon.stats());
	}

	/** Devices appear in the kernel's table before the first record that refers to them. */
	private learnDevices(): void {
		for (const {dev, ...device} of this.addon.devices()) {
			const known = this.names.device(dev);
			if (known?.name !== device.name || known.netns !== device.netns) this.names.setDevice(dev, device);
		}
	}
}

/** A hook is attached once for each protocol family; the handler's is that of packet sockets. */
function expand(mark: Mark): {mark: Mark; wanted: Wanted}[] {
	const names = [mark.name];
	const {hook, group} = mark;
	if (hook === undefined)
		return [
			{
				mark,
				wanted: {
					names,
					from: ReadFrom.headers,
					late: false,
					bytes: 0,
					queue: 0,
					inside: hasInside(group),
					hidden: '',
					pf: 0,
					hook: 0,
				},
			},
		];
	return hook.families.map((pf) => {
		return {
			mark,
			wanted: {
				names,
				from: ReadFrom.headers,
				late: false,
				bytes: 0,
				queue: 0,
				inside: false,
				hidden: '',
				pf,
				hook: hook.number,
			},
		};
	});
}

/** What of a session tells what tracing a call costs. @param attached by these, as backendsOf says. */
function costOf(
	{inside, total, backend, why}: StartReport['ownCost'],
	attached: string,
	corrected: boolean,
): Pick<Session, 'ownCost' | 'costUnknown'> {
	if (why !== '') return {costUnknown: why};
	return {ownCost: {inside, total, corrected, ...(backend === attached ? {} : {backend})}};
}

/** What the functions are attached by, the most used first: fentry+kprobe-session. */
function backendsOf(outcomes: readonly Outcome[]): string {
	const counts = new Map<string, number>();
	for (const {backend, error} of outcomes) if (error === '') counts.set(backend, (counts.get(backend) ?? 0) + 1);
	return [...counts]
		.sort(([, a], [, b]) => b - a)
		.map(([name]) => name)
		.join('+');
}

function nameOf(outcome: Outcome, wanted: Wanted | undefined): string {
	return outcome.name || (wanted?.names[0] ?? '');
}

/** Whether the kernel's BTF is there and readable. */
export function hasBtf(): boolean {
	try {
		const fd = openSync('/sys/kernel/btf/vmlinux', 'r');
		try {
			return readSync(fd, Buffer.alloc(2)) === 2;
		} finally {
			closeSync(fd);
		}
	} catch {
		return false;
	}
}
