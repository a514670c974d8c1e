/**
 * Which captured frames a record's packet is: by addresses, ports, IP identification, TCP's numbers, flags, device and time.
 *
 * Where both sides know an IP identification the packet is told from all others near in time, and every frame of it is
 * found: a capture of all devices has a forwarded packet twice. Where they do not (above IP, IPv6, an identification of 0),
 * packets that follow each other may look the same. Then the number of a packet tells, once a frame of it has been found.
 * Without one, what is called inside a call has that call's packet: some functions see a packet more than once, as those
 * that free the copies of it that sockets of tcpdump were shown. Around it nothing tells, but a function sees each packet in
 * order: the record is of the first frame that it has not been seen with.
 */
import {CallsAround} from './frame-around.js';
import {identityHash, isPacket, isToItself, samePacket, transportHash} from './frame-facts.js';
import {NumberedFrames} from './frame-numbers.js';
import type {Frames} from './frames.js';
import {Family} from './record.js';
import {RecordView} from './view.js';

/** How far a record and its frame may be apart: a packet may wait in queues, and clocks be set. ns. */
export const WINDOW = 1e9;
/** Frames of one packet are no further apart; afterwards its identification may be another packet's. ns. */
const SAME = 50e6;
/** How long a frame that a function has not been seen with is waited for; then the function missed it. ns. */
const FRESH = 10e6;
/** Captures may have cut off what is less. ns. */
const RESOLUTION = 1000;
/** Frames that are looked at in one direction for one record at most. */
const LOOKS = 64;
/** Hashes whose order is remembered. */
const REMEMBERED = 65_536;

/** Whether a record's device may be a frame's, by their numbers, 0 for none. */
export type SameDevice = (record: number, frame: number) => boolean;

export class FrameMatcher {
	/** By hash, then by function and device: the last frame that was found for it. */
	private readonly seen = new Map<number, Map<number, number>>();
	private readonly around = new CallsAround();
	private readonly numbered = new NumberedFrames();
	// The record whose frames are looked for, and the frames that may be its.
	private view = new RecordView(new Uint8Array(0));
	private record = 0;
	private epoch = 0;
	private ids: readonly number[] = [];
	private from = 0;

	constructor(
		private readonly frames: Frames,
		private readonly sameDevice: SameDevice,
	) {}

	/**
	 * Adds to `found` the numbers of the frames that are the packet of the record at `at`. Each record of an entry is to be
	 * asked for once, in their order; the entries in the order of their begin or of their end.
	 * @param epoch of the store that has the record.
	 */
	match(view: RecordView, at: number, epoch: number, found: Set<number>): void {
		const depth = view.depth(at);
		this.around.enterOther(depth);
		if (this.frames.end === this.frames.first || !isPacket(view, at)) return;
		this.view = view;
		this.record = at;
		this.epoch = epoch;
		const hash = transportHash(view, at);
		const identified = view.family(at) === Family.IPV4 && view.ipid(at) !== 0;
		const frame = (identified ? this.identified(found) : undefined) ?? this.alike(hash, depth, found);
		if (frame !== undefined) this.around.enter(depth, hash, frame);
	}

	/** All frames of a packet that its identification tells from others. Returns the first, undefined where it does not. */
	private identified(found: Set<number>): number | undefined {
		this.look(identityHash(this.view, this.record));
		const begin = this.view.begin(this.record, this.epoch);
		const near = this.nearest(begin);
		if (near === undefined) return undefined;
		const time = this.time(near);
		const frames: number[] = [];
		let looks = LOOKS;
		for (let i = this.firstAt(time - SAME); i < this.ids.length && looks-- > 0; i++) {
			const id = this.ids[i] as number;
			if (this.time(id) > time + SAME) break;
			if (this.fits(id)) frames.push(id);
		}
		if (this.isTwice(frames)) return undefined;
		for (const id of frames) found.add(id);
		return frames[0];
	}

	/** Whether two frames of one device begin a packet: then these are two packets. */
	private isTwice(frames: readonly number[]): boolean {
		if (frames.length < 2) return false;
		const {view} = this.frames;
		const places = frames.map((id) => this.frames.at(id)).filter((at) => view.dev(at) !== 0 && view.ret(at) >= 0);
		return new Set(places.map((at) => view.dev(at))).size < places.length;
	}

