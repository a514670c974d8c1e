/** The filter for the kernel: struct filter of bpf/control.h. */

import {PACKET} from '../record.js';
import type {Expression, Narrowing} from './expression.js';
import {ACCEPT, cut, type Graph, graphOf, type Node, REJECT, type Target, thread} from './graph.js';
import {formulaOf} from './program.js';

/** Of bpf/control.h. */
export const MAX_TESTS = 32;
export const TEST_SIZE = 16;
/** Byte offsets of struct filter and of struct test. */
export const FilterAt = {pid: 0, netns: 4, device: 8, count: 24, test: 32} as const;
export const TestAt = {at: 0, yes: 2, no: 3, mask: 4, lo: 8, span: 12} as const;
export const FILTER_SIZE = FilterAt.test + MAX_TESTS * TEST_SIZE;

/** Bytes of a device's name, NUL included (IFNAMSIZ). */
const NAME_SIZE = 16;

/** What is optimized at most: much more than ever fits, little enough to be done in the time of a key press. */
const MAX_NODES = 256;

export interface CompiledFilter {
	/** struct filter, FILTER_SIZE bytes. */
	readonly bytes: Uint8Array;
	/** False: not all fits; the kernel lets through more, never less, and compilePredicate() must decide. */
	readonly exact: boolean;
}

/** The expression and the narrowing for the kernel. What does not fit is left out so that more matches. */
export function compileFilter(expression: Expression, narrowing: Narrowing = {}): CompiledFilter {
	const {device, netns = 0, pid = 0} = narrowing;
	const bytes = new Uint8Array(FILTER_SIZE);
	const view = new DataView(bytes.buffer);
	const name = new TextEncoder().encode(device);
	view.setUint32(FilterAt.pid, pid, true);
	view.setUint32(FilterAt.netns, netns, true);
	// No device has a name that long.
	if (name.length >= NAME_SIZE) {
		encode(view, {root: REJECT, nodes: []});
		return {bytes, exact: true};
	}
	bytes.set(name, FilterAt.device);
	const whole = graphOf(formulaOf(expression));
	const small = thread(cut(whole, MAX_NODES));
	encode(view, cut(small, MAX_TESTS));
	// Zero and '' are asked for by nobody, but if they are: to the kernel they mean all.
	const said = narrowing.pid !== 0 && narrowing.netns !== 0 && device !== '';
	return {bytes, exact: said && whole.nodes.length <= MAX_NODES && small.nodes.length <= MAX_TESTS};
}

const NEVER: Node = {test: {kind: 'test', at: PACKET, mask: 0, lo: 0, span: 0}, yes: REJECT, no: REJECT};

function encode(view: DataView, {root, nodes}: Graph): void {
	if (root === ACCEPT) return;
	const index = new Map(nodes.map((node, i) => [node, i]));
	const number = (target: Target): number => (typeof target === 'number' ? target : index.get(target)!);
	const program: readonly Node[] = root === REJECT ? [NEVER] : nodes;
	for (const [i, {test, yes, no}] of program.entries()) {
		const at = FilterAt.test + i * TEST_SIZE;
		view.setUint16(at + TestAt.at, test.at - PACKET, true);
		view.setUint8(at + TestAt.yes, number(yes));
		view.setUint8(at + TestAt.no, number(no));
		view.setUint32(at + TestAt.mask, test.mask, true);
		view.setUint32(at + TestAt.lo, test.lo, true);
		view.setUint32(at + TestAt.span, test.span, true);
	}
	view.setUint32(FilterAt.count, program.length, true);
}
