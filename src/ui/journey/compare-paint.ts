/** Two packets of a flow side by side, as lines of the screen. */
import type {Layer} from '../../catalogue/knowledge.js';
import type {PacketRow} from '../../trace/packets/packet-row.js';
import {queueAt} from '../../trace/packets/queues.js';
import type {Names} from '../../trace/session.js';
import {Line} from '../line.js';
import {duration} from '../numbers.js';
import {cells} from '../text.js';
import type {Theme} from '../theme.js';
import {functionName} from '../trace/facts.js';
import {largest, type Pair, timeOf} from './compare.js';
import type {JourneyLine} from './lines.js';
import type {ViewLook} from './paint.js';

export interface Comparison {
	readonly left: PacketRow;
	readonly right: PacketRow;
	readonly pairs: readonly Pair[];
}

const TIME_CELLS = 10;

export function comparisonHead(height: number): number {
	return height >= 14 ? 7 : height >= 9 ? 3 : height >= 4 ? 1 : 0;
}

export class ComparisonPainter {
	private readonly line = new Line(0);

	constructor(
		private readonly names: Names,
		private readonly theme: Theme,
		private readonly layers: readonly Layer[],
	) {}

	paint({left, right, pairs}: Comparison, look: ViewLook): string[] {
		const head = comparisonHead(look.height);
		const most = largest(pairs);
		const lines = [
			this.heading(left, right, look),
			this.figures('total', left.total, right.total, look, 'strong'),
			this.figures('in functions', left.inFunctions, right.inFunctions, look),
			this.figures('in queues', left.inQueues, right.inQueues, look),
			this.figures('between', left.between, right.between, look),
			this.fates(left, right, look),
			'',
		];
		const shown = head === 3 ? [...lines.slice(0, 2), ''] : lines.slice(0, head);
		const rows = pairs.slice(look.top, look.top + Math.max(0, look.height - head));
		shown.push(...rows.map((pair, index) => this.row(pair, look, look.top + index === look.line, most.has(pair))));
		while (shown.length < look.height) shown.push('');
		return shown;
	}

	private heading(left: PacketRow, right: PacketRow, look: ViewLook): string {
		const {theme} = this;
		const safe = (text: string): string => cells(text, theme.ascii);
		const line = this.line.start(look.width).until(this.right(look.width));
		line.put(`${safe(left.proto)} ${safe(left.a)} ${theme.glyphs.arrow} ${safe(left.b)}`, theme.style('faint'));
		line.until().to(this.right(look.width));
		for (const text of [`${left.number}`, `${right.number}`, 'later by']) {
			line.put(text.padStart(TIME_CELLS), theme.style('title'));
		}
		return line.finish();
	}

	private fates(left: PacketRow, right: PacketRow, {width}: ViewLook): string {
		const {theme} = this;
		const line = this.line.start(width).put('fates ', theme.style('faint'));
		const [a, b] = [cells(left.fateText, theme.ascii), cells(right.fateText, theme.ascii)];
		return line.put(a === b ? `both ${a}` : `${left.number} ${a}; ${right.number} ${b}`).finish();
	}

	private figures(
		name: string,
		left: number,
		right: number,
		look: ViewLook,
		style: 'strong' | 'plain' = 'plain',
	): string {
		const line = this.line.start(look.width).put(name, this.theme.style(style)).to(this.right(look.width));
		this.times(line, left, right, right - left, false);
		return line.finish();
	}

	private row({left, right, difference}: Pair, look: ViewLook, selected: boolean, most: boolean): string {
		const {theme} = this;
		const line = this.line.start(look.width, selected ? theme.style('selected') : '');
		const at = this.right(look.width);
		const one = left ?? right;
		line.scroll(look.shift).until(at);
		if (one !== undefined) this.name(line, one, left !== undefined && right !== undefined, most);
		line.until().fixed().to(at);
		this.times(line, left && timeOf(left), right && timeOf(right), difference, most);
		return line.finish();
	}

	private name(line: Line, {step, level}: JourneyLine, both: boolean, most: boolean): void {
		const {theme, names} = this;
		const {glyphs} = theme;
		line.put(`${glyphs.guide} `.repeat(level), theme.style('faint'));
		const style = theme.style(most ? 'hot' : both ? 'plain' : 'faint');
		if (step.type === 'wait') line.put(`${glyphs.wait} wait ${queueAt(step.queue).name}`, style);
		else if (step.type !== 'branch' && step.type !== 'end') {
			line.put(`${step.type === 'call' ? glyphs.begin : glyphs.point} `, theme.layer(this.layers[step.fn] ?? 'other'));
			line.put(functionName(names, step.fn), style);
		}
	}

	private times(
		line: Line,
		left: number | undefined,
		right: number | undefined,
		difference: number,
		most: boolean,
	): void {
		const {theme} = this;
		const text = (value: number | undefined): string =>
			value === undefined ? '-' : value === Number.POSITIVE_INFINITY ? 'open' : duration(value, theme.ascii);
		line.put(text(left).padStart(TIME_CELLS)).put(text(right).padStart(TIME_CELLS));
		const sign = difference > 0 ? '+' : '-';
		const shown = difference === 0 ? '' : `${sign}${duration(Math.abs(difference), theme.ascii)}`;
		line.put(shown.padStart(TIME_CELLS), theme.style(most ? 'hot' : difference === 0 ? 'faint' : 'plain'));
	}

	/** Where the numbers begin. */
	private right(width: number): number {
		return Math.max(0, Math.min(72, width - 3 * TIME_CELLS));
	}
}
