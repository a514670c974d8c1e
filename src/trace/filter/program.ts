/**
 * An expression as tests of single words of a record, which is all that the kernel's filter (bpf/control.h) can do.
 *
 * It trusts the writers of records in two things, which save it most of the tests: the protocol is 0 unless the family is
 * IPv4 or IPv6, and the ports are 0 unless the protocol is tcp, udp or sctp.
 */
import {At, Family} from '../record.js';
import type {Direction, Expression, HostTest, PortTest} from './expression.js';

/** struct test without its targets: holds when lo <= (word & mask) <= lo + span. All are unsigned 32-bit numbers. */
export interface Test {
	readonly kind: 'test';
	/** Byte offset of the word, a multiple of 4. */
	readonly at: number;
	readonly mask: number;
	readonly lo: number;
	readonly span: number;
}

export type Formula =
	| Test
	| {readonly kind: 'and' | 'or'; readonly operands: readonly Formula[]}
	| {readonly kind: 'not'; readonly operand: Formula};

/** The tests of an expression; of operands the cheap ones come first, for speed and because they are kept if not all fit. */
export function formulaOf(expression: Expression): Formula {
	switch (expression.kind) {
		case 'and':
		case 'or': {
			const priced = expression.operands.map(formulaOf).map((formula) => ({formula, cost: cost(formula)}));
			priced.sort((a, b) => a.cost - b.cost);
			return {kind: expression.kind, operands: priced.map(({formula}) => formula)};
		}
		case 'not':
			return {kind: 'not', operand: formulaOf(expression.operand)};
		case 'family':
			return familyIs(expression.family);
		case 'proto':
			return all([...familyTests(expression.family), protoIs(expression.proto)]);
		case 'host':
			return hostFormula(expression);
		case 'port':
			return portFormula(expression);
	}
}

function cost(formula: Formula): number {
	if (formula.kind === 'test') return 1;
	if (formula.kind === 'not') return cost(formula.operand);
	return formula.operands.reduce((sum, operand) => sum + cost(operand), 0);
}

const all = (operands: readonly Formula[]): Formula => ({kind: 'and', operands});

/** A field of `bits` bits at any byte offset, within one word: words are little-endian. */
function field(at: number, bits: number, lo: number, hi = lo): Test {
	const shift = (at % 4) * 8;
	const place = (value: number): number => (value << shift) >>> 0;
	return {kind: 'test', at: at - (at % 4), mask: place(2 ** bits - 1), lo: place(lo), span: place(hi - lo)};
}

const familyIs = (family: number): Test => field(At.family, 2, family);
const familyTests = (family: number): Test[] => (family === Family.NONE ? [] : [familyIs(family)]);
const protoIs = (proto: number): Test => field(At.proto, 8, proto);

/** What only IPv4 and ARP have in common: the low bit. */
const hasIpv4Addresses = field(At.family, 1, Family.IPV4 & Family.ARP);

function hostFormula({family, direction, address, mask}: HostTest): Formula {
	const ipv4 = address.length === 4;
	const has = family !== Family.NONE ? familyIs(family) : ipv4 ? hasIpv4Addresses : familyIs(Family.IPV6);
	const src = network(ipv4 ? At.saddr : At.saddr6, address, mask);
	const dst = network(ipv4 ? At.daddr : At.daddr6, address, mask);
	return all([has, sides(direction, src, dst)]);
}

/** One test for each word of the address that the mask does not blank out. */
function network(at: number, address: Uint8Array, mask: Uint8Array): Formula {
	const masks = new DataView(mask.buffer, mask.byteOffset, mask.length);
	const wanted = new DataView(address.buffer, address.byteOffset, address.length);
	const tests: Test[] = [];
	for (let i = 0; i < address.length; i += 4) {
		const bits = masks.getUint32(i, true);
		if (bits !== 0) tests.push({kind: 'test', at: at + i, mask: bits, lo: wanted.getUint32(i, true), span: 0});
	}
	return all(tests);
}

function portFormula({proto, direction, lo, hi}: PortTest): Formula {
	// Port 0 is what a record has when the port is not known: no range reaches down to it.
	const least = Math.max(1, lo);
	const ports = sides(direction, field(At.sport, 16, least, hi), field(At.dport, 16, least, hi));
	return proto === 0 ? ports : all([protoIs(proto), ports]);
}

function sides(direction: Direction, src: Formula, dst: Formula): Formula {
	if (direction === 'src') return src;
	if (direction === 'dst') return dst;
	return {kind: direction === 'either' ? 'or' : 'and', operands: [src, dst]};
}
