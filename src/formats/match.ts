/** A capture beside a session as lines: each frame with its blocks, then the blocks without a frame, then the sums. */
import {WallClock} from '../trace/clock.js';
import {Family, Kind, Proto} from '../trace/record.js';
import type {Names} from '../trace/session.js';
import type {Entry} from '../trace/store.js';
import type {RecordView} from '../trace/view.js';
import {addresses, ipColumns, isSegment, tcpColumns} from './classic.js';
import {packetFields} from './json.js';

export interface MatchSums {
	/** In the file. */
	readonly frames: number;
	readonly matched: number;
	readonly unmatched: number;
	/** Before or after the session. */
	readonly outside: number;
	/** Neither IPv4 nor IPv6 nor ARP, or without a time: nothing to find them by. */
	readonly unknown: number;
	/** That the filter leaves out. */
	readonly filtered: number;
	/** Blocks, and marks outside any, that have a packet. */
	readonly blocks: number;
	readonly blocksMatched: number;
	readonly blocksUnmatched: number;
	/** Before or after the capture. */
	readonly blocksOutside: number;
}

export interface MatchWriter {
	/** @param view has the facts of the frame at `at`; @param device its name, '' unknown; @param entries its blocks. */
	frame(number: number, view: RecordView, at: number, device: string, entries: Iterable<Entry>): string;
	/** A block without a frame; `at` is its first record that has a packet. */
	alone(entry: Entry, at: number): string;
	sums(sums: MatchSums): string;
}

export function matchText(names: Names, time: 'us' | 'ns'): MatchWriter {
	const clock = new WallClock(names.session.wallOffset);
	const when = (view: RecordView, at: number) => {
		clock.set(view, at);
		return clock.clock() + (time === 'ns' ? pad(clock.nanos, 9) : pad(clock.micros, 6));
	};
	const block = (entry: Entry) => {
		const {view, at} = entry;
		const what = entry.block === 0 ? 'mark' : `block ${entry.block}`;
		return `${what} ${when(view, at)} ${nameOf(names, view, at)}`;
	};
	return {
		frame(number, view, at, device, entries) {
			const what = view.family(at) === Family.NONE ? 'neither IP nor ARP' : packet(view, at);
			const head = `frame ${number} ${when(view, at)} ${what}${on(device)}`;
			let lines = '';
			for (const entry of entries) lines += `  ${block(entry)}\n`;
			return lines === '' ? `${head}: no block\n` : `${head}\n${lines}`;
		},
		alone: (entry, at) => `${block(entry)} ${packet(entry.view, at)}${on(deviceOf(names, entry.view, at))}: no frame\n`,
		sums(sums) {
			const left = [
				[sums.outside, 'before or after the session'],
				[sums.unknown, 'neither IP nor ARP'],
				[sums.filtered, 'left out by the filter'],
			].flatMap(([count, words]) => (count === 0 ? [] : `, ${count} ${words}`));
			const outside = sums.blocksOutside === 0 ? '' : `, ${sums.blocksOutside} before or after the capture`;
			const frames = `${sums.frames} frames: ${sums.matched} with blocks, ${sums.unmatched} without${left.join('')}`;
			const blocks = `${sums.blocks} blocks and marks with a packet: ${sums.blocksMatched} with frames`;
			return `# ${frames}\n# ${blocks}, ${sums.blocksUnmatched} without${outside}\n`;
		},
	};
}

export function matchJson(names: Names): MatchWriter {
	const clock = new WallClock(names.session.wallOffset);
	const wall = (view: RecordView, at: number) => {
		clock.set(view, at);
		return `"wall":${clock.digits()}`;
	};
	const block = (entry: Entry) => {
		const {view, at, kind} = entry;
		const number = entry.block === 0 ? '' : `"block":${entry.block},`;
		const time = kind === Kind.MARK || kind === Kind.DROP ? 'at' : 'begin';
		const name = JSON.stringify(nameOf(names, view, at));
		return `${number}"fn":${name},"${time}":${view.time(at) + names.session.base},${wall(view, at)}`;
	};
	return {
		frame(number, view, at, device, entries) {
			const list = Array.from(entries, (entry) => `{${block(entry)}}`);
			const packet = `${wall(view, at)}${packetFields(view, at, true)}${ifname(device)}`;
			return `{"type":"frame","frame":${number},${packet},"blocks":[${list.join(',')}]}\n`;
		},
		alone: (entry, at) => {
			const {view} = entry;
			const packet = `${packetFields(view, at, false)}${ifname(deviceOf(names, view, at))}`;
			return `{"type":"missing",${block(entry)}${packet}}\n`;
		},
		sums: ({blocksMatched, blocksUnmatched, blocksOutside, ...sums}) => {
			const blocks = {blocks_matched: blocksMatched, blocks_unmatched: blocksUnmatched, blocks_outside: blocksOutside};
			return `${JSON.stringify({type: 'summary', ...sums, ...blocks})}\n`;
		},
	};
}

/** As the columns of the classic log. */
function packet(view: RecordView, at: number): string {
	const family = view.family(at);
	if (family === Family.ARP) return `${addresses(view, at)} ARP`;
	const tcp = view.proto(at) === Proto.TCP && isSegment(view, at);
	const segment = tcp ? tcpColumns(view.tcpFlags(at), view.seq(at), view.ack(at)) : '';
	return `${addresses(view, at)}${segment}${ipColumns(view.ipid(at), view.proto(at))}`;
}

const pad = (value: number, digits: number): string => String(value).padStart(digits, '0');

const on = (device: string): string => (device === '' ? '' : ` on ${device}`);
const ifname = (device: string): string => (device === '' ? '' : `,"ifname":${JSON.stringify(device)}`);

function deviceOf(names: Names, view: RecordView, at: number): string {
	return names.device(view.dev(at))?.name ?? '';
}

function nameOf(names: Names, view: RecordView, at: number): string {
	return names.session.functions[view.fn(at)]?.name ?? `function_${view.fn(at)}`;
}
