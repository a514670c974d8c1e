/** Reads the pcapng that pkttop writes, strictly: a witness that shares no code with it. */
import assert from 'node:assert/strict';

export interface Packet {
	/** Name of its device. */
	readonly device: string;
	readonly description: string;
	readonly link: number;
	/** ns since the epoch. */
	readonly wall: bigint;
	readonly bytes: Uint8Array;
	readonly wire: number;
	readonly comment: string;
	readonly direction: 'in' | 'out' | '';
}

interface Device {
	readonly name: string;
	readonly description: string;
	readonly link: number;
}

export function readPcapng(file: Uint8Array): Packet[] {
	const data = new DataView(file.buffer, file.byteOffset, file.length);
	const u16 = (at: number) => data.getUint16(at, true);
	const u32 = (at: number) => data.getUint32(at, true);
	const devices: Device[] = [];
	const packets: Packet[] = [];
	/** Values by code; the list ends with code 0 at `end`. */
	const options = (from: number, end: number): Map<number, Uint8Array> => {
		const found = new Map<number, Uint8Array>();
		let at = from;
		for (; u16(at) !== 0; at += 4 + Math.ceil(u16(at + 2) / 4) * 4) {
			found.set(u16(at), file.subarray(at + 4, at + 4 + u16(at + 2)));
		}
		assert.equal(at + 4, end, 'options end where their block does');
		return found;
	};
	const text = (bytes: Uint8Array = new Uint8Array(0)) => new TextDecoder().decode(bytes);
	for (let at = 0; at < file.length; at += u32(at + 4)) {
		const [type, length] = [u32(at), u32(at + 4)];
		assert.equal(length % 4, 0);
		assert.equal(u32(at + length - 4), length, 'both lengths of a block are equal');
		if (at === 0) {
			assert.equal(type, 0x0a0d0d0a);
			assert.equal(u32(8), 0x1a2b3c4d);
			assert.equal(text(options(24, length - 4).get(4)), 'pkttop');
		} else if (type === 1) {
			const list = options(at + 16, at + length - 4);
			assert.deepEqual([...(list.get(9) ?? [])], [9], 'nanoseconds');
			devices.push({name: text(list.get(2)), description: text(list.get(3)), link: u16(at + 8)});
		} else {
			assert.equal(type, 6);
			const captured = u32(at + 20);
			const device = devices[u32(at + 8)];
			assert.ok(device, 'a device before its packets');
			const list = options(at + 28 + Math.ceil(captured / 4) * 4, at + length - 4);
			packets.push({
				device: device.name,
				description: device.description,
				link: device.link,
				wall: (BigInt(u32(at + 12)) << 32n) | BigInt(u32(at + 16)),
				bytes: file.subarray(at + 28, at + 28 + captured),
				wire: u32(at + 24),
				comment: text(list.get(1)),
				direction: list.get(2)?.[0] === 1 ? 'in' : list.get(2)?.[0] === 2 ? 'out' : '',
			});
		}
	}
	return packets;
}
