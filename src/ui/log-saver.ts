/** The log that somebody asks for with a key: it waits for what happened before the key, and is written bit by bit. */
import type {Saving} from './saving.js';

/** Writes a log; a generator, since that takes longer than a key may wait. Returns what is said of it. */
export type SaveLog = (saving: Saving, force: boolean) => Generator<void, Said>;

export interface Said {
	readonly text: string;
	readonly bad: boolean;
}

/** How long an event may take from the kernel to where the source finds it, ns. */
const ON_ITS_WAY = 100_000_000n;

/** How far the events on the screen have come. */
export interface Progress {
	/** CLOCK_MONOTONIC, ns, and when the newest of the events began; 0 for none. */
	readonly now: bigint;
	readonly newest: bigint;
	/** All that has come is there. */
	readonly caughtUp: boolean;
	/** Nothing more will be shown. */
	readonly still: boolean;
}

export class LogSaver {
	private asked: {readonly at: bigint; readonly force: boolean; readonly predicate: Saving['predicate']} | undefined;
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

	/** False: one is being made already. What another filter shows later is not saved. */
	ask(force: boolean): boolean {
		if (this.busy || this.waits) return false;
		const {now, predicate} = this.shown();
		this.asked = {at: now, force, predicate};
		return true;
	}

	/** Begins what was asked for, unless it has to wait. */
	begin({now, newest, caughtUp, still}: Progress): void {
		if (this.asked === undefined) return;
		const {at, force, predicate} = this.asked;
		// Events come in the order of time, so with the first one after the key all before it are there.
		if (!still && newest < at && !(caughtUp && now > at + ON_ITS_WAY)) return;
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
