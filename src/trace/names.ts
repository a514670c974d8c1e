/** The tables that records refer to by number, filled by whoever knows: the live collector or the reader of a session file. */
import type {Device, Names, Session, Task} from './session.js';
import type {Tasks} from './tasks.js';
import {sanitize} from './text.js';

/** Code addresses whose symbol is remembered: a kernel has some thousand places that drop packets. */
const SYMBOLS = 65_536;

export class NameTable implements Names {
	private readonly devices: (Device | undefined)[] = [];
	private readonly symbols = new Map<bigint, string>();

	/** @param resolve finds the symbol of a code address; undefined where it is not known. */
	constructor(
		readonly session: Session,
		readonly tasks: Tasks,
		private readonly resolve: (address: bigint) => string | undefined = () => undefined,
	) {}

	/** @param dev as in records. */
	setDevice(dev: number, device: Device): void {
		this.devices[dev] = {...device, name: sanitize(device.name)};
	}

	setSymbol(address: bigint, text: string): void {
		if (this.symbols.size < SYMBOLS) this.symbols.set(address, text);
	}

	device(dev: number): Device | undefined {
		return this.devices[dev];
	}

	/** Names of all devices that are known, each once. */
	deviceNames(): string[] {
		return [...new Set(this.devices.flatMap((device) => (device === undefined ? [] : [device.name])))].sort();
	}

	task(tid: number): Task | undefined {
		return this.tasks.task(tid);
	}

	symbol(address: bigint): string {
		const known = this.symbols.get(address);
		if (known !== undefined) return known;
		const text = this.resolve(address);
		if (text !== undefined) this.setSymbol(address, text);
		return text ?? `0x${address.toString(16)}`;
	}
}
