/** `-f PATTERN`: which functions of this kernel are meant. */
import {denied} from '../catalogue/denied.js';
import type {TracePoint} from '../catalogue/functions.js';
import {traceablePoint} from '../catalogue/functions.js';
import type {Points} from '../catalogue/selection.js';
import type {Addon, KernelFunction} from '../collector/native.js';
import {sanitize} from '../trace/text.js';
import {cannot, say, wrong} from './exit.js';
import {didYouMean} from './near.js';

/** bpf/control.h: a function number is below this; marks have some of them. */
const MOST = 4000;

/**
 * The functions of `chosen`, and those that the patterns mean, without repetition. A pattern that means nothing is said in
 * one line each. Throws ExitError (2) when there is nothing left to trace, (1) when the kernel's BTF cannot be read.
 */
export function withPatterns(patterns: readonly string[], chosen: Points | undefined, addon: Addon): Points {
	const {error, functions: found} = addon.kernelFunctions(patterns);
	if (error !== '') throw cannot(error);
	const points = new Map<string, TracePoint>();
	for (const point of chosen?.functions ?? []) points.set(point.names[0] as string, point);
	const given = points.size;
	const problems: string[] = [];
	for (const pattern of patterns) {
		const matching = found.filter(({name}) => matches(pattern, name));
		const usable = matching.filter(({name, usable}) => usable && denied(name) === undefined);
		const copy = matching.length === 0 ? traceablePoint(pattern) : undefined;
		if (copy?.hidden !== undefined && pattern.includes('.')) points.set(pattern, copy);
		else if (usable.length === 0) problems.push(problem(pattern, matching, addon));
		for (const {name} of usable) points.set(name, traceablePoint(name));
	}
	if (points.size > MOST) {
		const more = patterns.map((pattern) => `'${sanitize(pattern)}'`).join(' ');
		throw wrong(`-f ${more}: ${points.size - given} functions, at most ${MOST - given} can be traced at a time`);
	}
	const last = points.size === 0 ? problems.pop() : undefined;
	for (const line of problems) say(line);
	if (last !== undefined) throw wrong(last);
	return {functions: [...points.values()], marks: chosen?.marks ?? [], alone: chosen?.alone ?? []};
}

function problem(pattern: string, matching: readonly KernelFunction[], addon: Addon): string {
	const shown = `-f: '${sanitize(pattern)}'`;
	const refused = matching.find(({name}) => denied(name) !== undefined);
	const exact = !/[*?[]/.test(pattern);
	if (refused !== undefined) return `${shown} must not be probed: ${denied(refused.name)}`;
	if (matching.length > 0)
		return exact
			? `${shown} has no argument that tells about a packet or a socket`
			: `${shown}: none of the ${matching.length} functions it matches has a packet or a socket among its arguments`;
	if (!exact) return `${shown} matches no function of this kernel`;
	if (pattern.includes('.')) return `${shown} is a compiler's copy of a function, whose arguments nobody describes`;
	const names = addon
		.kernelFunctions(['*'])
		.functions.filter(({usable}) => usable)
		.map(({name}) => name);
	return `${shown} is no function of this kernel${didYouMean(pattern, names)}`;
}

/** As fnmatch(3), which the addon asks: `*`, `?` and `[…]`. */
function matches(pattern: string, name: string): boolean {
	const source = pattern
		.replace(/[.+^${}()|\\]/g, '\\$&')
		.replace(/\*/g, '.*')
		.replace(/\?/g, '.')
		.replace(/\[!/g, '[^');
	try {
		return new RegExp(`^${source}$`).test(name);
	} catch {
		return pattern === name;
	}
}
