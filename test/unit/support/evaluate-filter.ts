/**
 * What the kernel does with struct filter, read from bpf/control.h and written apart from both compilers: their judge.
 * It knows the layout by its own numbers on purpose.
 */
import type {Lookup} from '../../../src/trace/filter/predicate.js';

const [ACCEPT, REJECT] = [0xff, 0xfe];

/** Whether the kernel would let the record at `offset` through; throws when the program is not well formed. */
export function evaluateFilter(filter: Uint8Array, record: Uint8Array, offset: number, lookup: Lookup): boolean {
	const program = new DataView(filter.buffer, filter.byteOffset, filter.byteLength);
	const facts = new DataView(record.buffer, record.byteOffset + offset);
	const count = program.getUint32(24, true);
	if (filter.byteLength !== 32 + 32 * 16 || count > 32) throw new Error(`bad filter: ${count} tests`);
	if (!narrowed(program, facts, lookup)) return false;
	if (count === 0) return true;
	let i = 0;
	for (;;) {
		const test = new DataView(program.buffer, program.byteOffset + 32 + i * 16, 16);
		const at = test.getUint16(0, true);
		if (at > 60 || at % 4 !== 0) throw new Error(`bad test: no word at ${at}`);
		const value = ((facts.getUint32(32 + at, true) & test.getUint32(4, true)) - test.getUint32(8, true)) >>> 0;
		const next = value <= test.getUint32(12, true) ? test.getUint8(2) : test.getUint8(3);
		if (next === ACCEPT || next === REJECT) return next === ACCEPT;
		if (next <= i || next >= count) throw new Error(`bad test: ${i} leads to ${next}`);
		i = next;
	}
}

function narrowed(program: DataView, facts: DataView, lookup: Lookup): boolean {
	const [pid, netns] = [program.getUint32(0, true), program.getUint32(4, true)];
	const name = Buffer.from(program.buffer, program.byteOffset + 8, 16)
		.toString('utf8')
		.replace(/\0+$/, '');
	if (pid !== 0 && lookup.pid(facts.getUint32(4, true)) !== pid) return false;
	if (netns === 0 && name === '') return true;
	const dev = facts.getUint16(52, true);
	const device = dev === 0 ? undefined : lookup.device(dev);
	return device !== undefined && (netns === 0 || device.netns === netns) && (name === '' || device.name === name);
}
