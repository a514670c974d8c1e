/** Tracing this machine: attach as root, become the invoking user, print until told to stop, let go. */

import {release} from 'node:os';
import type {Points} from '../catalogue/selection.js';
import {now} from '../collector/clock.js';
import {hasBtf, type LiveCollector} from '../collector/live.js';
import {type Addon, loadAddon} from '../collector/native.js';
import {SessionWriter} from '../formats/session-file.js';
import {compilePredicate} from '../trace/filter/predicate.js';
import {Kind} from '../trace/record.js';
import {Tasks} from '../trace/tasks.js';
import type {Demo} from '../traffic/demo.js';
import type {Exchange} from '../traffic/scenarios.js';
import {attach, follows, NothingTraced, recordedOptions, summary} from './attach.js';
import {cannot, Exit, ExitError, say, signalCode} from './exit.js';
import {giveUpRoot, invoker} from './invoker.js';
import {KeptRecorder, keptLines} from './kept.js';
import {type Selection, select} from './narrow.js';
import type {Options} from './options.js';
import {Output, OutputClosed} from './output.js';
import {withPatterns} from './patterns.js';
import type {Pcap} from './pcap.js';
import {Pipeline} from './pipeline.js';
import {printer} from './printer.js';
import {ShownPackets} from './shown-packets.js';

/** How often the kernel's records are fetched, ms. People see no difference, and a packet costs no wake-up. */
const TICK = 25;
/** How long calls may go on after the end so that their blocks are whole, ms. Calls that sleep are shown as open. */
const GRACE = 30;

/** Runs until a limit, a signal or the end of whoever reads. Returns the exit code. */
export async function live(given: Options, screen: boolean): Promise<number> {
	const selection = select(given, true);
	if (process.getuid?.() !== 0) {
		throw cannot(`tracing needs root: type sudo pkttop ${process.argv.slice(2).join(' ')}`.trimEnd());
	}
	if (!hasBtf()) {
		throw cannot(
			`this kernel (${release()}) has no BTF (/sys/kernel/btf/vmlinux): one with CONFIG_DEBUG_INFO_BTF is needed`,
		);
	}
	const addon = loadAddon();
	const options = {...given, points: chosenPoints(given, addon)};
	// On the screen, -o is what s saves.
	const output = Output.open(screen ? undefined : options.output, options.force);
	let record: Output | undefined;
	let pcap: Pcap | undefined;
	try {
		record = options.write === undefined ? undefined : Output.open(options.write, options.force);
		const demo = options.demo === undefined ? undefined : await prepareDemo(options.demo);
		try {
			const wanted = compilePredicate(selection.expression, selection.narrowing);
			// What few runs need is loaded by those that do: the first frame waits for everything that is loaded before it.
			if (options.pcap !== undefined) {
				const {Pcap} = await import('./pcap.js');
				const hosts = [...(demo?.processes.values() ?? [])].map((folder) => `${folder}/ns/net`);
				pcap = Pcap.open(options.pcap, options, wanted, addon, hosts);
			}
			if (screen) {
				const {liveScreen} = await import('./live-screen.js');
				return await liveScreen(options, selection, addon, record, pcap, demo);
			}
			const tasks = new Tasks();
			const collector = await attachUntilSignal(options, selection, addon, tasks);
			if (typeof collector === 'number') {
				output.discard();
				record?.discard();
				pcap?.discard();
				return collector;
			}
			return await new LiveRun(options, selection, addon, collector, tasks, output, record, pcap, demo).run();
		} finally {
			demo?.leave(); // who waits for the prompt does not wait for it
		}
	} catch (error) {
		if (error instanceof NothingTraced) {
			output.discard();
			record?.discard();
			pcap?.discard();
			throw cannot(error.message);
		}
		throw error;
	} finally {
		output.close();
		record?.close();
		pcap?.close();
	}
}

/** What -g and -f mean on this kernel. */
function chosenPoints({functions, group, points}: Options, addon: Addon): Points {
	if (functions.length === 0) return points;
	return withPatterns(functions, group === '' ? undefined : points, addon);
}

