/** How long the screen fetches events at a time, and how often: as fast as they come, and seldom while none do. */

/** How long work may keep a key waiting, ms. */
export const SLICE = 10;
/** Where all else takes longer than that, events are fetched for twice as long, up to so long: or they would never all be. */
const LONGEST = 100;
/** How often events are fetched, and how often where none came in so many times, ms. */
const TICK = 25;
const IDLE_TICK = 100;
const IDLE_TICKS = 40;
/** Of the refreshes while no event comes, every so many-th is made. */
const IDLE_REFRESHES = 4;

export class Pace {
	private fetched = 0;
	private behind = false;
	private ticks = 0;
	private refreshes = 0;

	/** ms for fetching events now. */
	slice(): number {
		const others = this.behind ? performance.now() - this.fetched : 0;
		return Math.min(LONGEST, Math.max(SLICE, 2 * others));
	}

	/** Events have been fetched. @param more there are more; @param any something came. */
	done(more: boolean, any: boolean): void {
		this.fetched = performance.now();
		this.behind = more;
		this.ticks = any ? 0 : this.ticks + 1;
	}

	/** ms until they are fetched again. */
	get tick(): number {
		return this.ticks < IDLE_TICKS ? TICK : IDLE_TICK;
	}

	/** Whether a refresh would show what is there already. */
	skipsRefresh(): boolean {
		return this.ticks >= IDLE_TICKS && ++this.refreshes % IDLE_REFRESHES !== 0;
	}
}
