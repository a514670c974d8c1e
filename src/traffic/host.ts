/** pkttop's end of a host of the demo: starts its process, has it do steps, ends it. */
import {type ChildProcess, fork} from 'node:child_process';
import {fileURLToPath} from 'node:url';
import type {Message, Request, Step} from './messages.js';
import {settles} from './settles.js';
import type {HostName} from './topology.js';

/** The demo cannot be had here; one line. */
export class DemoError extends Error {}

/** The same file from src/ (tests) and from dist/. */
const PEER = fileURLToPath(new URL('../../dist/traffic/peer.js', import.meta.url));
/** ms to start Node and do a step: an emulated machine takes seconds. */
const STEP_LIMIT = 60_000;
/** ms that a process gets to end after it was told. */
const END_LIMIT = 2000;

interface Pending {
	resolve(succeeded: number): void;
	reject(error: DemoError): void;
}

export class Host {
	private readonly child: ChildProcess;
	private readonly pending = new Map<number, Pending>();
	private readonly gone: Promise<void>;
	private requests = 0;
	private ending = false;

	/** Never throws: what fails is the answer to the first step. `warn` gets one line a time. */
	constructor(
		readonly name: HostName,
		private readonly warn: (line: string) => void,
	) {
		this.child = fork(PEER, [name], {
			cwd: '/',
			env: {},
			execArgv: [],
			stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
		});
		this.child.on('message', (message: Message) => this.receive(message));
		this.gone = new Promise((resolve) => {
			this.child.once('exit', (code, signal) => resolve(this.lost(signal ?? `exit code ${code}`)));
			this.child.on('error', (error) => {
				if (this.child.pid === undefined) resolve(this.lost(error.message));
			});
		});
	}

	/** 0 when it did not start. */
	get pid(): number {
		return this.child.pid ?? 0;
	}

	/** Has one step done, within `limit` ms unless it is 'run'; the number of exchanges that succeeded. Throws DemoError. */
	async ask(step: Step, limit = STEP_LIMIT): Promise<number> {
		if (!this.child.connected) throw new DemoError(`the ${this.name} is gone`);
		const request: Request = {id: this.requests++, step};
		const answer = new Promise<number>((resolve, reject) => {
			this.pending.set(request.id, {resolve, reject});
			this.child.send(request, (error) => {
				if (error) reject(new DemoError(`the ${this.name} is gone`));
			});
		});
		try {
			if (step.do !== 'run' && !(await settles(answer, limit))) {
				throw new DemoError(`the ${this.name} does not answer (${step.do})`);
			}
			return await answer;
		} finally {
			this.pending.delete(request.id);
		}
	}

	/** Tells the process to end, and with it its namespace. pkttop may have lost the right to kill it: the closed channel ends it. */
	leave(): void {
		this.ending = true;
		if (this.child.connected) this.child.disconnect();
	}

	/** The same, and resolves when the process has ended. */
	async end(): Promise<void> {
		this.leave();
		if (await settles(this.gone, END_LIMIT)) return;
		this.child.kill('SIGKILL');
		if (!(await settles(this.gone, END_LIMIT))) this.warn(`process ${this.pid} does not end`);
	}

	private receive(message: Message): void {
		if ('warning' in message) {
			this.warn(message.warning);
			return;
		}
		const pending = this.pending.get(message.id);
		if (message.error) pending?.reject(new DemoError(message.error));
		else pending?.resolve(message.succeeded);
	}

	/** The process has ended or never began. */
	private lost(why: string): void {
		const line = `the ${this.name} ended: ${why}`;
		if (this.pending.size === 0 && !this.ending) this.warn(line);
		for (const {reject} of this.pending.values()) reject(new DemoError(line));
	}
}
