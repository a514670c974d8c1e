/** What covers the packets pane: the journey of a packet, or two packets side by side; made anew when it has changed. */
import {type Journey, journeyOf} from '../trace/packets/journey.js';
import {align, comparable, type Pair} from './journey/compare.js';
import {type Comparison, ComparisonPainter, comparisonHead} from './journey/compare-paint.js';
import {type JourneyLine, JourneyLines} from './journey/lines.js';
import {headLines, JourneyPainter, type ViewLook} from './journey/paint.js';
import type {Model} from './model.js';
import {type State, viewOf} from './state.js';
import type {Theme} from './theme.js';
import type {Spot} from './trace/position.js';

interface Shown {
	readonly journey: Journey;
	readonly lines: readonly JourneyLine[];
}

/** Journeys that are kept: those of a comparison and the one below it. */
const KEPT = 3;

export class Views {
	private readonly lines: JourneyLines;
	private readonly journeys: JourneyPainter;
	private readonly comparisons: ComparisonPainter;
	private readonly kept = new Map<number, Shown>();
	private pairs: {readonly of: readonly (readonly JourneyLine[])[]; readonly pairs: readonly Pair[]} | undefined;

	constructor(
		private readonly model: Model,
		theme: Theme,
	) {
		const {store, names, tasks} = model.source;
		const {layers} = model.functions;
		this.lines = new JourneyLines(store, names);
		this.journeys = new JourneyPainter(names, tasks, theme, layers);
		this.comparisons = new ComparisonPainter(names, theme, layers);
	}

	/** There may be more of them now. */
	refresh(): void {
		if (!this.model.paused) this.kept.clear();
	}

	/** How many lines the view has that is open, and how many of them can be seen in a pane of that height. */
	size(state: State, height: number): {lines: number; rows: number} {
		const view = viewOf(state);
		if (view === 'comparison') {
			const lines = this.comparison(state)?.pairs.length ?? 0;
			return {lines, rows: Math.max(1, height - comparisonHead(height))};
		}
		const lines = view === undefined ? 0 : (this.shown(state.packets.journey?.packet ?? 0)?.lines.length ?? 0);
		return {lines, rows: Math.max(1, height - headLines(height))};
	}

	/** The record of a line of the view that is open. */
	spot(state: State, line: number): Spot | undefined {
		const view = viewOf(state);
		if (view === 'journey') return this.shown(state.packets.journey?.packet ?? 0)?.lines[line]?.spot;
		const pair = this.comparison(state)?.pairs[line];
		return (pair?.left ?? pair?.right)?.spot;
	}

	/** Lines of the view that is open; undefined where none is. */
	paint(state: State, width: number, height: number): string[] | undefined {
		const {journey, comparison} = state.packets;
		const view = viewOf(state);
		const at = view && state.packets[view];
		if (view === undefined || at === undefined) return undefined;
		const look: ViewLook = {width, height, shift: state.shift, line: at.line, top: at.top};
		if (view === 'comparison') {
			const both = this.comparison(state);
			if (both !== undefined) return this.comparisons.paint(both, look);
		} else {
			const shown = this.shown(journey?.packet ?? 0);
			if (shown !== undefined) return this.journeys.paint(shown.journey, shown.lines, look);
		}
		const which =
			view === 'journey' ? `packet ${journey?.packet}` : `packet ${comparison?.first} or ${comparison?.second}`;
		const text = `${which} is not known any more`.slice(0, width);
		return [text, ...Array.from({length: Math.max(0, height - 1)}, () => '')].slice(0, height);
	}

	private shown(packet: number): Shown | undefined {
		const known = this.kept.get(packet);
		if (known !== undefined) return known;
		const journey = journeyOf(this.model.packets.world, packet);
		if (journey === undefined) return undefined;
		const shown = {journey, lines: this.lines.of(journey)};
		this.kept.set(packet, shown);
		for (const oldest of this.kept.keys()) {
			if (this.kept.size <= KEPT) break;
			this.kept.delete(oldest);
		}
		return shown;
	}

	private comparison({packets}: State): Comparison | undefined {
		if (packets.comparison === undefined) return undefined;
		const left = this.shown(packets.comparison.first);
		const right = this.shown(packets.comparison.second);
		if (left === undefined || right === undefined) return undefined;
		const of = [left.lines, right.lines];
		if (this.pairs === undefined || this.pairs.of.some((lines, index) => lines !== of[index])) {
			this.pairs = {of, pairs: align(comparable(left.lines), comparable(right.lines))};
		}
		return {left: left.journey.packet, right: right.journey.packet, pairs: this.pairs.pairs};
	}
}
