/** The frames of packets that have numbers: a packet that looks like others is known again by its own. */

/** Packets that are remembered; the oldest go first. */
const REMEMBERED = 65_536;

export class NumberedFrames {
	private readonly frames = new Map<number, number[]>();

	/** The frame of a packet that fits the record at hand: it has one for each device it passed. Number 0: it has none. */
	find(packet: number, fits: (frame: number) => boolean): number | undefined {
		return packet === 0 ? undefined : this.frames.get(packet)?.find(fits);
	}

	add(packet: number, frame: number): void {
		if (packet === 0) return;
		const known = this.frames.get(packet);
		if (known !== undefined) {
			if (!known.includes(frame)) known.push(frame);
			return;
		}
		this.frames.set(packet, [frame]);
		if (this.frames.size <= REMEMBERED) return;
		for (const oldest of this.frames.keys()) {
			this.frames.delete(oldest);
			break;
		}
	}
}
