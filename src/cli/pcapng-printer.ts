/** `--to pcapng`: a recording has no bytes of packets, so what it knows of them is written as their headers. */
import {ClassicWriter} from '../formats/classic.js';
import {EntryPackets} from '../formats/entry-packet.js';
import {PcapngWriter} from '../formats/pcapng.js';
import {Link} from '../trace/frame.js';
import {headersOf} from '../trace/headers.js';
import {Kind} from '../trace/record.js';
import type {Names} from '../trace/session.js';
import type {Entry} from '../trace/store.js';
import {say} from './exit.js';
import type {Output} from './output.js';
import {asEthernet} from './pcap-file.js';
import type {Printer} from './printer.js';

/** Writes to the output itself: what it returns as text is empty. */
export class PcapngPrinter implements Printer {
	private readonly writer: PcapngWriter;
	private readonly packets: EntryPackets;
	/** Counts the lines of the clean_log. */
	private readonly log: ClassicWriter;
	/** By number of the device: its number in the file. */
	private readonly devices = new Map<number, number>();
	private without = 0;

	/** @param numbered the recording is a log whose lines keep their numbers. */
	constructor(
		output: Output,
		private readonly names: Names,
		private readonly numbered: boolean,
	) {
		this.writer = new PcapngWriter((bytes) => output.bytes(bytes), 'pkttop');
		this.packets = new EntryPackets(names.session);
		this.log = new ClassicWriter(names.session, {time: 'us', now: () => 0n});
	}

	entry(entry: Entry): string {
		const before = this.log.lines;
		this.log.entry(entry);
		if (entry.kind === Kind.LOSS) return '';
		const {view} = entry;
		const packet = this.packets.of(entry);
		if (packet === undefined) {
			this.without++;
			return '';
		}
		const {at, length, outgoing} = packet;
		const bytes = headersOf(view, at, length);
		// The reader of logs keeps the number of a line where others have what a call returned.
		const first = this.numbered ? view.ret(entry.at) : before + 1;
		const lines = linesText(first, first + this.log.lines - before - 1);
		const place = entry.block === 0 ? 'mark' : `block ${entry.block}`;
		const made = {
			device: this.device(view.dev(at)),
			wall: view.time(at) + this.names.session.wallOffset,
			bytes,
			wire: Math.max(length, bytes.length),
			outgoing,
			comment: `pkttop: ${place}, clean_log ${lines}, headers made of what was recorded`,
		};
		// Not raw IP: libpcap refuses a file with two devices of it.
		this.writer.packet(asEthernet(made));
		return '';
	}

	packet(): string {
		return '';
	}

	socketWait(): string {
		return '';
	}

	/** Says what could not be written. */
	end(blocks: number): string {
		this.writer.flush();
		if (this.without > 0) say(`${this.without} of ${blocks} blocks had no packet to write`);
		return '';
	}

	private device(dev: number): number {
		const known = this.devices.get(dev);
		if (known !== undefined) return known;
		const {name = '', netns} = this.names.device(dev) ?? {};
		const about = netns === undefined ? 'device not recorded' : `network namespace ${netns}`;
		const made = this.writer.device(Link.ETHERNET, SNAP, name.slice(0, LONGEST_NAME), about);
		this.devices.set(dev, made);
		return made;
	}
}

/** Bytes of a packet at most, as the file says. */
const SNAP = 262_144;
/** Names of devices are shorter, but for those in a damaged file. */
const LONGEST_NAME = 64;

const linesText = (first: number, last: number): string => `lines ${first === last ? first : `${first}-${last}`}`;
