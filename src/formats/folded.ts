/** Folded stacks, as flamegraph.pl and speedscope read them: `thread;context;outermost;…;innermost ns`, a line a stack. */
import type {Fold} from '../trace/fold.js';
import {Context} from '../trace/record.js';
import type {TracedFunction} from '../trace/session.js';

const CONTEXTS: Readonly<Record<number, string>> = {
	[Context.TASK]: 'task',
	[Context.SOFTIRQ]: 'softirq',
	[Context.HARDIRQ]: 'hardirq',
};

/** Two threads or functions whose names differ only in what cannot stand here are one stack, so lines are added up. */
export function foldedLines(fold: Fold, functions: readonly TracedFunction[]): string[] {
	const text = (number: number): string => {
		const label = fold.label(number);
		if ('thread' in label) return frame(label.thread);
		if ('context' in label) return CONTEXTS[label.context] ?? 'unknown';
		return frame(functions[label.fn]?.name ?? `function_${label.fn}`);
	};
	const times = new Map<string, number>();
	for (const {labels, time} of fold.stacks.all()) {
		const stack = labels.length === 0 ? '[other]' : labels.map(text).join(';');
		times.set(stack, (times.get(stack) ?? 0) + time);
	}
	return [...times].map(([stack, time]) => `${stack} ${BigInt(time)}\n`).sort();
}

/** As stackcollapse-perf.pl does: a semicolon separates frames, a blank the time. */
function frame(name: string): string {
	return name.replaceAll(';', ':').replace(/\s/gu, '_');
}
