/** Reads captures: pcap with microseconds or nanoseconds, in both byte orders, and pcapng (pcapng-reader.ts). */
import {isKnownLink, linkOf} from '../trace/frame.js';
import {type CapturedFrame, CaptureError, CaptureInput, frameBytes, unknownLink} from './pcap-input.js';
import {isPcapng, pcapngFrames} from './pcapng-reader.js';

export {type CapturedFrame, CaptureError} from './pcap-input.js';

/** A frame that claims to be longer is none. */
const LONGEST_FRAME = 128 << 20;
const FILE_HEADER = 24;
const FRAME_HEADER = 16;
/** Magic number, read in the right byte order: ns in a unit of the time behind the second. */
const UNITS: Readonly<Record<number, bigint>> = {2712847316: 1000n, 2712812621: 1n};

/**
 * The frames of an open capture file (or pipe) from its beginning, in bounded memory; each is valid until the next one is
 * asked for. Throws CaptureError, after everything whole before that place was delivered, or what the system says.
 */
export function* capturedFrames(fd: number): Generator<CapturedFrame, void, undefined> {
	const input = new CaptureInput(fd);
	if (input.fill(4) === 0) throw new CaptureError('foreign', 'this is no capture: it is empty');
	if (isPcapng(input)) return yield* pcapngFrames(input);
	const unit = unitOf(input);
	if (unit === undefined) throw new CaptureError('foreign', 'this is no capture of pcap or pcapng');
	input.need(FILE_HEADER);
	// The upper bits tell of checksums behind the frames.
	const link = linkOf(input.u32(20) & 0xffff);
	if (!isKnownLink(link)) throw unknownLink(link);
	input.skip(FILE_HEADER);
	while (input.fill(1) > 0) {
		input.need(FRAME_HEADER);
		const wall = BigInt(input.u32(0)) * 1_000_000_000n + BigInt(input.u32(4)) * unit;
		const [length, wire] = [input.u32(8), input.u32(12)];
		if (length > LONGEST_FRAME) throw input.damaged(`a frame of ${length} bytes`);
		input.skip(FRAME_HEADER);
		yield {...frameBytes(input, length, wire), link, wall, device: ''};
		input.skip(length);
	}
}

/** Finds the byte order, too. */
function unitOf(input: CaptureInput): bigint | undefined {
	if (input.fill(4) < 4) return undefined;
	for (const little of [true, false]) {
		input.little = little;
		const unit = UNITS[input.u32(0)];
		if (unit !== undefined) return unit;
	}
	return undefined;
}
