/** Reads pcapng: sections in either byte order, interfaces with their own clocks, packets in any of the three blocks. */
import {isKnownLink, linkOf} from '../trace/frame.js';
import {sanitize} from '../trace/text.js';
import {type CapturedFrame, type CaptureInput, frameBytes, unknownLink} from './pcap-input.js';
import {Block, InterfaceOption, ORDER_MAGIC} from './pcapng.js';
import {WINDOW_BYTES} from './window.js';

interface Interface {
	readonly link: number;
	readonly snap: number;
	readonly name: string;
	/** ns since the epoch of a time in the interface's units. */
	readonly wall: (units: bigint) => bigint;
}

const HEAD = 8;
const TAIL = 4;
/** More interfaces than any machine has. */
const MOST_INTERFACES = 65_536;
const SECOND = 1_000_000_000n;

/** Whether a section header is what comes next. */
export function isPcapng(input: CaptureInput): boolean {
	return input.fill(4) >= 4 && input.u32(0) === Block.SECTION;
}

/** See capturedFrames of pcap.ts. */
export function* pcapngFrames(input: CaptureInput): Generator<CapturedFrame, void, undefined> {
	let interfaces: Interface[] = [];
	while (input.fill(1) > 0) {
		input.need(HEAD + TAIL);
		if (input.u32(0) === Block.SECTION) {
			readOrder(input);
			interfaces = [];
		}
		const [type, length] = [input.u32(0), input.u32(4)];
		if (length % 4 !== 0 || length < HEAD + TAIL) throw input.damaged(`a block of ${length} bytes`);
		const body = length - HEAD - TAIL;
		input.skip(HEAD);
		const from = input.position;
		if (type === Block.INTERFACE) {
			if (interfaces.length === MOST_INTERFACES) throw input.damaged('too many interfaces');
			interfaces.push(readInterface(input, body));
		} else if (type === Block.ENHANCED || type === Block.PACKET || type === Block.SIMPLE) {
			yield readFrame(input, type, body, interfaces);
		}
		input.skip(body - (input.position - from));
		input.need(TAIL);
		if (input.u32(0) !== length) throw input.damaged('a block whose two lengths differ');
		input.skip(TAIL);
	}
}

function readOrder(input: CaptureInput): void {
	for (const little of [true, false]) {
		input.little = little;
		if (input.u32(HEAD) === ORDER_MAGIC) return;
	}
	throw input.damaged('a section of unknown byte order');
}

function readInterface(input: CaptureInput, body: number): Interface {
	if (body < 8) throw input.damaged('an interface block that is too short');
	const there = Math.min(body, WINDOW_BYTES);
	input.need(there);
	let [name, resolution, offset] = ['', 6, 0n];
	for (let at = 8; at + 4 <= there; ) {
		const [code, length] = [input.u16(at), input.u16(at + 2)];
		if (code === 0 || at + 4 + length > there) break;
		const value = input.bytes.subarray(input.at + at + 4, input.at + at + 4 + length);
		if (code === InterfaceOption.NAME) name = sanitize(new TextDecoder().decode(value).replace(/\0+$/, ''));
		else if (code === InterfaceOption.RESOLUTION && length === 1) resolution = value[0] as number;
		else if (code === InterfaceOption.OFFSET && length === 8) offset = input.i64(at + 4);
		at += 4 + Math.ceil(length / 4) * 4;
	}
	// `any` is no device, but all of them together.
	return {
		link: linkOf(input.u16(0)),
		snap: input.u32(4),
		name: name === 'any' ? '' : name,
		wall: clock(resolution, offset * SECOND),
	};
}

/** @param resolution as the option has it: 10 to the power of minus this or, with the highest bit, 2. */
function clock(resolution: number, offset: bigint): (units: bigint) => bigint {
	const power = BigInt(resolution & 0x7f);
	const perSecond = (resolution & 0x80) === 0 ? 10n ** power : 2n ** power;
	return (units) => (units * SECOND) / perSecond + offset;
}

function readFrame(input: CaptureInput, type: number, body: number, interfaces: readonly Interface[]): CapturedFrame {
	const head = type === Block.SIMPLE ? 4 : 20;
	if (body < head) throw input.damaged('a packet block that is too short');
	input.need(head);
	const number = type === Block.SIMPLE ? 0 : type === Block.PACKET ? input.u16(0) : input.u32(0);
	const from = interfaces[number];
	if (from === undefined) throw input.damaged(`a packet of interface ${number}, which there is not`);
	if (!isKnownLink(from.link)) throw unknownLink(from.link);
	const wire = input.u32(head - 4);
	const simple = Math.min(wire, from.snap === 0 ? wire : from.snap);
	const length = type === Block.SIMPLE ? simple : input.u32(12);
	if (length > body - head) throw input.damaged('a packet that does not fit its block');
	const wall = type === Block.SIMPLE ? undefined : from.wall((BigInt(input.u32(4)) << 32n) | BigInt(input.u32(8)));
	input.skip(head);
	return {...frameBytes(input, length, wire), link: from.link, wall, device: from.name};
}
