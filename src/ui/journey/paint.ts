/** The journey of a packet as lines of the screen: what it is, its time from left to right, and the tree of its steps. */
import type {Layer} from '../../catalogue/knowledge.js';
import type {Journey} from '../../trace/packets/journey.js';
import {queueAt} from '../../trace/packets/queues.js';
import type {Names} from '../../trace/session.js';
import type {Tasks} from '../../trace/tasks.js';
import {Line} from '../line.js';
import {duration} from '../numbers.js';
import {FATE_STYLES} from '../tables/packets.js';
import {cells} from '../text.js';
import type {Theme} from '../theme.js';
import {CONTEXT_LETTERS, functionName} from '../trace/facts.js';
import {type JourneyLine, slowestLine} from './lines.js';
import {type Axis, Cell, span, timeline} from './timeline.js';

export interface ViewLook {
	readonly width: number;
	readonly height: number;
	readonly shift: number;
	readonly line: number;
	readonly top: number;
}

const TIME_CELLS = 9;
const PLACE_CELLS = 4;
const TOTAL_CELLS = 8;

/** Lines above the tree. */
export function headLines(height: number): number {
	return height >= 14 ? 6 : height >= 9 ? 4 : height >= 5 ? 2 : 0;
}

export class JourneyPainter {
	private readonly line = new Line(0);

	constructor(
		private readonly names: Names,
		private readonly tasks: Tasks,
		private readonly theme: Theme,
		private readonly layers: readonly Layer[],
	) {}

	paint(journey: Journey, lines: readonly JourneyLine[], look: ViewLook): string[] {
		const {packet} = journey;
		const slowest = slowestLine(lines, journey);
		const head = headLines(look.height);
		const axis: Axis = {begin: packet.first, end: packet.last, cells: Math.max(1, look.width - TOTAL_CELLS)};
		const bar = this.bar(axis, lines, slowest, packet.total);
		const marker = this.marker(axis, lines[look.line]);
		const shown =
			head === 6
				? [
						this.title(journey, look, false),
						this.fate(journey, look),
						this.path(journey, look),
						this.times(journey, look),
						bar,
						marker,
					]
				: head === 4
					? [this.title(journey, look, true), this.times(journey, look), bar, marker]
					: head === 2
						? [this.title(journey, look, true), bar]
						: [];
		const rows = Math.max(0, look.height - head);
		const tree = lines.slice(look.top, look.top + rows).map((line, index) => {
			const at = look.top + index;
			return this.row(line, journey, look, at === look.line, at === slowest);
		});
		const all = [...shown, ...tree];
		while (all.length < look.height) all.push('');
		return all;
	}

	private title({packet, cut}: Journey, {width}: ViewLook, fate: boolean): string {
		const {theme} = this;
		const safe = (text: string): string => cells(text, theme.ascii);
		const line = this.line.start(width).put(`packet ${packet.number}`, theme.style('title'));
		if (fate) line.put(` ${safe(packet.fateText)}`, theme.style(FATE_STYLES[packet.fate] ?? 'good'));
		line.put(`  ${safe(packet.proto)} ${safe(packet.a)} ${theme.glyphs.arrow} ${safe(packet.b)}`);
		if (packet.parent !== 0) line.put(`  ${packet.birth} of packet ${packet.parent}`, theme.style('accent'));
		if (cut) line.put('  some of it is not in memory any more', theme.style('warn'));
		return line.finish();
	}

	private fate({packet}: Journey, {width}: ViewLook): string {
		const {theme} = this;
		const style = theme.style(FATE_STYLES[packet.fate] ?? 'good');
		return this.line
			.start(width)
			.put('fate ', theme.style('faint'))
			.put(cells(packet.fateText, theme.ascii), style)
			.finish();
	}

	private path({packet}: Journey, {width}: ViewLook): string {
		const {theme} = this;
		const path = packet
			.stations()
			.map((one) => cells(one, theme.ascii))
			.join(` ${theme.glyphs.arrow} `);
		return this.line.start(width).put('path ', theme.style('faint')).put(path).finish();
	}

	private times({packet}: Journey, {width}: ViewLook): string {
		const {theme} = this;
		const time = (value: number): string => duration(Math.max(0, value), theme.ascii);
		const line = this.line
			.start(width)
			.put('time ', theme.style('faint'))
			.put(time(packet.total), theme.style('strong'));
		line.put(` = functions ${time(packet.inFunctions)} + queues ${time(packet.inQueues)}`);
		line.put(` + between ${time(packet.between)}`);
		if (packet.slowest > 0) line.put(`, slowest ${packet.slowestName} ${time(packet.slowest)}`, theme.style('hot'));
		return line.finish();
	}

	private bar(axis: Axis, lines: readonly JourneyLine[], slowest: number, total: number): string {
		const {theme} = this;
		const line = this.line.start(axis.cells + TOTAL_CELLS);
		for (const cell of timeline(axis, lines, lines[slowest])) {
			if (cell === Cell.EMPTY) line.put(' ');
			else if (cell === Cell.SOLID) line.put(theme.glyphs.solid, theme.style('accent'));
			else if (cell === Cell.DOTTED) line.put(theme.glyphs.dotted, theme.style('faint'));
			else line.put(cell === Cell.SLOWEST ? theme.glyphs.solid : theme.glyphs.dotted, theme.style('hot'));
		}
		return line.put(` ${duration(Math.max(0, total), theme.ascii)}`, theme.style('strong')).finish();
	}

	/** Where the selected step is on the bar above. */
	private marker(axis: Axis, selected: JourneyLine | undefined): string {
		const {up, line: dash} = this.theme.glyphs;
		const line = this.line.start(axis.cells + TOTAL_CELLS);
		if (selected === undefined || selected.begin < axis.begin) return line.finish();
		const {first, last} = span(axis, selected.begin, selected.end);
		const between = last > first ? dash.repeat(last - first - 1) + up : '';
		return line
			.to(first)
			.put(up + between, this.theme.style('strong'))
			.finish();
	}

