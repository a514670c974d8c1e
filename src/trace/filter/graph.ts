/** A formula as a graph of tests with two ways on from each, and what makes it small. As libpcap's optimizer, in little. */
import type {Formula, Test} from './program.js';

/** FILTER_ACCEPT and FILTER_REJECT of bpf/control.h. */
export const ACCEPT = 0xff;
export const REJECT = 0xfe;

export type Target = Node | typeof ACCEPT | typeof REJECT;

export interface Node {
	readonly test: Test;
	yes: Target;
	no: Target;
}

export interface Graph {
	readonly root: Target;
	/** Those that can be reached, each before the nodes it leads to. */
	readonly nodes: readonly Node[];
}

/** The graph of a formula, as it was written. */
export function graphOf(formula: Formula): Graph {
	const made: Node[] = [];
	const build = (part: Formula, yes: Target, no: Target): Target => {
		switch (part.kind) {
			case 'and':
				return part.operands.reduceRight<Target>((next, operand) => build(operand, next, no), yes);
			case 'or':
				return part.operands.reduceRight<Target>((next, operand) => build(operand, yes, next), no);
			case 'not':
				return build(part.operand, no, yes);
			case 'test': {
				const node = {test: part, yes, no};
				made.push(node);
				return node;
			}
		}
	};
	const root = build(formula, ACCEPT, REJECT);
	return {root, nodes: made.reverse()};
}

/** The first `count` nodes; where the graph went on to others, it accepts. */
export function cut({root, nodes}: Graph, count: number): Graph {
	if (nodes.length <= count) return {root, nodes};
	const kept = nodes.slice(0, count);
	const inside = new Set<Target>([...kept, ACCEPT, REJECT]);
	for (const node of kept) {
		if (!inside.has(node.yes)) node.yes = ACCEPT;
		if (!inside.has(node.no)) node.no = ACCEPT;
	}
	return prune({root, nodes: kept});
}

/** What is known where a test is reached. */
type Facts = readonly {readonly test: Test; readonly holds: boolean}[];

/** Leads every way past the tests whose outcome is known on it, and drops the tests that nothing leads to any more. */
export function thread({root, nodes}: Graph): Graph {
	const known = new Map<Target, Facts>([[root, []]]);
	for (const node of nodes) {
		const before = known.get(node);
		if (before === undefined) continue;
		const follow = (target: Target, holds: boolean): Target => {
			const facts = [...before, {test: node.test, holds}];
			let end = target;
			while (typeof end !== 'number') {
				const outcome = decide(facts, end.test);
				if (outcome === undefined) break;
				end = outcome ? end.yes : end.no;
			}
			if (typeof end === 'number') return end;
			const others = known.get(end);
			known.set(end, others ? others.filter(({test, holds}) => decide(facts, test) === holds) : facts);
			return end;
		};
		node.yes = follow(node.yes, true);
		node.no = follow(node.no, false);
	}
	return prune({root, nodes});
}

/** Drops the tests that make no difference and those that nothing leads to. */
function prune(graph: Graph): Graph {
	const same = (target: Target): Target =>
		typeof target !== 'number' && target.yes === target.no ? target.yes : target;
	for (const node of graph.nodes.toReversed()) {
		node.yes = same(node.yes);
		node.no = same(node.no);
	}
	const root = same(graph.root);
	const reached = new Set<Target>([root]);
	const nodes = graph.nodes.filter((node) => {
		if (!reached.has(node)) return false;
		reached.add(node.yes).add(node.no);
		return true;
	});
	return {root, nodes};
}

/** Whether a test must hold or cannot, given the facts; undefined: it may. */
function decide(facts: Facts, test: Test): boolean | undefined {
	for (const {test: other, holds} of facts) {
		if (other.at !== test.at) continue;
		if (holds && implies(other, test)) return true;
		if (holds ? excludes(other, test) : implies(test, other)) return false;
	}
	return undefined;
}

const covers = (test: Test, lo: number, hi: number): boolean => test.lo <= lo && hi <= test.lo + test.span;

/** `a` asks for one value of at least all the bits that `b` looks at. */
const fixes = (a: Test, b: Test): boolean => a.span === 0 && (a.mask & b.mask) >>> 0 === b.mask;

/** Both of the same word. */
function implies(a: Test, b: Test): boolean {
	if (a.mask === b.mask) return covers(b, a.lo, a.lo + a.span);
	const value = (a.lo & b.mask) >>> 0;
	return fixes(a, b) && covers(b, value, value);
}

function excludes(a: Test, b: Test): boolean {
	if (a.mask === b.mask) return a.lo + a.span < b.lo || b.lo + b.span < a.lo;
	if (fixes(a, b)) return !implies(a, b);
	if (fixes(b, a)) return !implies(b, a);
	return a.span === 0 && b.span === 0 && ((a.lo ^ b.lo) & a.mask & b.mask) !== 0;
}
