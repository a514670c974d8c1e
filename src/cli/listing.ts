/** What a kernel has of each row of the catalogue: states from facts, read and tried elsewhere. */
import {GROUPS} from '../catalogue/catalogue.js';
import {denied} from '../catalogue/denied.js';
import {DEFAULT_SET} from '../catalogue/functions.js';
import type {MarkKind, Row} from '../catalogue/row.js';
import type {KernelFacts} from '../collector/kernel-facts.js';
import {plain} from '../collector/kernel-texts.js';
import type {Reach} from '../collector/trial.js';

/**
 * `rare`: it attaches and hardly ever runs. `module`: its module is not loaded. `inlined`: the compiler left nothing of that
 * name that could be probed. `refused`: it is there and the kernel does not let it be attached.
 */
export type State = 'ok' | 'renamed' | 'rare' | 'module' | 'inlined' | 'missing' | 'refused' | 'gone';

/** One trace point as `--json` prints it. */
export interface Listed {
	readonly group: string;
	readonly kind: Row['kind'];
	/** Its name on this kernel, or else the first that it may have. */
	readonly name: string;
	/** Its name in Linux 2.4; left out where there was nothing like it. */
	readonly classic?: string;
	readonly default: boolean;
	/** What it is attached by; left out where nothing takes it, or nothing was tried. */
	readonly backend?: string;
	readonly state: State;
	/** Why it is not simply ok. */
	readonly why?: string;
}

/** What is said of one row beside its names. */
interface Judged extends Pick<Listed, 'backend' | 'state' | 'why'> {
	/** Its name on this kernel. */
	readonly name?: string;
}

/** Every row of the catalogue on a kernel. @param reach undefined: nothing was tried. */
export function listing(facts: KernelFacts, reach: Reach | undefined): Listed[] {
	const byDefault = new Set(DEFAULT_SET.map(({names: [name]}) => name));
	return GROUPS.flatMap(({name: group, rows}) =>
		rows.map((row) => {
			const {kind, classic, names} = row;
			const {name = names[0] ?? '', ...rest} = judge(row, facts, reach);
			return {
				group,
				kind,
				name: kind === 'gone' ? (classic ?? '') : name,
				...(classic === undefined ? {} : {classic}),
				default: kind === 'function' && byDefault.has(names[0]),
				...rest,
			};
		}),
	);
}

function judge(row: Row, facts: KernelFacts, reach: Reach | undefined): Judged {
	const {kind, names} = row;
	if (kind === 'gone')
		return {state: 'gone', why: names.length > 0 ? `now ${names.join(' or ')}` : 'nothing is like it now'};
	const present = names.filter((name) => has(row, name, facts));
	const usable = present.find((name) => refusal(kind, name, facts, reach) === undefined);
	if (usable !== undefined) return {...traced(row, usable), ...backend(reach?.of(kind, usable))};
	const [first] = present;
	if (first !== undefined) return {name: first, state: 'refused', why: refusal(kind, first, facts, reach) ?? ''};
	return kind === 'function' ? absentFunction(row, facts) : absentMark(row);
}

const backend = (name: string | undefined) => (name === undefined ? {} : {backend: name});

/** Whether the kernel has something of that name which pkttop knows how to read. */
function has({kind, hidden, module}: Row, name: string, facts: KernelFacts): boolean {
	if (kind === 'tracepoint') return facts.tracepoints.has(name);
	if (kind === 'hook') return facts.hooks;
	if (kind === 'handler') return true;
	const symbol = facts.symbols?.has(name) ?? false;
	// BTF may describe under its plain name what the compiler has left as a copy only.
	if (facts.functions.has(name)) return symbol || facts.symbols === undefined;
	if (name.includes('.')) return symbol && hidden !== undefined;
	// Without root the addon is not told what is in a module's BTF; a symbol and the BTF's presence say as much.
	return symbol && module !== undefined && facts.modulesWithBtf.has(module);
}

function refusal(
	kind: 'function' | MarkKind,
	name: string,
	facts: KernelFacts,
	reach: Reach | undefined,
): string | undefined {
	const never = kind === 'function' ? denied(name) : undefined;
	if (never !== undefined) return `it must not be probed: ${never}`;
	if (kind === 'function' && facts.probeable?.has(name) === false) return 'the kernel does not let it be probed';
	if (reach === undefined || reach.of(kind, name) !== undefined) return undefined;
	return reach.why(kind) || 'no backend takes it';
}

function traced({names, rare, note}: Row, name: string): Judged {
	const renamed = name === names[0] ? [] : [`instead of ${names[0]}`];
	if (rare) return {name, state: 'rare', why: [...renamed, note ?? 'It hardly ever runs.'].join('; ')};
	return renamed.length === 0 ? {name, state: 'ok'} : {name, state: 'renamed', why: renamed.join('')};
}

function absentMark({kind, names: [name], absent}: Row): Judged {
	const what = kind === 'hook' ? 'this kernel has no netfilter programs' : `this kernel has no tracepoint ${name}`;
	return {state: 'missing', why: absent ?? what};
}

function absentFunction({names, module, absent}: Row, {symbols, modules}: KernelFacts): Judged {
	if (module !== undefined && !modules.has(module))
		return {state: 'module', why: `module ${module} is not loaded (modprobe ${module})`};
	if (absent !== undefined) return {state: 'missing', why: absent};
	const all = names.join(', nor ');
	if (symbols === undefined) return {state: 'missing', why: `this kernel has no ${all}`};
	if (names.some((name) => symbols.has(name))) {
		const where = module === undefined ? 'the kernel' : `module ${module}`;
		return {state: 'missing', why: `BTF does not describe it, though ${where} has it`};
	}
	const plains = new Set(names.map(plain));
	const copy = [...symbols].find((symbol) => plains.has(plain(symbol)));
	if (copy !== undefined) return {state: 'inlined', why: `inlined, or in the compiler's copy ${copy}`};
	return {state: 'inlined', why: `this kernel has no ${all}: inlined into its callers, or not built`};
}
