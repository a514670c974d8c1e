/** Names for code addresses of the kernel. */
import {openSync, readSync} from 'node:fs';

const CHUNK = 1 << 20;

/**
 * /proc/kallsyms shows addresses to those who were root when they opened it, so it is opened at the start; it is read only
 * when a drop asks for its place, since that takes the kernel a while.
 */
export class Symbols {
	private fd: number | undefined;
	private addresses: BigUint64Array | undefined;
	private names: string[] = [];

	constructor() {
		try {
			this.fd = openSync('/proc/kallsyms', 'r');
		} catch {
			this.fd = undefined; // drops then show their address as a number
		}
	}

	/** symbol+0xoffset, undefined when it is not known. */
	find(address: bigint): string | undefined {
		this.addresses ??= this.read();
		const {addresses} = this;
		let low = 0;
		let high = addresses.length;
		while (low < high) {
			const middle = (low + high) >>> 1;
			if ((addresses[middle] as bigint) <= address) low = middle + 1;
			else high = middle;
		}
		const base = addresses[low - 1];
		if (base === undefined || base === 0n) return undefined;
		return `${this.names[low - 1]}+0x${(address - base).toString(16)}`;
	}

	/** The functions (t and T), sorted by address. */
	private read(): BigUint64Array {
		if (this.fd === undefined) return new BigUint64Array(0);
		const found: {address: bigint; name: string}[] = [];
		const chunk = Buffer.alloc(CHUNK);
		let rest = '';
		for (let n = readSync(this.fd, chunk); n > 0; n = readSync(this.fd, chunk)) {
			const lines = (rest + chunk.toString('latin1', 0, n)).split('\n');
			rest = lines.pop() ?? '';
			for (const line of lines) {
				const match = /^([0-9a-f]+) [tT] (\S+)/.exec(line);
				if (match !== null) found.push({address: BigInt(`0x${match[1]}`), name: match[2] as string});
			}
		}
		found.sort((a, b) => (a.address < b.address ? -1 : a.address > b.address ? 1 : 0));
		this.names = found.map(({name}) => name);
		return BigUint64Array.from(found, ({address}) => address);
	}
}
