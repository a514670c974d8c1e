/** The log that somebody asks for with a key: it waits for what happened before the key, and is written bit by bit. */
import type {Saving} from './saving.js';

/** Writes a log; a generator, since that takes longer than a key may wait. Returns what is said of it. */
export type SaveLog = (saving: Saving, force: boolean) => Generator<void, Said>;

export interface Said {
	readonly text: string;
	readonly bad: boolean;
}

/** How long an event may take from the kernel to where the source finds it, and how long a log waits for such, ms. */
const ON_ITS_WAY = 50;
const PATIENCE = 5000;

export class LogSaver {
	private asked: {readonly at: number; readonly force: boolean; readonly predicate: Saving['predicate']} | undefined;
	private writing: ReturnType<SaveLog> | undefined;

	/** @param shown what would be saved now. */
	constructor(
		private readonly shown: () => Saving,
		private readonly save: SaveLog,
	) {}

	/** It is being written: `step` has something to do. */
	get busy(): boolean {
		return this.writing !== undefined;
	}

	/** It waits for events. */
	get waits(): boolean {
		return this.asked !== undefined;
	}

	/** False: one is being made already. What is shown later by another filter is not saved. */
	ask(force: boolean): boolean {
		if (this.busy || this.waits) return false;
		this.asked = {at: performance.now(), force, predicate: this.shown().predicate};
		return true;
	}

	/**
	 * Begins what was asked for, unless it has to wait. @param caughtUp all that has come from the kernel is in the store,
	 * and judged by the filter; @param still nothing more will be shown anyway.
	 */
	begin(caughtUp: boolean, still: boolean): void {
		if (this.asked === undefined) return;
		const {at, force, predicate} = this.asked;
		const waited = performance.now() - at;
		if (!still && waited < PATIENCE && !(caughtUp && waited > ON_ITS_WAY)) return;
		this.asked = undefined;
		this.writing = this.save({...this.shown(), predicate}, force);
	}

	/** Writes until it is late; what is to be said when it is done, else undefined. */
	step(late: () => boolean): Said | undefined {
		const {writing} = this;
		this.writing = undefined; // nothing more comes of one that throws
		while (writing !== undefined) {
			const {done, value} = writing.next();
			if (done === true) return value;
			if (late()) break;
		}
		this.writing = writing;
		return undefined;
	}
}
