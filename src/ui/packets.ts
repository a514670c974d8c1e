/** The packets of what is shown, and what the screen keeps of them: made in one place, fed with every entry. */
import type {Matches} from '../trace/matches.js';
import {PacketRow, type PacketWorld} from '../trace/packets/packet-row.js';
import {PacketTable} from '../trace/packets/packet-table.js';
import type {Entry} from '../trace/store.js';
import type {RecordView} from '../trace/view.js';
import type {Source} from './source.js';
import {PacketList} from './tables/packet-list.js';
import {Followed} from './trace/followed.js';
import type {Layouts} from './trace/layout.js';
import {WaitIndex} from './trace/waits.js';

export class Packets {
	readonly table: PacketTable;
	readonly world: PacketWorld;
	readonly list: PacketList;
	/** Waits that the trace shows above the records that ended them. */
	readonly taken: WaitIndex;
	/** Counts what came of packets: what was made of them before is old. */
	changes = 0;
	private over = false;

	/** @param changed is called with each entry that has other waits than before. */
	constructor(
		source: Pick<Source, 'store' | 'names' | 'tasks' | 'keeper'>,
		matches: Matches,
		changed: (entry: number) => void,
	) {
		const {store, names, tasks, keeper} = source;
		const table = new PacketTable(store, names.session.functions);
		if (keeper !== undefined) table.accepts = (packet) => keeper.isKept(packet);
		this.table = table;
		this.taken = new WaitIndex(store);
		this.world = {table, store, names, tasks};
		this.list = new PacketList(this.world, matches);
		table.onSettled = (packet) => {
			this.changes++;
			this.list.forget(packet);
			const slot = table.slot(packet);
			if (slot === undefined) return;
			for (const entry of this.taken.set(packet, table.trailOf(slot).waits)) changed(entry);
		};
	}

	/** What is known of a packet, by its number. */
	row(number: number): PacketRow | undefined {
		const slot = this.table.slot(number);
		return slot === undefined ? undefined : new PacketRow(this.world, slot);
	}

	/** Takes every entry, whether or not the filter shows it. */
	add(entry: Entry): void {
		this.table.add(entry);
		this.list.touch(entry);
	}

	/** Takes a RECORD_LIFE. */
	life(view: RecordView, at: number): void {
		this.table.life(view, at);
		this.list.forget(view.lifePacket(at));
		this.changes++;
	}

	/** Settles what is over. @param all the recording has been read to its end. */
	settle(all: boolean): void {
		if (this.over) return;
		this.over = all;
		this.table.settle(all);
	}

	/** Shows the blocks of one packet alone, those that have come meanwhile included; of 0 shows all. */
	follow(packet: number, layouts: Layouts): void {
		const {followed} = layouts;
		if ((followed?.packet ?? 0) === packet) {
			if (followed?.update() === true) layouts.forget();
			return;
		}
		layouts.followed = packet === 0 ? undefined : new Followed(packet, this.table);
		layouts.forget();
	}
}
