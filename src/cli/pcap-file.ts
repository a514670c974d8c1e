/** The file of `--pcap`: its devices as they come up, and what becomes of it when it cannot be written any more. */
import type {CaptureDevice} from '../collector/capture.js';
import {type PacketBlock, PcapngWriter} from '../formats/pcapng.js';
import {Link} from '../trace/frame.js';
import type {Output} from './output.js';

/** Bytes of a packet at most, as the file says. */
const SNAP = 262_144;
const ETHERNET_HEADER = 14;

export class PcapFile {
	/** What made writing fail; nothing is written from then on. */
	problem: unknown;
	private readonly writer: PcapngWriter;
	/** By index of the capture's device: its number in the file. */
	private readonly numbers: (number | undefined)[] = [];

	constructor(
		private readonly output: Output,
		private readonly devices: readonly CaptureDevice[],
	) {
		this.writer = new PcapngWriter((bytes) => this.write(bytes), 'pkttop');
	}

	/** @param packet its `device` is an index of the capture's. */
	packet(packet: PacketBlock): void {
		const device = this.devices[packet.device];
		const known = this.numbers[packet.device];
		const number = known ?? this.newDevice(device);
		this.numbers[packet.device] = number;
		this.writer.packet({...(device?.link === Link.ETHERNET ? packet : asEthernet(packet)), device: number});
	}

	/** Writes what is left. Throws what made writing fail. */
	finish(): void {
		this.writer.flush();
		this.close();
		if (this.problem !== undefined) throw this.problem;
	}

	close(): void {
		this.output.close();
	}

	/** Takes the file away again. */
	discard(): void {
		this.output.discard();
	}

	private newDevice(device: CaptureDevice | undefined): number {
		const {name = '', netns = 0, link} = device ?? {};
		const made = link === Link.ETHERNET ? '' : ', without link header: that of Ethernet is made up';
		return this.writer.device(Link.ETHERNET, SNAP, name, `network namespace ${netns}${made}`);
	}

	private write(bytes: Uint8Array): void {
		if (this.problem !== undefined) return;
		try {
			this.output.bytes(bytes);
		} catch (error) {
			this.problem = error;
		}
	}
}

/** Frames of devices without a link header get one: tcpdump reads no file whose devices are not all alike. */
export function asEthernet(packet: PacketBlock): PacketBlock {
	const bytes = new Uint8Array(ETHERNET_HEADER + packet.bytes.length);
	bytes.set((packet.bytes[0] ?? 0) >>> 4 === 6 ? [0x86, 0xdd] : [8, 0], ETHERNET_HEADER - 2);
	bytes.set(packet.bytes, ETHERNET_HEADER);
	return {...packet, bytes, wire: packet.wire + ETHERNET_HEADER};
}
