/** The rows of the trace as lines of the screen. */
import type {Layer} from '../../catalogue/knowledge.js';
import {WallClock} from '../../trace/clock.js';
import {changes, tcpInside} from '../../trace/inside.js';
import {lossWords} from '../../trace/losses.js';
import {queueAt} from '../../trace/packets/queues.js';
import {Flag, Kind, LossAt} from '../../trace/record.js';
import type {Names} from '../../trace/session.js';
import {Entry} from '../../trace/store.js';
import type {Tasks} from '../../trace/tasks.js';
import type {RecordView} from '../../trace/view.js';
import {Line} from '../line.js';
import {count, duration} from '../numbers.js';
import type {TimeFormat} from '../state.js';
import {cells, clip} from '../text.js';
import type {Theme} from '../theme.js';
import {TIMING_CELLS, type TraceColumns, traceColumns} from './columns.js';
import {CONTEXT_LETTERS, CONTEXT_WORDS, dropText, endpoints, functionName, isDrop, packetColumns} from './facts.js';
import {type Row, RowKind, rootOf} from './layout.js';
import {longestPath} from './path.js';
import type {Position} from './position.js';
import type {Way} from './way.js';

export interface TraceLook {
	readonly width: number;
	readonly rows: number;
	/** Cells that tree and packet are scrolled to the left. */
	readonly shift: number;
	readonly top: Position | undefined;
	readonly cursor: Position | undefined;
	readonly time: TimeFormat;
	/** CLOCK_MONOTONIC now or at the end of the recording, ns: how long open calls have been open. */
	readonly now: bigint;
}

export class TracePainter {
	private readonly line = new Line(0);
	private readonly clock: WallClock;
	private readonly entry = new Entry();
	private columns: TraceColumns = traceColumns(80);
	private look!: TraceLook;

	constructor(
		private readonly names: Names,
		private readonly tasks: Tasks,
		private readonly theme: Theme,
		/** By the function's number. */
		private readonly layers: readonly Layer[],
	) {
		this.clock = new WallClock(names.session.wallOffset);
	}

	/** Headings of the columns. */
	heading(width: number, time: TimeFormat): string {
		const columns = traceColumns(width);
		const line = this.line.start(width);
		const style = this.theme.style('faint');
		if (columns.time > 0) line.put(TIME_HEADINGS[time], style);
		if (columns.place > 0) line.to(columns.time + 1).put(' cpu', style);
		line.to(columns.tree).put('function', style);
		if (!columns.wide) line.until(columns.timing).to(columns.packet).put('packet', style).until();
		line.to(columns.timing).put('    time    self', style);
		if (columns.wide) line.to(columns.packet).put('packet', style);
		return line.finish();
	}

	/** One line for each row of the pane; '' where there is nothing. */
	paint(way: Way, look: TraceLook): string[] {
		this.columns = traceColumns(look.width);
		this.look = look;
		const lines: string[] = [];
		let at = look.top;
		while (at !== undefined && lines.length < look.rows) {
			const height = way.height(at.id);
			for (let row = at.row; row < height && lines.length < look.rows; row++) {
				const selected = look.cursor?.id === at.id && look.cursor.row === row;
				lines.push(this.row(way, {id: at.id, row}, selected));
			}
			const next = way.next(at.id + 1);
			at = next < 0 ? undefined : {id: next, row: 0};
		}
		while (lines.length < look.rows) lines.push('');
		return lines;
	}

	private row(way: Way, position: Position, selected: boolean): string {
		const row = way.row(position);
		const line = this.line.start(this.look.width, selected ? this.theme.style('selected') : '');
		const {entry, theme} = this;
		if (!way.store.read(row?.entry ?? position.id, entry)) return line.finish();
		const at = entry.at + (row?.offset ?? 0);
		if (row === undefined) this.folded(line, way, position.id);
		else if (row.kind === RowKind.LOSS) this.loss(line, entry.view, at);
		else if (row.kind === RowKind.WAIT) this.wait(line, row);
		else {
			const faint = row.matches ? undefined : theme.style('faint');
			this.fixedColumns(line, way, position, row, at);
			line.scroll(this.look.shift);
			if (row.kind === RowKind.END) this.end(line, way, position, row, at, faint);
			else this.begin(line, row, at, faint);
		}
		return line.finish();
	}

	/** Time, CPU and context. */
	private fixedColumns(line: Line, way: Way, position: Position, row: Row | undefined, at: number): void {
		const {columns, theme, entry} = this;
		const {view} = entry;
		const time = theme.style('time');
		if (columns.time > 0) line.put(this.timeOf(way, position, row, at), time);
		const letter = CONTEXT_LETTERS[view.context(at)];
		if (columns.place > 0 && row?.kind !== RowKind.END && letter !== undefined) {
			line.to(columns.time + 1).put(`${String(view.cpu(at)).padStart(3)}${letter}`, theme.style('faint'));
		}
		line.to(columns.tree);
	}

