/** Options that narrow what is traced: -i, --netns, -p and the filter. */
import {existsSync, statSync} from 'node:fs';
import {compileFilter} from '../trace/filter/compile.js';
import type {Expression, Narrowing} from '../trace/filter/expression.js';
import {parseFilter} from '../trace/filter/parse.js';
import {compilePredicate, type Predicate} from '../trace/filter/predicate.js';
import {cannot} from './exit.js';
import type {Options} from './options.js';

export interface Selection {
	readonly expression: Expression;
	readonly narrowing: Narrowing;
	/** struct filter for the kernel. */
	readonly filter: Uint8Array;
	/** What the kernel cannot decide, because the expression does not fit its table; undefined when it can. */
	readonly rest: Predicate | undefined;
}

/** Reads the filter and resolves names. Throws FilterError (2), ExitError (1) for a device or namespace that is not there. */
export function select(options: Options, live: boolean): Selection {
	const expression = parseFilter(options.filter);
	const narrowing: Narrowing = {
		...(options.interface === undefined ? {} : {device: live ? presentDevice(options) : options.interface}),
		...(options.netns === undefined ? {} : {netns: namespaceInode(options.netns)}),
		...(options.pid === undefined ? {} : {pid: live ? presentProcess(options.pid) : options.pid}),
	};
	const {bytes, exact} = compileFilter(expression, narrowing);
	return {expression, narrowing, filter: bytes, rest: exact ? undefined : compilePredicate(expression, narrowing)};
}

/** Of another namespace only its own processes see the devices, so there the name is taken as it is. */
function presentDevice({interface: name = '', netns}: Options): string {
	if (netns === undefined && !existsSync(`/sys/class/net/${name}`)) throw cannot(`there is no network device ${name}`);
	return name;
}

function presentProcess(pid: number): number {
	if (!existsSync(`/proc/${pid}`)) throw cannot(`there is no process ${pid}`);
	return pid;
}

/** The file of a namespace: of a name given by `ip netns add`, a process, or the path itself. */
export function namespacePath(name: string): string {
	return /^\d+$/.test(name) ? `/proc/${name}/ns/net` : name.includes('/') ? name : `/run/netns/${name}`;
}

/** Returns the inode number. */
function namespaceInode(name: string): number {
	const path = namespacePath(name);
	try {
		const {ino} = statSync(path);
		if (ino > 0 && ino <= 0xffffffff) return ino;
	} catch {
		// falls through: the same line for all that is no namespace
	}
	throw cannot(`there is no network namespace ${name} (${path})`);
}
