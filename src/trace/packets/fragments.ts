/** Fragments of a datagram: the one that makes it whole goes on as the datagram, and the others went into it. */
import {At, Family} from '../record.js';
import type {RecordView} from '../view.js';

/** ip_defrag has kept the fragment and waits for more. */
const IN_PROGRESS = -115;
/** Datagrams that may wait for fragments at a time; the oldest are forgotten. */
const LIMIT = 4096;
/** Fragments of a datagram at most: it has 65535 bytes, and they eight at least. */
const MOST = 8192;

export class Fragments {
	private readonly waiting = new Map<string, number[]>();

	/** A call of ip_defrag: returns the packets that went into this one when it made its datagram whole. */
	add(view: RecordView, at: number, packet: number): readonly number[] {
		if (view.family(at) !== Family.IPV4 || !view.ended(at)) return [];
		const words = view.words;
		const key = `${words[(at + At.saddr) >>> 2]} ${words[(at + At.daddr) >>> 2]} ${view.ipid(at)} ${view.proto(at)}`;
		const before = this.waiting.get(key);
		if (view.ret(at) === IN_PROGRESS) {
			if (before === undefined) this.waiting.set(key, [packet]);
			else if (before.length < MOST) before.push(packet);
			if (this.waiting.size > LIMIT) for (const oldest of this.waiting.keys()) return this.forget(oldest);
			return [];
		}
		this.waiting.delete(key);
		return view.ret(at) === 0 ? (before ?? []) : [];
	}

	clear(): void {
		this.waiting.clear();
	}

	private forget(key: string): readonly number[] {
		this.waiting.delete(key);
		return [];
	}
}
