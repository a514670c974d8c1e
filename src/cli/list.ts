/** `pkttop list`: every trace point by group, and what this kernel has of it. Needs no root: it attaches nothing. */
import {release} from 'node:os';
import {GROUPS} from '../catalogue/catalogue.js';
import {DEFAULT_SET} from '../catalogue/functions.js';
import {PRESETS} from '../catalogue/presets.js';
import type {Row} from '../catalogue/row.js';
import {loadAddon} from '../collector/native.js';
import {cannot, Exit} from './exit.js';

/** One trace point as `--json` prints it. */
export interface Listed {
	readonly group: string;
	readonly kind: Row['kind'];
	/** Its name on this kernel, or else the first that it may have. */
	readonly name: string;
	/** Its name in Linux 2.4; left out where there was nothing like it. */
	readonly classic?: string;
	readonly default: boolean;
	readonly state: 'ok' | 'renamed' | 'rare' | 'missing' | 'gone';
	/** Why it is not simply ok. */
	readonly why?: string;
}

/** Whether the kernel has a function or tracepoint of that name. */
export type Has = (kind: 'function' | 'tracepoint', name: string) => boolean;

/** Prints the list: a table, or one JSON object a line. Throws ExitError (1) where the kernel's BTF cannot be read. */
export function list(format: 'plain' | 'json'): number {
	const listed = listing(kernel());
	process.stdout.write(
		format === 'json' ? listed.map((one) => `${JSON.stringify(one)}\n`).join('') : table(listed, release()),
	);
	return Exit.done;
}

function kernel(): Has {
	const rows = GROUPS.flatMap((group) => group.rows);
	const names = {
		function: rows.flatMap((row) => (row.kind === 'function' ? row.names : [])),
		tracepoint: rows.flatMap((row) => (row.kind === 'tracepoint' ? row.names : [])),
	};
	const {error, functions, tracepoints} = loadAddon().kernelHas(names.function, names.tracepoint);
	if (error !== '') throw cannot(error);
	const has = {
		function: new Set(names.function.filter((_, i) => functions[i])),
		tracepoint: new Set(names.tracepoint.filter((_, i) => tracepoints[i])),
	};
	return (kind, name) => has[kind].has(name);
}

/** Every row of the catalogue on a kernel. */
export function listing(has: Has): Listed[] {
	const byDefault = new Set(DEFAULT_SET.map(({names: [name]}) => name));
	return GROUPS.flatMap(({name: group, rows}) =>
		rows.map((row) => {
			const {kind, classic, names} = row;
			const found = kind === 'function' || kind === 'tracepoint' ? names.find((name) => has(kind, name)) : names[0];
			const name = kind === 'gone' ? (classic ?? '') : (found ?? names[0] ?? '');
			return {
				group,
				kind,
				name,
				...(classic === undefined ? {} : {classic}),
				default: kind === 'function' && byDefault.has(names[0]),
				...state(row, found),
			};
		}),
	);
}

function state({kind, names, rare, note}: Row, found: string | undefined): Pick<Listed, 'state' | 'why'> {
	if (kind === 'gone')
		return {state: 'gone', why: names.length > 0 ? `now ${names.join(' or ')}` : 'nothing is like it now'};
	if (found === undefined) {
		const others = names.length > 1 ? `, nor ${names.slice(1).join(', ')}` : '';
		return {state: 'missing', why: `this kernel has no ${names[0]}${others} (inlined, renamed, or in a module)`};
	}
	const renamed = found === names[0] ? '' : `instead of ${names[0]}`;
	if (rare)
		return {state: 'rare', why: [renamed, note ?? 'it hardly ever runs'].filter((part) => part !== '').join('; ')};
	return renamed === '' ? {state: 'ok'} : {state: 'renamed', why: renamed};
}

/** Aligned by columns, a heading for each group. `*` marks the default set. */
export function table(listed: readonly Listed[], kernelRelease: string): string {
	const width = (of: (one: Listed) => string) => Math.max(...listed.map((one) => of(one).length));
	const [name, classic] = [width((one) => one.name), width((one) => one.classic ?? '-')];
	let text = `kernel ${kernelRelease}: what its BTF has; whether it can be attached is not tried (pkttop doctor tries)
* is in the default set; -g takes a group, or a preset: ${PRESETS.map((one) => one.name).join(', ')}\n`;
	for (const {name: group, about} of GROUPS) {
		text += `\n${group}: ${about}\n`;
		for (const one of listed.filter((row) => row.group === group)) {
			const mark = one.default ? '*' : ' ';
			const columns = `${mark} ${one.name.padEnd(name)}  ${(one.classic ?? '-').padEnd(classic)}  ${one.state.padEnd(7)}`;
			text += `${`${columns}  ${one.why ?? ''}`.trimEnd()}\n`;
		}
	}
	return text;
}
