/** The shape of a trace: blocks, and calls in calls. */
import assert from 'node:assert/strict';
import type {Line, Trace} from './pkttop.js';

/** The lines of each block, in their order; marks outside any are in none. */
export function blocksOf(lines: readonly Line[]): Line[][] {
	const blocks = new Map<number, Line[]>();
	for (const line of lines) {
		if (line.block === undefined || !['call', 'mark', 'drop'].includes(line.type)) continue;
		const block = blocks.get(line.block) ?? [];
		block.push(line);
		blocks.set(line.block, block);
	}
	return [...blocks.values()];
}

/** Every call has its end or is open, lies inside the call around it, and its self time is what is left of it. */
export function checkStructure({calls, lines}: Trace): void {
	for (const block of blocksOf(lines)) {
		const around: Line[] = [];
		let last = 0;
		assert.equal(block[0]?.depth, 0);
		for (const line of block) {
			const begin = line.at ?? line.begin;
			assert.ok(line.depth <= around.length, `${line.fn} at depth ${line.depth} below ${around.length} calls`);
			around.length = line.depth;
			assert.ok(begin >= last, `${line.fn} began before the line before it`);
			last = begin;
			const parent = around.at(-1);
			if (parent?.end !== undefined) {
				assert.ok(begin >= parent.begin && (line.end ?? begin) <= parent.end, `${line.fn} is not inside ${parent.fn}`);
			}
			if (line.type === 'call') around.push(line);
			if (line.end !== undefined) {
				assert.equal(line.end - line.begin, line.duration);
				assert.ok((line.self ?? -1) >= 0 && (line.self as number) <= (line.duration as number), `self of ${line.fn}`);
			}
		}
	}
	assert.ok(calls.every(({end, duration}) => (end === undefined) === (duration === undefined)));
}

/** How often each call stood directly inside which other, as "around > inside"; what stands alone as "> inside". */
export function nesting({lines}: Trace, wanted: (line: Line) => boolean): Map<string, number> {
	const found = new Map<string, number>();
	for (const block of blocksOf(lines)) {
		const around: Line[] = [];
		for (const line of block) {
			around.length = line.depth;
			if (line.type !== 'call') continue;
			if (wanted(line)) {
				const pair = `${around.at(-1)?.fn ?? ''} > ${line.fn}`.trim();
				found.set(pair, (found.get(pair) ?? 0) + 1);
			}
			around.push(line);
		}
	}
	return new Map([...found].sort());
}
