/** The program on the screen: keys to the reducer, events to the model, both to frames. */
import type {Narrowing} from '../trace/filter/expression.js';
import {Drawing} from './drawing.js';
import type {Compiled} from './filter.js';
import {type Key, KeyReader} from './input.js';
import {LogSaver, type SaveLog} from './log-saver.js';
import {Model} from './model.js';
import {Pace, SLICE} from './pace.js';
import {reduce, settled} from './reduce/reduce.js';
import type {Screen} from './screen.js';
import type {Source} from './source.js';
import {type Effect, initialState, type State} from './state.js';
import type {Theme} from './theme.js';
import type {Tty} from './tty.js';

export interface ViewerOptions {
	readonly theme: Theme;
	/** Frames a second at most. */
	readonly fps: number;
	readonly filter: Compiled;
	/** What the command line narrowed for good. */
	readonly base: Narrowing;
	readonly save: SaveLog;
	/** Stops the program until the shell continues it. */
	readonly suspend: () => void;
}

/** How often what changes all the time is drawn anew: numbers that race cannot be read. ms. */
const REFRESH = 500;
/** How long a lone Esc waits for the rest of a sequence, ms. */
const ESCAPE = 30;
/** How long the end waits for what has come, where a log was asked for that is to have it, ms. */
const LAST = 5000;

export class Viewer {
	readonly model: Model;
	/** Settles when all that draws has been loaded. */
	ready: Promise<void> = Promise.resolve();
	private state: State;
	private readonly drawing: Drawing;
	private readonly keys = new KeyReader();
	private readonly timers = new Set<NodeJS.Timeout>();
	private next: NodeJS.Immediate | NodeJS.Timeout | undefined;
	private escape: NodeJS.Timeout | undefined;
	private dirty = true;
	private seen = -1;
	private whole = false;
	private running = false;
	private readonly pace = new Pace();
	private readonly log: LogSaver;
	private finish: (reason: 'quit') => void = () => {};
	private fail: (error: unknown) => void = () => {};

	constructor(
		private readonly screen: Screen,
		private readonly tty: Tty,
		private readonly source: Source,
		private readonly options: ViewerOptions,
	) {
		this.model = new Model(source, options.filter);
		this.log = new LogSaver(() => this.model.saving(), options.save);
		this.state = initialState(options.filter.fields);
		this.drawing = new Drawing(this.model, options.theme, options.base);
	}

	/** Shows the screen until the person quits; rejects with what was thrown. The screen is left in any case. */
	async run(): Promise<void> {
		const ended = new Promise<'quit'>((resolve, reject) => {
			this.finish = resolve;
			this.fail = reject;
		});
		try {
			this.running = true;
			this.screen.enter();
			this.tty.onInput((text) => this.guarded(() => this.input(text)));
			this.tty.onResize(() => this.guarded(() => this.redraw()));
			this.draw();
			this.ready = this.drawing.load().then(() => this.guarded(() => this.draw()));
			this.ready.catch((error: unknown) => this.fail(error));
			this.every(REFRESH, () => {
				// What is kept of packets comes long after what is counted of them.
				if (this.source.keeper !== undefined || !this.pace.skipsRefresh()) this.refresh();
			});
			this.every(1000 / this.options.fps, () => {
				if (this.dirty) this.draw();
			});
			this.next = setImmediate(() => this.guarded(() => this.tick()));
			await ended;
		} finally {
			this.stop();
		}
	}

	/** From outside: a signal, or the end of what there was to trace. */
	quit(): void {
		this.finish('quit');
	}

	/** Something went wrong elsewhere: said in the footer. */
	notice(text: string): void {
		this.say(text, true);
	}

	/** Gives the terminal back and stops the program; `resume` goes on. */
	suspend(): void {
		if (!this.running) return;
		this.screen.leave();
		this.options.suspend();
	}

	/** After the program was stopped and goes on: the terminal may have been used by others. */
	resume(): void {
		if (!this.running) return;
		this.screen.enter();
		this.redraw();
	}

	private stop(): void {
		this.running = false;
		for (const timer of this.timers) clearInterval(timer);
		clearTimeout(this.escape);
		clearTimeout(this.next as NodeJS.Timeout);
		clearImmediate(this.next as NodeJS.Immediate);
		this.screen.leave();
		this.drawing.stop();
		// What was asked for is done, though nobody has to wait before a screen for it.
		if (this.log.waits) {
			this.source.pump(lateAfter(LAST));
			this.model.matches.step(() => false);
			this.log.begin({...this.model.progress(true), still: true});
		}
		this.saveSome(() => false);
	}

	private every(time: number, action: () => void): void {
		this.timers.add(setInterval(() => this.guarded(action), time));
	}

