/** What single records say beyond their own packet: of sockets that wait, and of gaps before other packets. */
import type {Entry} from '../store.js';
import {Fragments} from './fragments.js';
import {Gaps} from './gaps.js';
import {Look, type Roles} from './queues.js';
import {SocketWaits} from './socket-waits.js';
import type {WaitStats} from './wait-stats.js';

export class Watch {
	private readonly sockets: SocketWaits;
	private readonly gaps: Gaps;

	private readonly fragments = new Fragments();

	/**
	 * @param waits counts those of sockets; @param filled see Gaps; @param merged is called with each packet that went into
	 * another one in a call of these times, ns since the epoch.
	 */
	constructor(
		waits: WaitStats,
		filled: (packet: number, time: number) => void,
		private readonly merged: (packet: number, into: number, begin: number, end: number) => void,
	) {
		this.sockets = new SocketWaits((wait) => waits.addSocket(wait));
		this.gaps = new Gaps(filled);
	}

	/** A record of a function that has a bit in Roles.looks. @param alive whether its packet has not ended by now. */
	record(entry: Entry, at: number, roles: Roles, epoch: number, alive: boolean): void {
		const {view} = entry;
		const look = roles.looks[view.fn(at)] as number;
		if ((look & Look.SOCKET) !== 0) this.sockets.add(view, at, roles, epoch);
		const packet = view.packet(at);
		if (packet === 0) return;
		// One that has ended is neither in order nor behind a gap: an acknowledgement, or data that is known.
		if ((look & Look.ARRIVES) !== 0 && alive) this.gaps.arrives(view, at, packet);
		if ((look & Look.FRAGMENT) !== 0) {
			const begin = view.begin(at, epoch);
			for (const one of this.fragments.add(view, at, packet))
				this.merged(one, packet, begin, begin + view.duration(at));
		}
		if ((look & Look.IN_ORDER) !== 0) this.gaps.inOrder(view, at, packet, epoch);
	}

	/** The entry of the records so far ends. */
	endEntry(): void {
		this.gaps.flush();
	}

	/** Records were lost. */
	loss(): void {
		this.sockets.forget();
	}

	clear(): void {
		this.sockets.forget();
		this.gaps.clear();
		this.fragments.clear();
	}
}
