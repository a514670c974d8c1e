/** `pkttop list`: every trace point by group, and what this kernel has of it. Root is also told what takes it. */
import {release} from 'node:os';
import {GROUPS} from '../catalogue/catalogue.js';
import {PRESETS} from '../catalogue/presets.js';
import {kernelFacts} from '../collector/kernel-facts.js';
import {loadAddon} from '../collector/native.js';
import {type Reach, tryAll} from '../collector/trial.js';
import {cannot, Exit} from './exit.js';
import {type Listed, listing} from './listing.js';
import type {Options} from './options.js';
import {print} from './output.js';

/** Prints the list: a table, or one JSON object a line. Throws ExitError (1) where the kernel's BTF cannot be read. */
export async function list(format: Options['format']): Promise<number> {
	const addon = loadAddon();
	const facts = kernelFacts(addon);
	if ('error' in facts) throw cannot(facts.error);
	const reach = process.getuid?.() === 0 ? await tryAll(addon, facts) : undefined;
	const listed = listing(facts, reach);
	print(format === 'json' ? listed.map((one) => `${JSON.stringify(one)}\n`).join('') : table(listed, release(), reach));
	return Exit.done;
}

const HEADINGS = ['kernel function', 'Linux 2.4', 'backend', 'state', 'why'] as const;

/** Aligned by columns, a heading for each group. `*` marks the default set. @param reach undefined: nothing was tried. */
export function table(listed: readonly Listed[], kernel: string, reach: Reach | undefined): string {
	const cells = new Map(listed.map((one) => [one, columns(one, reach !== undefined)]));
	const rows = [HEADINGS, ...cells.values()];
	const widths = HEADINGS.map((_, i) =>
		i < HEADINGS.length - 1 ? Math.max(...rows.map((row) => row[i]?.length ?? 0)) : 0,
	);
	const line = (mark: string, row: readonly string[]) =>
		`${`${mark} ${row.map((text, i) => text.padEnd(widths[i] ?? 0)).join('  ')}`.trimEnd()}\n`;
	let text = `kernel ${kernel}: ${found(reach)}\n* is in the default set; -g takes a group, or a preset:\n`;
	text += `${folded(PRESETS.map((one) => one.name))}\n${line(' ', HEADINGS)}`;
	for (const {name: group, about} of GROUPS) {
		text += `\n${group}: ${about}\n`;
		for (const [one, row] of cells) if (one.group === group) text += line(one.default ? '*' : ' ', row);
	}
	return text;
}

function columns({name, classic = '-', backend, state, why = ''}: Listed, tried: boolean): readonly string[] {
	// What is not there has no backend; of the rest nothing is known before it was tried.
	const there = state === 'ok' || state === 'renamed' || state === 'rare';
	return [name, classic, backend ?? (tried || !there ? '-' : '?'), state, why];
}

function found(reach: Reach | undefined): string {
	if (reach === undefined) return 'what it has; sudo pkttop list also tells what it lets be attached, and how';
	const {working} = reach;
	return working.length === 0 ? 'it lets nothing be attached (pkttop doctor tells why)' : `by ${working.join(', ')}`;
}

const WIDTH = 80;

/** Names by comma, on lines that are indented. */
function folded(names: readonly string[]): string {
	let text = '';
	let line = ' ';
	for (const [i, name] of names.entries()) {
		const word = i < names.length - 1 ? `${name},` : name;
		if (line.length + 1 + word.length > WIDTH) {
			text += `${line}\n`;
			line = ' ';
		}
		line += ` ${word}`;
	}
	return `${text}${line}\n`;
}
