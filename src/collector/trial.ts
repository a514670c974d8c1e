/** Trying: what this kernel really lets be attached, for an instant and with nothing recorded. */
import {type TracePoint, traceablePoint} from '../catalogue/functions.js';
import {MARKS} from '../catalogue/marks.js';
import {MARK_KINDS, type MarkKind} from '../catalogue/row.js';
import type {Points} from '../catalogue/selection.js';
import {compileFilter} from '../trace/filter/compile.js';
import {parseFilter} from '../trace/filter/parse.js';
import {Tasks} from '../trace/tasks.js';
import type {KernelFacts} from './kernel-facts.js';
import {LiveCollector, TraceError} from './live.js';
import {type Addon, BACKENDS, type Backend} from './native.js';

/** What is tried: `auto` is no backend of its own. */
export const TRIED = BACKENDS.filter((backend) => backend !== 'auto');
export type Tried = Exclude<Backend, 'auto'>;

/** Backends for functions, best first, and those of them that know a function by its type, which copies have not. */
const FUNCTION_BACKENDS = TRIED.filter((backend) => backend !== 'tracepoint');
const TYPED: ReadonlySet<Backend> = new Set(['fsession', 'fentry']);

/** A function that every kernel since 5.10 has, under a name that is no copy, and whose arguments are plain. */
const COMMON: TracePoint = {names: ['ip_rcv', 'tcp_v4_rcv', '__dev_queue_xmit'], group: 'ip_rcv'};

/** No process has this number: nothing passes the filter. */
const NOBODY = 0x7fffffff;

export interface Trial {
	readonly backend: Tried;
	readonly ok: boolean;
	/** One line: what was attached, or why nothing. */
	readonly why: string;
	/** How long attaching took, left out where nothing was attached. */
	readonly attachMs?: number;
}

interface Attempt {
	readonly error: string;
	readonly attachMs: number;
	/** One for each function and mark, in their order: undefined where it was attached, else why not. */
	readonly outcomes: readonly {readonly name: string; readonly why: string | undefined}[];
}

/** Attaches, and lets go at once: the addon has one capture at a time. */
async function attempt(addon: Addon, backend: Tried, points: Points): Promise<Attempt> {
	try {
		const filter = compileFilter(parseFilter(''), {pid: NOBODY}).bytes;
		const {session} = await LiveCollector.start(addon, backend, filter, '', new Tasks(), points, false, {
			measure: false,
			correct: false,
		});
		addon.stop();
		const outcomes = session.functions.map(({name, why}) => ({name, why}));
		return {error: '', attachMs: session.attachMs, outcomes};
	} catch (error) {
		if (!(error instanceof TraceError)) throw error;
		return {error: error.message, attachMs: 0, outcomes: []};
	}
}

const onlyFunctions = (functions: readonly TracePoint[]): Points => ({functions, marks: [], alone: []});

/** Tries one backend: with one function, or with all marks. Needs root. */
export async function tryBackend(addon: Addon, backend: Tried): Promise<Trial> {
	const marks = backend === 'tracepoint';
	const points = marks ? {functions: [], marks: [], alone: MARKS} : onlyFunctions([COMMON]);
	const {error, attachMs, outcomes} = await attempt(addon, backend, points);
	if (error !== '') return {backend, ok: false, why: error};
	const attached = outcomes.filter(({why}) => why === undefined);
	const what = marks ? `${attached.length} of ${outcomes.length} marks` : attached[0]?.name;
	const refused = outcomes.find(({why}) => why !== undefined);
	const but = refused === undefined ? '' : `; ${refused.name}: ${refused.why}`;
	return {backend, ok: true, why: `attached ${what} in ${attachMs} ms${but}`, attachMs};
}

/** By what each function and mark of the catalogue can be attached. */
export interface Reach {
	/** The best backend; undefined: none. */
	of(kind: 'function' | MarkKind, name: string): Tried | undefined;
	/** Why there is none for most of this kind; '' where there is one. */
	why(kind: 'function' | MarkKind): string;
	/** Backends that took something. */
	readonly working: readonly Tried[];
}

/**
 * Tries the backends for functions in their order with one plain function, which stands for all of its kind, and with every
 * function that is not plain until one takes it; then a mark of each kind. Needs root.
 */
export async function tryAll(addon: Addon, facts: KernelFacts): Promise<Reach> {
	const found = new Map<string, Tried>();
	const working = new Set<Tried>();
	let plain: Tried | undefined;
	const refusedBy: string[] = [];
	const open = new Set(special(facts));
	for (const backend of FUNCTION_BACKENDS) {
		const names = [...open].filter((name) => !name.includes('.') || !TYPED.has(backend));
		const points = [...(plain === undefined ? [COMMON] : []), ...names.map(traceablePoint)];
		if (points.length === 0) continue;
		const {error, outcomes} = await attempt(addon, backend, onlyFunctions(points));
		if (plain === undefined && error === '' && outcomes[0]?.why === undefined) plain = backend;
		if (error !== '') refusedBy.push(`${backend}: ${error}`);
		for (const {name, why: refused} of outcomes) {
			if (refused !== undefined) continue;
			working.add(backend);
			if (open.delete(name)) found.set(name, backend);
		}
	}
	const samples = MARK_KINDS.flatMap((kind) => MARKS.filter((mark) => mark.kind === kind).slice(-1));
	const {error, outcomes} = await attempt(addon, 'tracepoint', {functions: [], marks: [], alone: samples});
	const refusal = (kind: MarkKind): string => {
		const sample = samples.find((mark) => mark.kind === kind)?.name;
		return error || (outcomes.find(({name}) => name === sample)?.why ?? '');
	};
	const refusals = {
		function: plain === undefined ? telling(refusedBy) : '',
		tracepoint: refusal('tracepoint'),
		hook: refusal('hook'),
		handler: refusal('handler'),
	};
	if (error === '') working.add('tracepoint');
	return {
		of: (kind, name) => {
			if (kind !== 'function') return refusals[kind] === '' ? 'tracepoint' : undefined;
			return facts.functions.get(name) === true ? plain : found.get(name);
		},
		why: (kind) => refusals[kind],
		working: TRIED.filter((backend) => working.has(backend)),
	};
}

/** The refusal that says most: that a kernel is too old for a backend says nothing about the others. */
function telling(refusals: readonly string[]): string {
	return refusals.find((one) => !/Invalid argument$|this kernel does not have it$/.test(one)) ?? refusals[0] ?? '';
}

/** Functions of this kernel that not every backend takes: odd arguments, or a compiler's copy. */
function special({functions, symbols, probeable}: KernelFacts): string[] {
	const odd = [...functions].filter(([name, plain]) => !plain && traceablePoint(name).group !== 'other');
	const copies = [...(symbols ?? [])].filter((name) => traceablePoint(name).hidden !== undefined && name.includes('.'));
	return [...odd.map(([name]) => name), ...copies].filter((name) => probeable?.has(name) ?? true);
}
