/** The figures of the header, sampled a few times a second. */
import type {Status} from './chrome/status.js';
import type {Model} from './model.js';

export class Meter {
	private last: {readonly now: number; readonly packets: number; readonly calls: number} | undefined;
	private packets = 0;
	private calls = 0;

	constructor(private readonly model: Model) {}

	/** Paused, the figures stand still. @param now ms. */
	sample(now: number): void {
		if (this.model.paused) {
			this.last = undefined;
			return;
		}
		const packets = this.model.flowRows.reduce((sum, row) => sum + row.packets, 0);
		const calls = this.model.source.store.events;
		const {last} = this;
		if (last === undefined) this.last = {now, packets, calls};
		else if (now - last.now >= 900) {
			const seconds = (now - last.now) / 1000;
			this.packets = Math.max(0, packets - last.packets) / seconds;
			this.calls = Math.max(0, calls - last.calls) / seconds;
			this.last = {now, packets, calls};
		}
	}

	status(): Status {
		const {source, matches, filter, paused, news, packets} = this.model;
		const {store, builder, names} = source;
		const {kernel, backend, attached, wanted, ownCost} = names.session;
		return {
			live: source.live,
			done: source.done,
			paused,
			news,
			kernel,
			backend,
			attached,
			wanted,
			off: this.model.groups.off,
			packets: this.packets,
			calls: this.calls,
			ring: source.fill(),
			lost: Number(source.counters().lost.reduce((sum, count) => sum + count, 0n)),
			dropped: store.droppedBlocks,
			skipped: builder.skipped,
			cut: builder.cuts + builder.evicted,
			file: source.file,
			problem: source.problem,
			ownCost,
			blocks: store.end - store.first,
			matching: matches.count,
			judged: matches.complete,
			filtered: filter.predicate !== undefined,
			memory: store.size,
			packetsKnown: Math.max(0, packets.table.seen - packets.table.forgotten),
			packetsShown: packets.list.count,
		};
	}
}