	private timeOf(way: Way, position: Position, row: Row | undefined, at: number): string {
		const {columns, look} = this;
		if (row !== undefined && row.time === Number.POSITIVE_INFINITY) return ' '.repeat(columns.time);
		if (look.time === 'clock' || row === undefined) {
			this.clock.set(this.entry.view, at, row?.kind === RowKind.END ? this.entry.view.duration(at) : 0);
			const text = `${this.clock.clock().slice(0, -1)}.${String(this.clock.micros).padStart(6, '0')}`;
			return text.slice(-columns.time);
		}
		const rows = way.layouts.rows(position.id);
		const root = rootOf(rows);
		let before = position.row - 1;
		while (before > root && rows[before]?.kind === RowKind.WAIT) before--;
		const from = rows[look.time === 'block' ? root : Math.max(root, before)]?.time ?? 0;
		return `+${duration(Math.max(0, row.time - from), this.theme.ascii)}`.padStart(columns.time);
	}

	private guides(line: Line, row: Row, faint: string | undefined): void {
		const {glyphs} = this.theme;
		const {step} = this.columns;
		const style = this.theme.style('faint');
		const level = glyphs.guide.padEnd(step);
		if (row.base === 0) {
			line.put(level.repeat(row.depth), style);
			return;
		}
		line.put(level.repeat(row.base - 1), style);
		line.put(glyphs.onTop.padEnd(step), faint ?? this.theme.style('softirq'));
		line.put(level.repeat(row.depth - row.base), style);
	}

	/** How long the packet of the next row had been in a queue. */
	private wait(line: Line, row: Row): void {
		const {theme, columns, names} = this;
		if (row.wait === undefined) return;
		const {packet, wait} = row.wait;
		line.to(columns.tree).scroll(this.look.shift);
		this.guides(line, row, undefined);
		const time = duration(wait.end - wait.begin, theme.ascii);
		const style = theme.style('faint');
		line.put(`${theme.glyphs.wait} wait ${queueAt(wait.queue).name} ${time} (packet ${packet})`, style);
		line.put(`, put in by ${functionName(names, wait.from)}${wait.length > 0 ? `, behind ${wait.length}` : ''}`, style);
	}

	/** A row that begins something or is a mark: tree, then packet and process. */
	private begin(line: Line, row: Row, at: number, faint: string | undefined): void {
		const {theme, entry, names, columns} = this;
		const {view} = entry;
		const point = row.kind === RowKind.POINT;
		const root = row.depth === row.base;
		const drop = point && isDrop(view, at);
		const layer = theme.layer(this.layers[view.fn(at)] ?? 'other');
		this.guides(line, row, faint);
		const style = faint ?? (drop ? theme.style('drop') : '');
		line.put((point ? theme.glyphs.point : theme.glyphs.begin).padEnd(columns.step), faint ?? (drop ? style : layer));
		line.put(functionName(names, view.fn(at)), style !== '' ? style : root ? theme.style('strong') : '');
		line.put(point ? ' -' : ' B', faint ?? (drop ? style : theme.style('faint')));
		if (drop) {
			const {reason, place} = dropText(view, at, names);
			line.put(` DROP ${reason}`, style).put(` at ${cells(place, theme.ascii)}`, faint ?? '');
		}
		if (point) this.changes(line, view, at, faint);
		if (root && row.base > 0) line.put(` ${CONTEXT_WORDS[view.context(at)] ?? ''}`, faint ?? theme.style('softirq'));
		line.to(columns.packet, 2);
		this.packet(line, at, root, faint);
	}

	/** Faint where it is the same as that of the block's root. */
	private packet(line: Line, at: number, root: boolean, faint: string | undefined): void {
		const {theme, entry, names, tasks} = this;
		const {view} = entry;
		const {arrow} = theme.glyphs;
		const pair = endpoints(view, at, arrow);
		const same = !root && pair === endpoints(view, entry.at, arrow);
		line.put(pair, faint ?? (same ? theme.style('faint') : ''));
		line.put(packetColumns(view, at, names, theme.ascii), faint ?? theme.style('faint'));
		const task = root ? tasks.get(entry.task) : undefined;
		if (task !== undefined) line.put(`  ${cells(task.comm, theme.ascii)}[${task.pid}]`, faint ?? theme.style('accent'));
	}

