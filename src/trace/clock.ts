/** Monotonic times of records as wall clock, without a bigint for each. */
import {At} from './record.js';
import type {RecordView} from './view.js';

const SECOND = 1_000_000_000;
/** 2^32 ns are 4 s and this many ns. */
const WORD_NANOS = 2 ** 32 - 4 * SECOND;

/**
 * Splits a monotonic time into seconds and ns since the epoch of the wall clock. The result of the last `set` stands in
 * `seconds` and `nanos`. Exact up to four years of uptime; beyond (a damaged record) it is some number, never an exception.
 */
export class WallClock {
	seconds = 0;
	nanos = 0;
	private readonly offsetSeconds: number;
	private readonly offsetNanos: number;
	private clockSecond = Number.NaN;
	private clockText = '';

	/** @param wallOffset wall clock minus the session's clock, ns. */
	constructor(wallOffset: bigint) {
		this.offsetNanos = Number(((wallOffset % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n);
		this.offsetSeconds = Number((wallOffset - BigInt(this.offsetNanos)) / 1_000_000_000n);
	}

	/** When the record at `at` of `view` began or happened, `later` ns later. */
	set(view: RecordView, at: number, later = 0): void {
		this.split(view.timeHigh(at), view.low(at + At.begin) + later);
	}

	/** A moment in ns since the epoch of a store. */
	setTime(time: number, epoch: number): void {
		const words = Math.floor(time / 2 ** 32);
		this.split(epoch + words, time - words * 2 ** 32);
	}

	private split(high: number, low: number): void {
		const nanos = high * WORD_NANOS + low + this.offsetNanos;
		this.nanos = nanos % SECOND;
		this.seconds = high * 4 + (nanos - this.nanos) / SECOND + this.offsetSeconds;
	}

	/** Whole microseconds of the second, cut off as they are displayed. */
	get micros(): number {
		return Math.floor(this.nanos / 1000);
	}

	/** `HH:MM:SS:` of the local time zone. Made once a second. */
	clock(): string {
		if (this.seconds !== this.clockSecond) {
			const date = new Date(this.seconds * 1000);
			const two = (value: number) => String(Number.isNaN(value) ? 0 : value).padStart(2, '0');
			this.clockSecond = this.seconds;
			this.clockText = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}:`;
		}
		return this.clockText;
	}

	/** ns since the epoch as decimal digits. */
	digits(): string {
		if (this.seconds <= 0) return String(this.seconds * SECOND + this.nanos);
		return `${this.seconds}${String(this.nanos).padStart(9, '0')}`;
	}
}
