/** What all captures have in common: a window of the file, in the byte order that it turns out to have, and frames. */
import type {FrameBytes} from '../trace/frame.js';
import {WINDOW_BYTES, Window} from './window.js';

/** Why a capture cannot be read (further). The message is one line, without the name of the file. */
export class CaptureError extends Error {
	/** foreign: nothing can be read of it; others: what stood before that place has been delivered. */
	constructor(
		readonly kind: 'foreign' | 'link' | 'truncated' | 'damaged',
		message: string,
	) {
		super(message);
		this.name = 'CaptureError';
	}
}

export interface CapturedFrame extends FrameBytes {
	readonly link: number;
	/** ns since the epoch; undefined where the file does not say. */
	readonly wall: bigint | undefined;
	/** Name of its device, '' where the file does not say. */
	readonly device: string;
}

/** Bytes of a frame that are looked at: the headers stand in them. */
const LOOKED_AT = 4096;

/** What is looked at of the next `length` bytes, which are a frame. */
export function frameBytes(input: CaptureInput, length: number, wire: number): FrameBytes {
	const looked = Math.min(length, LOOKED_AT);
	input.need(looked);
	return {bytes: input.bytes, at: input.at, end: input.at + looked, wire};
}

export function unknownLink(link: number): CaptureError {
	const known = 'only Ethernet, Linux cooked, raw IP, loopback';
	return new CaptureError('link', `frames of link type ${link} cannot be read: ${known}`);
}

export class CaptureInput extends Window {
	little = true;
	private readonly data = new DataView(this.bytes.buffer);

	/** As `fill`, where the file must have that much. */
	need(least: number): void {
		if (this.fill(least) < least) throw this.truncated();
	}

	/** Goes on `count` bytes, which need not fit the window. */
	skip(count: number): void {
		for (let left = count; left > 0; ) {
			const step = Math.min(left, this.fill(Math.min(left, WINDOW_BYTES)));
			if (step === 0) throw this.truncated();
			this.at += step;
			left -= step;
		}
	}

	u16(offset: number): number {
		return this.data.getUint16(this.at + offset, this.little);
	}

	u32(offset: number): number {
		return this.data.getUint32(this.at + offset, this.little);
	}

	i64(offset: number): bigint {
		return this.data.getBigInt64(this.at + offset, this.little);
	}

	truncated(): CaptureError {
		return new CaptureError('truncated', `the capture was cut off after ${this.total} bytes`);
	}

	damaged(what: string): CaptureError {
		return new CaptureError('damaged', `the capture is damaged at byte ${this.position}: ${what}`);
	}
}
