/** What this kernel has of the catalogue. */
import {ROWS} from '../catalogue/catalogue.js';
import {plain, probeableAmong, symbolsAmong} from './kernel-texts.js';
import type {Addon} from './native.js';
import {entriesOf, exists, textOf} from './text-files.js';

export interface KernelFacts {
	/** Functions of its BTF; true: any kernel's trampolines take its arguments. */
	readonly functions: ReadonlyMap<string, boolean>;
	readonly tracepoints: ReadonlySet<string>;
	/** Functions that have a symbol, compilers' copies included; undefined: the kernel does not tell. */
	readonly symbols: ReadonlySet<string> | undefined;
	/** What may be probed; undefined: only root is told, and only where tracefs is mounted. */
	readonly probeable: ReadonlySet<string> | undefined;
	/** Modules that are loaded, and those of them that have BTF. */
	readonly modules: ReadonlySet<string>;
	readonly modulesWithBtf: ReadonlySet<string>;
	/** It has netfilter programs. */
	readonly hooks: boolean;
}

/** The kernel's side of netfilter programs. */
const HOOK_FUNCTION = 'bpf_nf_link_attach';

/** Both places of tracefs: its own, and the one it had before. */
const AVAILABLE = ['/sys/kernel/tracing', '/sys/kernel/debug/tracing'].map(
	(folder) => `${folder}/available_filter_functions`,
);

/** Reads what the kernel tells us about itself. `error` is why its BTF cannot be read. */
export function kernelFacts(addon: Addon): KernelFacts | {readonly error: string} {
	const names = {
		function: [...ROWS.flatMap(({kind, names}) => (kind === 'function' ? names : [])), HOOK_FUNCTION],
		tracepoint: ROWS.flatMap(({kind, names}) => (kind === 'tracepoint' ? names : [])),
	};
	const {error, functions, tracepoints} = addon.kernelHas(names.function, names.tracepoint);
	if (error !== '') return {error};
	const found = new Map<string, boolean>();
	names.function.forEach((name, i) => {
		if (functions[i] !== 'no') found.set(name, functions[i] === 'plain');
	});
	const wanted = new Set(names.function);
	const kallsyms = textOf('/proc/kallsyms') ?? '';
	const available = AVAILABLE.map(textOf).find((text) => text !== undefined && text !== '');
	const modules = new Set(ROWS.flatMap(({module}) => (module === undefined ? [] : [module])));
	const withBtf = new Set(entriesOf('/sys/kernel/btf'));
	return {
		functions: found,
		tracepoints: new Set(names.tracepoint.filter((_, i) => tracepoints[i])),
		symbols: kallsyms === '' ? undefined : symbolsAmong(kallsyms, new Set(names.function.map(plain))),
		probeable: available === undefined ? undefined : probeableAmong(available, wanted),
		modules: new Set([...modules].filter((name) => exists(`/sys/module/${name}`))),
		modulesWithBtf: new Set([...modules].filter((name) => withBtf.has(name))),
		hooks: found.has(HOOK_FUNCTION),
	};
}
