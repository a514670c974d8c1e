/** Distinct stacks and the time spent on each: a tree of frames in which a stack is the way from the root to a frame. */

/** Frames at most. */
const MOST = 1 << 18;
/** Above every label. */
const LABELS = 2 ** 20;

/** Number of the root, which has no label. */
export const ROOT = 0;

export class Stacks {
	/** Frames that found no room: their time is with the frames around them. */
	cut = 0;
	private readonly children = new Map<number, number>();
	private readonly parents: number[] = [ROOT];
	private readonly labels: number[] = [-1];
	private readonly times: number[] = [0];

	constructor(private readonly most = MOST) {}

	/** The frame labelled `label` (a number from 0 to 2^20 - 1) inside `parent`; `parent` itself when there is no room. */
	child(parent: number, label: number): number {
		const key = parent * LABELS + label;
		const known = this.children.get(key);
		if (known !== undefined) return known;
		const frame = this.labels.length;
		if (frame > this.most) {
			this.cut++;
			return parent;
		}
		this.children.set(key, frame);
		this.parents.push(parent);
		this.labels.push(label);
		this.times.push(0);
		return frame;
	}

	/** @param time ns. */
	add(frame: number, time: number): void {
		this.times[frame] = (this.times[frame] as number) + time;
	}

	/** Every stack on which time was spent: its labels from the root on, and the time. */
	*all(): Generator<{labels: number[]; time: number}, void, undefined> {
		for (let frame = 0; frame < this.labels.length; frame++) {
			const time = this.times[frame] as number;
			if (time <= 0) continue;
			const labels: number[] = [];
			for (let at = frame; at !== ROOT; at = this.parents[at] as number) labels.push(this.labels[at] as number);
			yield {labels: labels.reverse(), time};
		}
	}
}