async function prepareDemo(exchanges: readonly Exchange[]): Promise<Demo> {
	const {Demo, DemoError} = await import('../traffic/demo.js');
	try {
		return await Demo.prepare(invoker(), say, exchanges);
	} catch (error) {
		throw error instanceof DemoError ? new NothingTraced(`demo traffic: ${error.message}`) : error;
	}
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Attaches; the exit code when a signal came meanwhile. */
async function attachUntilSignal(
	options: Options,
	selection: Selection,
	addon: Addon,
	tasks: Tasks,
): Promise<LiveCollector | number> {
	let code: number | undefined;
	const stop = (signal: NodeJS.Signals): void => {
		code = signalCode(signal);
		addon.cancel();
	};
	for (const signal of SIGNALS) process.on(signal, stop);
	// It takes a kernel seconds, and a person at a terminal wants to know what the wait is for.
	if (process.stderr.isTTY) say('attaching');
	try {
		const collector = await attach(options, selection, addon, tasks);
		if (code === undefined) return collector;
		collector.stop();
		return code;
	} catch (error) {
		if (code === undefined) throw error;
		return code;
	} finally {
		for (const signal of SIGNALS) process.off(signal, stop);
	}
}

class LiveRun {
	private readonly pipeline: Pipeline;
	private readonly lines;
	private readonly packets: ShownPackets | undefined;
	private readonly writer: SessionWriter | undefined;
	/** Records what is kept, where not everything is recorded as it comes. */
	private readonly kept: KeptRecorder | undefined;
	/** What was printed. */
	private blocks = 0;
	private events = 0;
	private failure: unknown;
	private end: (code: number) => void = () => {};

	constructor(
		private readonly options: Options,
		selection: Selection,
		private readonly addon: Addon,
		private readonly collector: LiveCollector,
		private readonly tasks: Tasks,
		private readonly output: Output,
		readonly record: Output | undefined,
		private readonly pcap: Pcap | undefined,
		private readonly demo: Demo | undefined,
	) {
		const {names, session} = this.collector;
		this.pipeline = new Pipeline(options.buffer, this.tasks, names, selection.rest, options.keep?.test);
		if (follows(options)) this.pipeline.followAccepted();
		pcap?.begin(names, this.pipeline.store);
		const world = options.format === 'json' && session.identity === '' ? this.pipeline.followPackets() : undefined;
		this.lines = printer(options, names, this.tasks, now, pcap?.beside, world, this.pipeline.keeper);
		if (world !== undefined) {
			const some = options.count !== Number.POSITIVE_INFINITY;
			this.packets = new ShownPackets(world.table, some, (slot) => this.output.text(this.lines.packet(slot)));
			this.packets.listen();
			// Nothing says of which block they are.
			if (!some) world.table.waits.onSocket = (wait) => this.output.text(this.lines.socketWait(wait));
		}
		const header = {session, options: recordedOptions(options), started: now()};
		this.writer = record === undefined ? undefined : new SessionWriter((bytes) => record.bytes(bytes), header, names);
		if (this.writer === undefined || options.keep === undefined) return;
		const kept = new KeptRecorder(this.writer, tasks);
		this.kept = kept;
		this.pipeline.onLife = (view, at) => kept.life(view, at);
	}

	async run(): Promise<number> {
		const {options, pipeline, output, lines} = this;
		giveUpRoot(this.addon);
		const ended = new Promise<number>((resolve) => {
			this.end = resolve;
		});
		pipeline.onEntry((entry) => {
			this.kept?.entry(entry);
			if (this.blocks >= options.count) return;
			output.text(lines.entry(entry));
			this.packets?.entry(entry);
			if (entry.kind === Kind.LOSS) return;
			this.blocks++;
			this.events += entry.records;
			if (this.blocks < options.count) return;
			this.pcap?.endLog();
			this.end(Exit.done);
		});
		for (const signal of SIGNALS) {
			process.on(signal, () => this.end(signalCode(signal)));
		}
		const {session} = this.collector;
		say(`tracing with ${session.backend} on ${session.kernel}, attached ${session.attached} of ${session.wanted}`);
		this.demo?.start();
		const ticking = setInterval(() => this.tick(), TICK);
		const limit =
			options.duration === Number.POSITIVE_INFINITY
				? undefined
				: setTimeout(() => this.end(Exit.done), options.duration * 1000);
		const code = await ended;
		clearTimeout(limit);
		clearInterval(ticking);
		this.collector.pause();
		this.pcap?.pause();
		await new Promise((resolve) => setTimeout(resolve, GRACE));
		await this.pcap?.settle();
		return this.finish(code);
	}

	private tick(last = false): void {
		try {
			this.collector.drain((bytes, length) => {
				if (this.kept === undefined) this.writer?.records(bytes, 0, length);
				if (this.pcap === undefined) this.pipeline.push(bytes, 0, length);
				else this.pcap.records(bytes, length);
			});
			this.pcap?.release((bytes) => this.pipeline.push(bytes, 0, bytes.length), last);
			this.packets?.turn();
			this.output.flush();
		} catch (error) {
			this.failure ??= error;
			this.end(error instanceof OutputClosed ? Exit.done : Exit.cannot);
		}
	}

	/** The last records, the totals, and everything let go. */
	private finish(code: number): number {
		const {collector, pipeline} = this;
		collector.stop();
		if (this.failure === undefined) this.tick(true);
		if (this.failure === undefined) {
			try {
				this.packets?.end();
				pipeline.flush();
				this.packets?.finish();
				this.output.text(this.lines.end(this.blocks, this.events, collector.counters(), collector.stats()));
				this.output.flush();
				const counters = collector.counters();
				const ended = now();
				this.writer?.end({ended, counters, stats: collector.stats()});
			} catch (error) {
				this.failure = error;
			}
		}
		try {
			this.pcap?.finish();
		} catch (error) {
			this.failure ??= error;
		}
		for (const line of keptLines(pipeline.keeper, pipeline.store)) say(line);
		say(summary(this.collector, pipeline.builder, this.blocks, this.events));
		if (this.failure === undefined || this.failure instanceof OutputClosed) return code;
		if (this.failure instanceof ExitError) throw this.failure;
		throw this.failure;
	}
}
