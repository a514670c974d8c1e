/** `pkttop doctor`: what this machine allows, each backend tried with real programs, one remedy a line. */
import {readFileSync} from 'node:fs';
import {release} from 'node:os';
import {hasBtf, LiveCollector, TraceError} from '../collector/live.js';
import {type Addon, AddonError, type Backend, loadAddon} from '../collector/native.js';
import {FILTER_SIZE} from '../trace/filter/compile.js';
import {Tasks} from '../trace/tasks.js';
import {Exit} from './exit.js';
import type {Options} from './options.js';

interface Verdict {
	readonly ok: boolean;
	/** What it gives, or why it does not work. */
	readonly why: string;
	/** What to do about it; '' where nothing helps or is needed. */
	readonly remedy: string;
}

/** Prints the report. Exit code 0 when something can be traced here. */
export async function doctor(options: Options): Promise<number> {
	const root = process.getuid?.() === 0;
	const btf = hasBtf();
	const addon = tryAddon();
	const backends = {
		fentry: await tryBackend('fentry', root, btf, addon),
		tracepoint: await tryBackend('tracepoint', root, btf, addon),
	};
	const report = {
		kernel: release(),
		root,
		btf,
		lockdown: lockdown(),
		addon: typeof addon === 'string' ? addon : '',
		backends,
	};
	process.stdout.write(options.format === 'json' ? `${JSON.stringify(report)}\n` : text(report));
	return backends.fentry.ok || backends.tracepoint.ok ? Exit.done : Exit.cannot;
}

function tryAddon(): Addon | string {
	try {
		return loadAddon();
	} catch (error) {
		if (error instanceof AddonError) return error.message;
		throw error;
	}
}

/** Attaches for an instant, with a filter that lets nothing through. */
async function tryBackend(backend: Backend, root: boolean, btf: boolean, addon: Addon | string): Promise<Verdict> {
	if (typeof addon === 'string')
		return {ok: false, why: addon, remedy: 'install pkttop anew, or build it: npm run build'};
	if (!btf) return {ok: false, why: 'the kernel has no BTF', remedy: 'boot a kernel built with CONFIG_DEBUG_INFO_BTF'};
	if (!root) return {ok: false, why: 'not tried: this needs root', remedy: 'sudo pkttop doctor'};
	try {
		const {session} = await LiveCollector.start(addon, backend, new Uint8Array(FILTER_SIZE), '', new Tasks());
		addon.stop();
		return {ok: true, why: `attached ${session.attached} of ${session.wanted} in ${session.attachMs} ms`, remedy: ''};
	} catch (error) {
		if (!(error instanceof TraceError)) throw error;
		const remedy =
			backend === 'fentry' ? 'functions need a kernel that lets root load tracing programs; marks remain' : '';
		return {ok: false, why: error.message, remedy};
	}
}

/** The kernel marks the mode in force with brackets. */
function lockdown(): string {
	try {
		const modes = readFileSync('/sys/kernel/security/lockdown', 'latin1');
		return /\[(\w+)\]/.exec(modes)?.[1] ?? 'unknown';
	} catch {
		return 'unknown';
	}
}

function text(report: {
	kernel: string;
	root: boolean;
	btf: boolean;
	lockdown: string;
	addon: string;
	backends: Record<string, Verdict>;
}): string {
	const lines = [
		`kernel      ${report.kernel}`,
		`root        ${report.root ? 'yes' : 'no'}`,
		`BTF         ${report.btf ? 'yes' : 'no'}`,
		`lockdown    ${report.lockdown}`,
		`addon       ${report.addon === '' ? 'yes' : report.addon}`,
		...Object.entries(report.backends).map(([name, {ok, why}]) => `${name.padEnd(11)} ${ok ? 'yes' : 'no'}: ${why}`),
		...[...new Set(Object.values(report.backends).map(({remedy}) => remedy))]
			.filter((remedy) => remedy !== '')
			.map((remedy) => `remedy      ${remedy}`),
	];
	return `${lines.join('\n')}\n`;
}
