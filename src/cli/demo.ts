/** `pkttop demo`: traffic of its own in network namespaces of its own, to be traced by another pkttop. */
import {setTimeout as sleep} from 'node:timers/promises';
import {loadAddon} from '../collector/native.js';
import {sanitize} from '../trace/text.js';
import {Demo, DemoError} from '../traffic/demo.js';
import {described} from '../traffic/described.js';
import {type Exchange, filterOf} from '../traffic/scenarios.js';
import {udpClient, udpServer} from './echo.js';
import {cannot, Exit, say, signalCode, wrong} from './exit.js';
import {giveUpRoot, invoker} from './invoker.js';
import {Output, OutputClosed} from './output.js';
import {scenario} from './scenario.js';

/** ms between two exchanges: slow enough to read along. */
const PAUSE = 200;
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** What is no scenario; without root. */
const TOOLS = {'udp-server': udpServer, 'udp-client': udpClient} as const;

/**
 * Runs what `words` say: a scenario, `all` when there are none, or a tool with its argument. `duration` in seconds:
 * scenarios are repeated for so long; Infinity: once. Returns the exit code: 0 when every exchange succeeded.
 */
export async function demo(words: readonly string[], duration: number): Promise<number> {
	const [name = 'all', ...rest] = words;
	if (name === 'udp-server' || name === 'udp-client') {
		if (duration !== Number.POSITIVE_INFINITY) throw wrong(`-d makes no sense with ${name}`);
		return TOOLS[name](rest);
	}
	const exchanges = scenario(name);
	if (rest.length > 0) throw wrong(`demo ${name} takes no argument, not '${sanitize(rest[0] ?? '')}'`);
	if (process.getuid?.() !== 0) {
		throw cannot(`demo traffic needs root for its network namespaces: type sudo pkttop demo ${name}`);
	}
	const stopped = new AbortController();
	let code: number = Exit.done;
	for (const signal of SIGNALS) {
		process.on(signal, () => {
			if (!stopped.signal.aborted) code = signalCode(signal);
			stopped.abort();
		});
	}
	const failed = await show(exchanges, duration, stopped.signal);
	if (failed > 0 && code === Exit.done)
		throw cannot(failed === 1 ? 'an exchange failed' : `${failed} exchanges failed`);
	return code;
}

/** Sends, one line for each exchange. Returns how many failed. */
async function show(exchanges: readonly Exchange[], duration: number, stopped: AbortSignal): Promise<number> {
	const output = Output.open(undefined, false);
	const print = (line: string) => {
		output.text(`${line}\n`);
		output.flush();
	};
	let running: Demo | undefined;
	// What is cut short has not failed.
	const cutShort = new Promise<boolean>((resolve) =>
		stopped.addEventListener('abort', () => resolve(true), {once: true}),
	);
	let failed = 0;
	try {
		print(`to see it, run beside this: sudo pkttop '${filterOf(exchanges)}'`);
		running = await Demo.prepare(invoker(), say, exchanges);
		giveUpRoot(loadAddon());
		for await (const exchange of inTurn(running.exchanges, duration, stopped)) {
			print(described(exchange));
			if (!(await Promise.race([running.one(exchange), cutShort]))) failed++;
		}
	} catch (error) {
		if (error instanceof DemoError) throw cannot(`demo traffic: ${error.message}`);
		if (!(error instanceof OutputClosed)) throw error;
	} finally {
		await running?.stop();
	}
	return failed;
}

/** One after the other, once or for `duration` seconds, until stopped. */
async function* inTurn(exchanges: readonly Exchange[], duration: number, stopped: AbortSignal) {
	const end = performance.now() + duration * 1000;
	do {
		for (const exchange of exchanges) {
			if (stopped.aborted || performance.now() >= end) return;
			yield exchange;
			await sleep(PAUSE, undefined, {signal: stopped}).catch(() => {});
		}
	} while (duration !== Number.POSITIVE_INFINITY && exchanges.length > 0);
}
