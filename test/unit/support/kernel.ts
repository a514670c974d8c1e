/**
 * A model of the kernel side: runs random steps on several stacks, keeps the true call trees, and sends the records that the
 * BPF programs would send, in their order.
 */
import fc from 'fast-check';
import {Context, Flag, Kind} from '../../../src/trace/record.js';
import {makeRecord, type RecordFields} from './records.js';

/** What really happened. */
export interface Truth {
	readonly kind: number;
	readonly fn: number;
	readonly begin: number;
	/** -1: not known. */
	duration: number;
	readonly depth: number;
	readonly children: Truth[];
	/** ns of softirqs on top of it. */
	onTop: number;
	/** The block it ran on top of: its root. */
	readonly under: Truth | undefined;
	announced: boolean;
}

export interface Step {
	readonly action: 'enter' | 'exit' | 'skip-exit' | 'mark' | 'sleep' | 'softirq';
	/** Which task, or which CPU's interrupt stack. */
	readonly task: number;
	readonly interrupt: boolean;
	readonly fn: number;
	readonly elapse: number;
}

interface KernelStack {
	readonly frames: Truth[];
	/** Of an interrupt stack: the task it runs on top of. */
	over: number;
}

export const TASKS = 5;
export const CPUS = 2;
/** The last tasks are the idle tasks of the CPUs. */
const tidOf = (task: number) => (task >= TASKS - CPUS ? 0 : 100 + task);
const cpuOf = (task: number) => task % CPUS;

/** What may happen next. @param fns how many functions there are. */
export const anyStep = (fns: number): fc.Arbitrary<Step> =>
	fc.record({
		action: fc.constantFrom(
			'enter',
			'enter',
			'enter',
			'exit',
			'exit',
			'skip-exit',
			'mark',
			'sleep',
			'softirq',
			'softirq',
		),
		task: fc.nat(TASKS - 1),
		interrupt: fc.boolean(),
		fn: fc.nat(fns - 1),
		elapse: fc.integer({min: 1, max: 3000}),
	});

export class Kernel {
	readonly records: Uint8Array[] = [];
	/** Finished blocks and marks outside any call, in the order in which they are complete. */
	readonly done: Truth[] = [];
	private readonly tasks: KernelStack[] = Array.from({length: TASKS}, () => ({frames: [], over: -1}));
	private readonly interrupts: KernelStack[] = Array.from({length: CPUS}, () => ({frames: [], over: -1}));

	/** @param now clock at the start, ns. */
	constructor(private now = 1_000) {}

	run(step: Step): void {
		this.now += step.elapse;
		const cpu = step.task % CPUS;
		const interrupt = step.interrupt ? this.interrupts[cpu] : undefined;
		if (step.action === 'softirq') this.softirq(step.task, step.fn);
		else if (interrupt !== undefined) {
			// Only a softirq that has begun goes on; its first call is entered by 'softirq'.
			if (interrupt.frames.length > 0 && step.action !== 'sleep') this.act(interrupt, step, interrupt.over, true);
		} else if (this.interrupts[cpuOf(step.task)]?.over !== step.task) {
			this.act(this.tasks[step.task] as KernelStack, step, step.task, false);
		}
	}

	/** Ends what runs on the interrupt stacks; then every task ends its calls, or falls asleep in them. */
	stop(asleep: boolean): void {
		const step = (action: Step['action']): Step => ({action, task: 0, interrupt: false, fn: 0, elapse: 0});
		for (const stack of this.interrupts) {
			while (stack.frames.length > 0) {
				this.now++;
				this.act(stack, step('exit'), stack.over, true);
			}
		}
		this.tasks.forEach((stack, task) => {
			if (asleep) this.act(stack, step('sleep'), task, false);
			while (!asleep && stack.frames.length > 0) {
				this.now++;
				this.act(stack, step('exit'), task, false);
			}
			const [root] = stack.frames;
			if (root !== undefined) this.done.push(root);
		});
	}

	private softirq(task: number, fn: number): void {
		const stack = this.interrupts[cpuOf(task)] as KernelStack;
		if (stack.frames.length > 0) return;
		stack.over = task;
		const below = this.tasks[task] as KernelStack;
		const frame = this.enter(stack, fn, below.frames[0]);
		frame.announced = true;
	}

	private act(stack: KernelStack, step: Step, task: number, interrupt: boolean): void {
		const depth = stack.frames.length;
		if (step.action === 'enter' && depth < 6) this.enter(stack, step.fn, undefined);
		else if (step.action === 'mark') {
			const mark: Truth = {...blank(Kind.MARK, step.fn, this.now, depth), duration: 0};
			this.send(mark, task, interrupt);
			if (depth === 0) this.done.push(mark);
			else stack.frames[depth - 1]?.children.push(mark);
		} else if (step.action === 'sleep') {
			for (const frame of stack.frames) {
				if (!frame.announced) this.send(frame, task, interrupt, {kind: Kind.OPEN, duration: 0});
				frame.announced = true;
			}
		} else if (step.action === 'exit' || step.action === 'skip-exit') {
			const frame = stack.frames.pop();
			if (frame === undefined) return;
			const known = step.action === 'exit';
			frame.duration = known ? this.now - frame.begin : -1;
			const under = interrupt && depth === 1 ? this.tasks[task]?.frames.at(-1) : undefined;
			if (under !== undefined && known) under.onTop += frame.duration;
			const flags = known ? 0 : Flag.END_UNKNOWN;
			this.send(frame, task, interrupt, {duration: known ? frame.duration : 0, flags, under: under ? under.fn + 1 : 0});
			if (depth > 1) return;
			this.done.push(frame);
			stack.over = -1;
		}
	}

	private enter(stack: KernelStack, fn: number, under: Truth | undefined): Truth {
		const frame: Truth = {...blank(Kind.CALL, fn, this.now, stack.frames.length), under};
		stack.frames.at(-1)?.children.push(frame);
		stack.frames.push(frame);
		return frame;
	}

	private send(what: Truth, task: number, interrupt: boolean, more: RecordFields = {}): void {
		this.records.push(
			makeRecord({
				kind: what.kind,
				fn: what.fn,
				tid: tidOf(task),
				cpu: cpuOf(task),
				begin: what.begin,
				duration: what.duration,
				depth: what.depth,
				context: interrupt ? Context.SOFTIRQ : Context.TASK,
				// Both sizes of record.
				...(what.fn % 2 === 0 ? {} : {src: new Array<number>(16).fill(what.fn)}),
				...more,
				flags: (more.flags ?? 0) | (interrupt ? Flag.IRQ_STACK : 0),
			}),
		);
	}
}

function blank(kind: number, fn: number, begin: number, depth: number): Truth {
	return {kind, fn, begin, duration: -1, depth, children: [], onTop: 0, under: undefined, announced: false};
}