	/** An E row: tree, then the time it took, its own part of it, and that as a share of the whole block. */
	private end(line: Line, way: Way, position: Position, row: Row, at: number, faint: string | undefined): void {
		const {theme, entry, columns, names} = this;
		const {view} = entry;
		const layer = theme.layer(this.layers[view.fn(at)] ?? 'other');
		line.until(columns.timing);
		this.guides(line, row, faint);
		line.put(theme.glyphs.end.padEnd(columns.step), faint ?? layer).put(functionName(names, view.fn(at)), faint ?? '');
		if (row.self < 0) {
			line.until().put(` ${this.unknownEnd(view, at)}`, faint ?? theme.style('warn'));
			return;
		}
		line.put(' E', faint ?? theme.style('faint'));
		this.changes(line, view, at, faint);
		const whole = this.blockDuration(way, position.id);
		const share = whole > 0 ? Math.min(1, row.self / whole) : 0;
		if (!way.store.read(row.entry, entry)) return;
		line.until().fixed().to(columns.timing);
		const time = duration(view.duration(at), theme.ascii).padStart(TIMING_CELLS / 2);
		const own = duration(row.self, theme.ascii).padStart(TIMING_CELLS / 2);
		line.put(time, faint ?? (row.depth === row.base ? theme.style('strong') : ''));
		line.put(own, faint ?? theme.style(share >= 0.25 ? 'hot' : 'faint'));
		if (columns.bar > 0) line.to(columns.timing + TIMING_CELLS + 1).put(this.bar(share), faint ?? theme.style('hot'));
	}

	/** What a call or mark changed of its TCP socket. */
	private changes(line: Line, view: RecordView, at: number, faint: string | undefined): void {
		const tcp = tcpInside(view, at);
		if (tcp !== undefined) line.put(` ${changes(tcp, this.theme.glyphs.arrow)}`, faint ?? this.theme.style('accent'));
	}

	private unknownEnd(view: RecordView, at: number): string {
		if (view.kind(at) !== Kind.OPEN && (view.flags(at) & Flag.END_UNKNOWN) !== 0) return 'end unknown';
		const open = Number(this.look.now - view.time(at));
		return `open, ${duration(Math.max(0, open), this.theme.ascii)} so far`;
	}

	private blockDuration(way: Way, id: number): number {
		if (!way.store.read(id, this.entry)) return 0;
		return this.entry.view.ended(this.entry.at) ? this.entry.view.duration(this.entry.at) : 0;
	}

	private bar(share: number): string {
		const {bar} = this.theme.glyphs;
		const eighths = Math.round(share * this.columns.bar * 8);
		const rest = eighths % 8;
		return (bar[7] as string).repeat(eighths >> 3) + (rest === 0 ? '' : (bar[rest - 1] as string));
	}

	/** A block in one line: its packet, the way where its time went, and the whole. */
	private folded(line: Line, way: Way, id: number): void {
		const {theme, entry, columns, names} = this;
		const {view, at} = entry;
		if (entry.kind === Kind.LOSS) {
			this.loss(line, view, at);
			return;
		}
		const faint = way.matchesFilter(id) ? undefined : theme.style('faint');
		this.fixedColumns(line, way, {id, row: 0}, undefined, at);
		line.scroll(this.look.shift);
		const drop = isDrop(view, at) ? theme.style('drop') : undefined;
		const call = entry.kind === Kind.CALL || entry.kind === Kind.OPEN;
		const sign = call ? theme.glyphs.folded : theme.glyphs.point;
		line.put(`${sign} `, faint ?? drop ?? theme.layer(this.layers[view.fn(at)] ?? 'other'));
		const total = view.ended(at) ? duration(view.duration(at), theme.ascii) : call ? 'open' : '';
		const calls = call ? longestPath(entry) : [view.fn(at)];
		const path = calls.map((fn) => functionName(names, fn)).join(` ${theme.glyphs.path} `);
		if (drop !== undefined) {
			const {reason, place} = dropText(view, at, names);
			line.put(`${path} - DROP ${reason}`, faint ?? drop).put(` at ${cells(place, theme.ascii)}  `, faint ?? '');
		} else if (columns.wide) {
			line.put(clip(path, columns.timing - columns.tree - 3, theme.glyphs.ellipsis), faint ?? '');
			line.to(columns.timing).put(total.padStart(TIMING_CELLS / 2), faint ?? theme.style('strong'));
			line.to(columns.packet);
		} else line.put(`${total.padStart(6)}  `, faint ?? theme.style('strong'));
		this.packet(line, at, true, faint);
		if (!columns.wide && drop === undefined) line.put(`  ${path}`, theme.style('faint'));
	}

	private loss(line: Line, view: RecordView, at: number): void {
		const {theme} = this;
		const cause = lossWords(view.halves[(at + LossAt.cause) >>> 1] as number);
		const text = ` lost ${count(Number(view.u64(at + LossAt.count)))} events (${cause}) `;
		const side = theme.glyphs.line.repeat(3);
		line.put(`${side}${text}${side}`, theme.style('lost'));
	}
}

const TIME_HEADINGS: Readonly<Record<TimeFormat, string>> = {
	clock: 'time',
	block: 'in block',
	delta: 'later by',
};
