/** Captured frames and the records that are looked for among them. */
import {Link} from '../../../src/trace/frame.js';
import {FrameMatcher} from '../../../src/trace/frame-match.js';
import {Frames} from '../../../src/trace/frames.js';
import {Kind} from '../../../src/trace/record.js';
import {RecordView} from '../../../src/trace/view.js';
import {type PacketFields, packet} from './frames.js';
import {makeRecord, type RecordFields} from './records.js';

export const SRC = [10, 0, 0, 1];
export const DST = [10, 0, 0, 2];
export const udp: PacketFields = {sport: 1000, dport: 2000, carried: 20};
export const udpRecord: RecordFields = {
	src: SRC,
	dst: DST,
	proto: 17,
	sport: 1000,
	dport: 2000,
	len: 48,
	kind: Kind.MARK,
};
export const [SRC6, DST6] = [1, 2].map((last) => [0xfd, ...new Array<number>(14).fill(0), last]) as [
	number[],
	number[],
];

interface At extends PacketFields {
	readonly time: number;
	readonly dev?: number;
}

/** Frames, and what finds the numbers of those that are a record's. */
export function setUp(list: readonly At[], sameDevice = (a: number, b: number) => a === 0 || b === 0 || a === b) {
	const frames = new Frames(4);
	for (const {time, dev = 0, ...fields} of list) add(frames, fields, time, dev);
	const matcher = new FrameMatcher(frames, sameDevice);
	const found = (fields: RecordFields): number[] => {
		const ids = new Set<number>();
		matcher.match(new RecordView(makeRecord(fields)), 0, 0, ids);
		return [...ids].sort((a, b) => a - b);
	};
	return {frames, found};
}

export function add(frames: Frames, fields: PacketFields, time: number, dev = 0): void {
	const bytes = packet(fields);
	const known = frames.decode({bytes, at: 0, end: bytes.length, wire: bytes.length}, Link.RAW, BigInt(time), dev);
	frames.keep(known);
}
