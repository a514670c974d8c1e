/** The packets of this machine's devices, captured beside the trace. */
import {type FrameBytes, Link} from '../trace/frame.js';
import type {Device} from '../trace/session.js';
import {sanitize} from '../trace/text.js';
import {BASE} from './clock.js';
import {type Addon, CAPTURE_LEAST} from './native.js';

/** A network namespace to capture in. */
export interface Place {
	/** '' for the own one. */
	readonly path: string;
	/** Inode number. */
	readonly netns: number;
}

export interface CaptureDevice extends Device {
	/** Link type of its frames, undefined where nothing can read them. */
	readonly link: number | undefined;
}

export interface LiveFrame extends FrameBytes {
	/** ns of the session's clock. */
	readonly time: bigint;
	/** Index + 1 into `Capture.devices`. */
	readonly dev: number;
	readonly outgoing: boolean;
}

/** Byte offsets of struct captured in native/capture.h. */
const At = {time: 0, length: 8, wire: 12, ifindex: 16, hatype: 20, type: 22, socket: 23, bytes: 24} as const;
const OUTGOING = 4;
/** By ARPHRD_ number: devices with Ethernet's header, loopback among them, and those without any. */
const LINKS: Readonly<Record<number, number>> = {
	1: Link.ETHERNET,
	772: Link.ETHERNET,
	519: Link.RAW,
	768: Link.RAW,
	769: Link.RAW,
	776: Link.RAW,
	65534: Link.RAW,
};
/** What is taken from the kernel at a time. */
const BUFFER = 1 << 20;
/** Bytes for one `drain`: where packets come faster than they are read, other work has its turn. */
const MOST = 32 << 20;

/** Why nothing can be captured; one line. */
export class CaptureFailed extends Error {}

export class Capture {
	/** Those that have been seen, in that order. */
	readonly devices: CaptureDevice[] = [];
	private readonly numbers = new Map<number, number>();
	private readonly buffer = new Uint8Array(Math.max(BUFFER, CAPTURE_LEAST));
	private readonly data = new DataView(this.buffer.buffer);

	private constructor(
		private readonly addon: Addon,
		private readonly places: readonly Place[],
	) {}

	/** Begins to capture. Needs root, and what follows does not. Throws CaptureFailed. */
	static open(addon: Addon, places: readonly Place[]): Capture {
		const error = addon.openCapture(places.map(({path}) => path));
		if (error !== '') throw new CaptureFailed(error);
		return new Capture(addon, places);
	}

	/** Hands over the frames that have come; each is valid during the call. */
	drain(take: (frame: LiveFrame) => void): void {
		for (let taken = 0; taken < MOST; ) {
			const length = this.addon.drainCapture(this.buffer);
			if (length === 0) return;
			taken += length;
			for (const at of this.byTime(length)) take(this.frame(at));
		}
	}

	/** ns of the session's clock: what came before that has been handed over. The kernel shows frames some milliseconds late. */
	until(): bigint {
		return this.addon.captureUntil() - BASE;
	}

	/** Frames that the kernel had no room for. */
	dropped(): number {
		return this.addon.captureDropped();
	}

	close(): void {
		this.addon.closeCapture();
	}

	/** Where the frames begin in the buffer: each ring has its own in order, but there may be several. */
	private byTime(length: number): readonly number[] {
		const {data} = this;
		const places: number[] = [];
		let sorted = true;
		for (let at = 0, last = 0n; at < length; at += At.bytes + Math.ceil(data.getUint32(at + At.length, true) / 8) * 8) {
			const time = data.getBigUint64(at + At.time, true);
			sorted &&= time >= last;
			last = time;
			places.push(at);
		}
		if (sorted) return places;
		const time = (at: number) => data.getBigUint64(at + At.time, true);
		return places.sort((a, b) => Number(time(a) - time(b)));
	}

	private frame(at: number): LiveFrame {
		const {data, buffer} = this;
		const bytes = at + At.bytes;
		return {
			bytes: buffer,
			at: bytes,
			end: bytes + data.getUint32(at + At.length, true),
			wire: data.getUint32(at + At.wire, true),
			time: data.getBigUint64(at + At.time, true) - BASE,
			dev: this.device(at),
			outgoing: buffer[at + At.type] === OUTGOING,
		};
	}

	private device(at: number): number {
		const {data, buffer, places} = this;
		const ifindex = data.getUint32(at + At.ifindex, true);
		const socket = buffer[at + At.socket] as number;
		const key = socket * 2 ** 32 + ifindex;
		const known = this.numbers.get(key);
		if (known !== undefined) return known;
		const link = LINKS[data.getUint16(at + At.hatype, true)];
		const name = sanitize(this.addon.captureDevice(socket, ifindex));
		this.devices.push({ifindex, netns: places[socket]?.netns ?? 0, name, link});
		this.numbers.set(key, this.devices.length);
		return this.devices.length;
	}
}