	/** Whatever is thrown ends the run, and with it the screen. */
	private guarded(action: () => void): void {
		if (!this.running) return;
		try {
			action();
		} catch (error) {
			this.fail(error);
		}
	}

	/** Some of everything that takes time. */
	private tick(): void {
		const {store} = this.source;
		const more = this.source.pump(lateAfter(this.pace.slice()));
		this.pace.done(more, store.end !== this.seen);
		const late = lateAfter(SLICE);
		this.model.settle();
		this.model.follow(this.state.trace.packet);
		if (!this.model.packets.list.complete) {
			this.model.packets.list.step(late);
			// How many are shown is said in the header.
			if (this.model.packets.list.complete) this.drawing.touched();
			this.dirty = true;
		}
		const judging = !this.model.matches.complete;
		if (judging) this.model.matches.step(late);
		if (judging || (store.end !== this.seen && !this.state.paused)) this.dirty = true;
		this.seen = store.end;
		// What is known once a recording has been read, or judged anew, is shown at once.
		const whole = this.source.done && this.model.matches.complete;
		if (whole && (judging || !this.whole)) this.refresh();
		this.whole = whole;
		if (this.log.waits && this.model.matches.complete) this.log.begin(this.model.progress(!more));
		this.saveSome(late);
		const {list} = this.model.packets;
		const busy = more || !this.model.matches.complete || !list.complete || this.log.busy;
		const again = () => this.guarded(() => this.tick());
		this.next = busy ? setImmediate(again) : setTimeout(again, this.pace.tick);
	}

	private refresh(): void {
		this.model.refresh(performance.now());
		if (this.state.trace.open) this.model.refreshOpen();
		if (this.state.pane === 'packets' && !this.state.paused) this.model.packets.list.renew();
		this.drawing.refresh(performance.now());
		this.dirty = true;
	}

	private redraw(): void {
		this.screen.forget();
		this.draw();
	}

	private input(text: string): void {
		clearTimeout(this.escape);
		this.press(this.keys.feed(text));
		if (this.keys.waiting) this.escape = setTimeout(() => this.guarded(() => this.press(this.keys.flush())), ESCAPE);
	}

	/** What is selected and seen, after anything may have changed. */
	private settle(): void {
		for (let left = 2; left > 0; left--) {
			const {world} = this.drawing.look(this.state, this.screen.size);
			this.state = settled(this.state, world);
			// A row in a block that was folded until now is found with the second one.
			if (this.state.trace.goal === undefined) return;
		}
	}

	private press(keys: readonly Key[]): void {
		if (keys.length === 0) return;
		const late = lateAfter(SLICE);
		for (const key of keys) {
			if (!this.running) return;
			// What the key acts on is what the one before it left.
			const before = this.drawing.look(this.state, this.screen.size);
			const {state, effects} = reduce(settled(this.state, before.world), key, before.world);
			// Whoever comes to the packets sees those of now.
			if (state.pane === 'packets' && this.state.pane !== 'packets') this.model.packets.list.renew();
			this.state = state;
			this.model.setDim(state.dim);
			this.model.follow(state.trace.packet);
			for (const effect of effects) this.perform(effect);
			// A new filter shows its newest blocks at once, also to the keys after it; the others soon after.
			this.model.matches.step(late);
			this.model.packets.list.step(late);
		}
		this.drawing.touched();
		this.draw();
	}

	private perform(effect: Effect): void {
		switch (effect.type) {
			case 'quit':
				this.finish('quit');
				return;
			case 'suspend':
				this.suspend();
				return;
			case 'redraw':
				this.screen.forget();
				return;
			case 'clear':
				this.model.clear();
				this.say('counts from zero', false);
				return;
			case 'pause':
				this.model.pause(effect.on);
				return;
			case 'skip':
				this.source.skip(effect.time);
				return;
			case 'filter':
				this.model.setFilter(effect.filter);
				return;
			case 'switch': {
				const why = this.model.switch(effect.functions, effect.on);
				if (why !== '') this.say(why, true);
				return;
			}
			case 'save':
				if (this.log.ask(effect.force)) this.say('saving', false);
		}
	}

	private saveSome(late: () => boolean): void {
		const said = this.log.step(late);
		if (said !== undefined) this.say(said.text, said.bad);
	}

	private say(text: string, bad: boolean): void {
		this.state = {...this.state, message: {text, bad}};
		this.drawing.touched();
		this.dirty = true;
	}

	private draw(): void {
		this.dirty = false;
		this.settle();
		const {lines, cursor} = this.drawing.frame(this.state, this.screen.size);
		this.screen.paint(lines, cursor);
		this.drawing.loadCharts(this.state, () => {
			this.dirty = true;
		});
	}
}

/** Whether `time` ms have passed since now. */
function lateAfter(time: number): () => boolean {
	const until = performance.now() + time;
	return () => performance.now() > until;
}