	private row(one: JourneyLine, journey: Journey, look: ViewLook, selected: boolean, slowest: boolean): string {
		const {theme} = this;
		const {width, shift} = look;
		const narrow = width < 56;
		const line = this.line.start(width, selected ? theme.style('selected') : '');
		const faint = one.step.type === 'call' && one.step.around ? theme.style('faint') : undefined;
		const later = one.begin - journey.packet.first;
		const sign = later < 0 ? '-' : '+';
		line.put(`${sign}${duration(Math.abs(later), theme.ascii)}`.padStart(TIME_CELLS), theme.style('time'));
		if (!narrow && one.cpu >= 0) {
			line
				.to(TIME_CELLS + 1)
				.put(`${String(one.cpu).padStart(3)}${CONTEXT_LETTERS[one.context] ?? ' '}`, theme.style('faint'));
		}
		const chart = width >= 120 ? Math.floor(width / 4) : 0;
		const numbers = (narrow ? 1 : 2) * TOTAL_CELLS;
		const right = Math.max(TIME_CELLS + 2, width - numbers - (chart > 0 ? chart + 2 : 0));
		line
			.to(narrow ? TIME_CELLS + 1 : TIME_CELLS + PLACE_CELLS + 2)
			.scroll(shift)
			.until(right);
		this.words(line, one, faint, slowest);
		line.until().fixed().to(right);
		this.numbers(line, one, narrow, slowest);
		if (chart > 0) {
			const axis = {begin: journey.packet.first, end: journey.packet.last, cells: chart};
			line.to(right + numbers + 1);
			if (one.begin >= axis.begin && one.step.type !== 'end') {
				const {first, last} = span(axis, one.begin, one.end);
				const wait = one.step.type === 'wait';
				line.to(right + numbers + 1 + first);
				const glyph = wait ? theme.glyphs.dotted : theme.glyphs.solid;
				line.put(glyph.repeat(last - first + 1), theme.style(slowest ? 'hot' : wait ? 'faint' : 'accent'));
			}
		}
		return line.finish();
	}

	private words(line: Line, one: JourneyLine, faint: string | undefined, slowest: boolean): void {
		const {theme, names} = this;
		const {step, level} = one;
		const {glyphs} = theme;
		line.put(`${glyphs.guide} `.repeat(level), theme.style('faint'));
		const name = (fn: number): string => functionName(names, fn);
		switch (step.type) {
			case 'wait': {
				const {name: queue} = queueAt(step.queue);
				const to =
					step.to < 0 ? (step.end === Number.POSITIVE_INFINITY ? 'until now' : 'to its end') : `to ${name(step.to)}`;
				line.put(`${glyphs.wait} wait ${queue}`, theme.style(slowest ? 'hot' : 'strong'));
				line.put(step.length > 0 ? `, behind ${step.length}` : '');
				line.put(`, from ${name(step.from)} ${to}`, theme.style('faint'));
				return;
			}
			case 'branch':
				line.put(
					`${glyphs.unfolded} ${one.branch === '' ? 'branch' : one.branch} ${step.journey.packet.number}`,
					theme.style('accent'),
				);
				line.put(` ${cells(step.journey.packet.fateText, theme.ascii)}`, theme.style('faint'));
				return;
			case 'end': {
				const {packet} = one.journey;
				line.put(
					`${glyphs.end} ${cells(packet.fateText, theme.ascii)}`,
					theme.style(FATE_STYLES[packet.fate] ?? 'good'),
				);
				return;
			}
			default: {
				const drop = step.type === 'drop';
				const layer = theme.layer(this.layers[step.fn] ?? 'other');
				line.put(
					`${step.type === 'call' ? glyphs.begin : glyphs.point} `,
					faint ?? (drop ? theme.style('drop') : layer),
				);
				line.put(name(step.fn), faint ?? theme.style(drop ? 'drop' : slowest ? 'hot' : 'plain'));
				if (drop) line.put(' DROP', theme.style('drop'));
				this.place(line, one);
			}
		}
	}

	/** Device and namespace where they are others than before, and the task of a block. */
	private place(line: Line, {dev, task}: JourneyLine): void {
		const {theme, names, tasks} = this;
		const device = dev === 0 ? undefined : names.device(dev);
		if (device !== undefined) {
			line.put(`  ${cells(device.name, theme.ascii) || `device_${dev}`}`, theme.style('accent'));
			line.put(` netns ${device.netns}`, theme.style('faint'));
		}
		const who = task === 0 ? undefined : tasks.get(task);
		if (who !== undefined) line.put(`  ${cells(who.comm, theme.ascii)}[${who.pid}]`, theme.style('accent'));
	}

	/** Self time and duration. */
	private numbers(line: Line, {step, begin, end, time}: JourneyLine, narrow: boolean, slowest: boolean): void {
		const {theme} = this;
		const text = (value: number): string => duration(value, theme.ascii).padStart(TOTAL_CELLS);
		const blank = ' '.repeat(TOTAL_CELLS);
		if (step.type !== 'call' && step.type !== 'wait') return;
		const open = end === Number.POSITIVE_INFINITY;
		const own = step.type === 'call' && !step.around && time > 0 ? text(time) : blank;
		if (!narrow) line.put(own, theme.style(slowest ? 'hot' : 'faint'));
		line.put(
			open ? 'open'.padStart(TOTAL_CELLS) : text(end - begin),
			theme.style(slowest && step.type === 'wait' ? 'hot' : 'plain'),
		);
	}
}