	/** The frame of a packet that may look like others. @param hash how it looks. */
	private alike(hash: number, depth: number, found: Set<number>): number | undefined {
		this.look(hash);
		const count = this.ids.length - this.from;
		if (count === 0) return undefined;
		const {view, record} = this;
		const packet = view.packet(record);
		const begin = view.begin(record, this.epoch);
		const end = view.ended(record) ? begin + Math.min(view.duration(record), WINDOW) : undefined;
		const who = view.fn(record) * 65_536 + view.dev(record);
		const last = this.seen.get(hash)?.get(who) ?? -1;
		const inside = end === undefined ? undefined : this.firstAfter(last, begin - RESOLUTION, end);
		const same = this.sameAs(this.around.frame(depth, hash), inside, end);
		const own = this.numbered.find(packet, (frame) => this.fits(frame));
		const id = own ?? same ?? inside ?? this.firstAfter(last, begin - FRESH, begin + FRESH) ?? this.nearest(begin);
		if (id === undefined) return undefined;
		found.add(id);
		this.numbered.add(packet, id);
		if (count > 1) this.remember(hash, who, id);
		return id;
	}

	/** The frame of the call around, if it is the record's, too. @param inside the frame that came during the record. */
	private sameAs(frame: number | undefined, inside: number | undefined, end = 0): number | undefined {
		if (frame === undefined || !this.fits(frame)) return undefined;
		// Who talks to itself is answered inside the call that received, by a packet that looks the same.
		if (isToItself(this.view, this.record)) return undefined;
		// A queue hands on what waited in it before, and only then the packet of the call around.
		return inside !== undefined && this.time(frame) > end ? undefined : frame;
	}

	private look(hash: number): void {
		const {ids, from} = this.frames.find(hash);
		this.ids = ids;
		this.from = from;
	}

	private fits(id: number): boolean {
		const {view, record, frames} = this;
		if (id < frames.first) return false;
		const at = frames.at(id);
		return samePacket(view, record, frames.view, at) && this.sameDevice(view.dev(record), frames.view.dev(at));
	}

	private time(id: number): number {
		return this.frames.view.begin(this.frames.at(id), this.epoch);
	}

	/** Index of the first frame at `time` or later. */
	private firstAt(time: number): number {
		let [low, high] = [this.from, this.ids.length];
		while (low < high) {
			const middle = (low + high) >>> 1;
			if (this.time(this.ids[middle] as number) < time) low = middle + 1;
			else high = middle;
		}
		return low;
	}

	/** The first frame that fits from `since` to `until`, behind the frame `last`. */
	private firstAfter(last: number, since: number, until: number): number | undefined {
		const lastTime = last < this.frames.first ? Number.NEGATIVE_INFINITY : this.time(last);
		let looks = LOOKS;
		for (let i = this.firstAt(Math.max(since, lastTime)); i < this.ids.length && looks-- > 0; i++) {
			const id = this.ids[i] as number;
			const time = this.time(id);
			if (time > until) break;
			if ((time > lastTime || id > last) && this.fits(id)) return id;
		}
		return undefined;
	}

	/** The frame that fits nearest to `time`, within the window. */
	private nearest(time: number): number | undefined {
		const start = this.firstAt(time);
		let later: number | undefined;
		let earlier: number | undefined;
		for (let i = start; i < Math.min(this.ids.length, start + LOOKS) && later === undefined; i++) {
			const id = this.ids[i] as number;
			if (this.time(id) - time > WINDOW) break;
			if (this.fits(id)) later = id;
		}
		for (let i = start - 1; i >= Math.max(this.from, start - LOOKS) && earlier === undefined; i--) {
			const id = this.ids[i] as number;
			if (time - this.time(id) > WINDOW) break;
			if (this.fits(id)) earlier = id;
		}
		if (later === undefined || earlier === undefined) return later ?? earlier;
		return this.time(later) - time < time - this.time(earlier) ? later : earlier;
	}

	private remember(hash: number, who: number, id: number): void {
		if (this.seen.size >= REMEMBERED) this.seen.clear();
		const known = this.seen.get(hash);
		if (known === undefined) this.seen.set(hash, new Map([[who, id]]));
		else known.set(who, id);
	}
}
