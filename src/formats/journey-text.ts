/**
 * The journey of a packet for people: what became of it, then a line a step. A call is one line, with its duration and the
 * time that the packet spent in it itself; what came out of the packet stands indented where it was born.
 */
import type {CallStep, Journey, Step, WaitStep} from '../trace/packets/journey.js';
import type {PacketRow, PacketWorld} from '../trace/packets/packet-row.js';
import {queueAt} from '../trace/packets/queues.js';
import {Context} from '../trace/record.js';
import {cells} from '../ui/text.js';
import {type Place, placeOf} from './journey-place.js';

const CONTEXTS: Readonly<Record<number, string>> = {
	[Context.TASK]: 't',
	[Context.SOFTIRQ]: 's',
	[Context.HARDIRQ]: 'h',
};
/** Columns before the step: time, CPU and context, task. */
const TIME = 12;
const CPU = 4;
const TASK = 15;
const BLANK = ' '.repeat(CPU + 3 + TASK);

/** @param ascii nothing beyond ASCII. */
export function journeyText(world: PacketWorld, journey: Journey, ascii: boolean): string {
	return new Writer(world, journey.packet.first, ascii).text(journey);
}

/** ns as µs with three digits behind the point. */
const micros = (time: number): string => (time / 1000).toFixed(3);

class Writer {
	private readonly arrow: string;
	/** Calls that have a line. */
	private readonly shown = new Set<string>();
	private netns = -1;
	private device = '';

	/** @param origin ns since the store's epoch: times count from here. */
	constructor(
		private readonly world: PacketWorld,
		private readonly origin: number,
		private readonly ascii: boolean,
	) {
		this.arrow = ascii ? '->' : '→';
	}

	text(journey: Journey): string {
		const heading = `${'us'.padStart(TIME)} ${'CPU'.padStart(CPU)}   ${'task'.padEnd(TASK)} step`;
		return `${this.head(journey.packet)}\n${heading}\n${this.steps(journey, 0)}`;
	}

	private head(row: PacketRow): string {
		const {number, parent, birth, slowest} = row;
		const parts = `functions ${micros(row.inFunctions)}, queues ${micros(row.inQueues)}, between ${micros(row.between)}`;
		const rows = [
			[`packet ${number}`, this.flow(row)],
			['fate', row.fateText],
			['path', this.ascii ? row.path.replaceAll('→', '->') : row.path],
			['total', `${micros(row.total)} us: ${parts}`],
			['slowest', slowest === 0 ? '' : `${row.slowestName} ${micros(slowest)} us`],
			['from', birth === '' ? '' : `${birth} of ${parent}`],
		] as const;
		const width = Math.max(...rows.map(([name]) => name.length));
		const filled = rows.filter(([, text]) => text !== '');
		return filled.map(([name, text]) => `${name.padEnd(width)}  ${cells(text, this.ascii)}\n`).join('');
	}

	private flow({proto, a, b}: PacketRow): string {
		return proto === '' ? '' : `${proto} ${a} ${this.arrow} ${b}`;
	}

	/** @param level how many packets it came out of. */
	private steps({packet, steps}: Journey, level: number): string {
		let text = '';
		for (const step of steps) text += this.step(step, packet, level);
		if (!steps.some(({type}) => type === 'end')) text += this.line(packet.last, BLANK, level, packet.fateText);
		return text;
	}

	private step(step: Step, packet: PacketRow, level: number): string {
		switch (step.type) {
			case 'wait':
				return this.line(step.begin, BLANK, level, this.wait(step));
			case 'end':
				return this.line(step.begin, BLANK, level, packet.fateText);
			case 'branch': {
				const {number, birth, fateText, total} = step.journey.packet;
				const what = `${birth} ${number} ${this.flow(step.journey.packet)}, ${micros(total)} us, ${fateText}`;
				const {device, netns} = this;
				const text = this.line(step.begin, BLANK, level, what) + this.steps(step.journey, level + 1);
				[this.device, this.netns] = [device, netns];
				return text;
			}
			default: {
				// What is around a packet is around its copies, too: one line is enough.
				const key = `${step.entry}:${step.offset}`;
				if (level > 0 && step.around && this.shown.has(key)) return '';
				this.shown.add(key);
				const place = placeOf(this.world, step);
				return this.line(step.begin, where(place), level + step.depth, this.call(step, place));
			}
		}
	}

	private call(step: CallStep, place: Place | undefined): string {
		const name = this.fn(step.fn);
		const device = this.deviceOf(place);
		if (step.type === 'drop') return `${name} - ${place?.reason ?? ''} at ${place?.location ?? ''}${device}`;
		if (step.type === 'mark') return `${name} -${device}`;
		const open = step.end === Number.POSITIVE_INFINITY;
		const took = open ? 'open' : place?.unknown === true ? 'end not seen' : `${micros(step.end - step.begin)} us`;
		const own = step.around ? '' : `, self ${micros(step.self)}`;
		return `${name} B ${took}${own}${device}`;
	}

	/** Where it is another one than before; with its namespace where that is another one. */
	private deviceOf(place: Place | undefined): string {
		const device = place?.device;
		if (device === undefined) return '';
		if (device.netns === this.netns) {
			if (device.name === this.device) return '';
			this.device = device.name;
			return device.name === '' ? '' : `  ${device.name}`;
		}
		[this.netns, this.device] = [device.netns, device.name];
		return `  ${device.name}@${device.netns}`;
	}

	private wait({queue, begin, end, from, to, length}: WaitStep): string {
		const over = end < Number.POSITIVE_INFINITY;
		const took = over ? ` ${micros(end - begin)} us` : '';
		const next = to >= 0 ? ` ${this.arrow} ${this.fn(to)}` : over ? ' until its end' : ' and still there';
		const behind = length > 0 ? `, behind ${length}` : '';
		return `${this.ascii ? '...' : '⋯'} wait ${queueAt(queue).name}${took}, ${this.fn(from)}${next}${behind}`;
	}

	private fn(fn: number): string {
		return this.world.names.session.functions[fn]?.name ?? `function_${fn}`;
	}

	private line(time: number, place: string, level: number, text: string): string {
		const moment = micros(time - this.origin).padStart(TIME);
		return `${moment} ${cells(place, this.ascii)} ${'  '.repeat(level)}${cells(text, this.ascii)}\n`;
	}
}

function where(place: Place | undefined): string {
	if (place === undefined) return BLANK;
	const context = CONTEXTS[place.context];
	const cpu = context === undefined ? '' : String(place.cpu);
	return `${cpu.padStart(CPU)} ${context ?? ' '} ${(place.task?.comm ?? '').slice(0, TASK).padEnd(TASK)}`;
}
