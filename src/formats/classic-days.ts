/**
 * Dates for the times of day of a classic log. The log does not have them: its first line is of the day on which the file
 * was last written, or of the day before where that time had not come yet on that day.
 *
 * Roots stand in the order of their begin or of their end, so that they go back and forth a little; in a block time goes on.
 */
import type {LogEvent} from './classic-line.js';

const DAY = 86_400;
const HALF = DAY / 2;
const HOUR = 3600;
/** A clock may be set back: what is earlier by more, in a block, is of the next day. */
const SET_BACK = 60;
/** Times stay exact for that long. */
const MOST_DAYS = 100;

export class Days {
	/** Wall clock of time 0, ns: before the first line, so that no time is below 0. */
	readonly offset: bigint;
	private readonly midnight: Date;
	private started = false;
	private readonly root = {second: 0, day: 0};
	private readonly latest = {second: 0, day: 0};
	private known = {second: -1, day: 0, seconds: 0};

	/** @param written when the file was last written, ms since the epoch. */
	constructor(private readonly written: number) {
		this.midnight = new Date(written);
		this.midnight.setHours(0, 0, 0, 0);
		this.offset = BigInt(this.midnight.getTime() - 2 * DAY * 1000) * 1_000_000n;
	}

	/** Time of a line in ns since `offset`. @param root whether it begins a block, or is a mark outside any. */
	time({second, nanos}: LogEvent, root: boolean): number {
		const {latest} = this;
		if (!this.started) {
			this.started = true;
			const today = new Date(this.written);
			const now = today.getHours() * HOUR + today.getMinutes() * 60 + today.getSeconds();
			this.root.second = second;
			this.root.day = second > now ? -1 : 0;
		} else if (root) {
			if (second < this.root.second - HALF) this.root.day = Math.min(MOST_DAYS, this.root.day + 1);
			else if (second > this.root.second + DAY - HOUR) this.root.day = Math.max(-1, this.root.day - 1);
			this.root.second = second;
		} else if (second < latest.second - SET_BACK) latest.day = Math.min(MOST_DAYS, latest.day + 1);
		if (root) latest.day = this.root.day;
		latest.second = second;
		return this.seconds(latest.day, second) * 1e9 + nanos;
	}

	/** By the local clock, which is set twice a year. Made once a second. */
	private seconds(day: number, second: number): number {
		const {known, midnight} = this;
		if (known.second === second && known.day === day) return known.seconds;
		const date = new Date(midnight.getFullYear(), midnight.getMonth(), midnight.getDate() + day, 0, 0, second);
		// A time that the clock skips stays a time on that clock.
		const seconds = (date.getTime() - midnight.getTime()) / 1000 + 2 * DAY;
		this.known = {second, day, seconds};
		return seconds;
	}
}
