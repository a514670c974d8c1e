/** The filter for records that are in memory or in a file: closures on bytes, nothing allocated per record. */
import {At, Family, Proto} from '../record.js';
import type {Device} from '../session.js';
import type {Direction, Expression, HostTest, Narrowing, PortTest} from './expression.js';

/** What a record names by number. */
export interface Lookup {
	/** Thread group of a thread, undefined when it is not known. */
	pid(tid: number): number | undefined;
	/** `dev` of a record, which is not 0. */
	device(dev: number): Device | undefined;
}

/** Whether the call or mark at `offset` (Kind CALL, OPEN, MARK or DROP, whole within `bytes`) is wanted. */
export type Predicate = (bytes: Uint8Array, offset: number, lookup: Lookup) => boolean;
type Test = (bytes: Uint8Array, offset: number) => boolean;

/** The expression and the narrowing as a function; exact, whatever the kernel's table could hold. */
export function compilePredicate(expression: Expression, narrowing: Narrowing = {}): Predicate {
	const test = testOf(expression);
	const {device, netns, pid} = narrowing;
	if (device === undefined && netns === undefined && pid === undefined) return test;
	return (bytes, offset, lookup) => {
		if (!test(bytes, offset)) return false;
		if (pid !== undefined && lookup.pid(uint32(bytes, offset + At.tid)) !== pid) return false;
		if (device === undefined && netns === undefined) return true;
		const dev = uint16(bytes, offset + At.dev);
		const known = dev === 0 ? undefined : lookup.device(dev);
		if (known === undefined) return false;
		return (device === undefined || known.name === device) && (netns === undefined || known.netns === netns);
	};
}

function testOf(expression: Expression): Test {
	switch (expression.kind) {
		case 'and': {
			const tests = expression.operands.map(testOf);
			return (bytes, offset) => {
				for (const test of tests) if (!test(bytes, offset)) return false;
				return true;
			};
		}
		case 'or': {
			const tests = expression.operands.map(testOf);
			return (bytes, offset) => {
				for (const test of tests) if (test(bytes, offset)) return true;
				return false;
			};
		}
		case 'not': {
			const test = testOf(expression.operand);
			return (bytes, offset) => !test(bytes, offset);
		}
		case 'family': {
			const {family} = expression;
			return (bytes, offset) => familyOf(bytes, offset) === family;
		}
		case 'proto': {
			const {family, proto} = expression;
			return (bytes, offset) => {
				if (bytes[offset + At.proto] !== proto || !isIp(bytes, offset)) return false;
				return family === Family.NONE || familyOf(bytes, offset) === family;
			};
		}
		case 'host':
			return hostTest(expression);
		case 'port':
			return portTest(expression);
	}
}

function hostTest({family, direction, address, mask}: HostTest): Test {
	const ipv4 = address.length === 4;
	const addresses = ipv4
		? sides(direction, ipv4Test(At.saddr, address, mask), ipv4Test(At.daddr, address, mask))
		: sides(direction, ipv6Test(At.saddr6, address, mask), ipv6Test(At.daddr6, address, mask));
	return (bytes, offset) => {
		const is = familyOf(bytes, offset);
		const has = ipv4 ? is === Family.IPV4 || is === Family.ARP : is === Family.IPV6;
		return has && (family === Family.NONE || is === family) && addresses(bytes, offset);
	};
}

function ipv4Test(at: number, address: Uint8Array, mask: Uint8Array): Test {
	const bits = word(mask, 0);
	const wanted = word(address, 0);
	return (bytes, offset) => (word(bytes, offset + at) & bits) === wanted;
}

function ipv6Test(at: number, address: Uint8Array, mask: Uint8Array): Test {
	const bits = Int32Array.from([0, 4, 8, 12], (i) => word(mask, i));
	const wanted = Int32Array.from([0, 4, 8, 12], (i) => word(address, i));
	return (bytes, offset) => {
		for (let i = 0; i < 4; i++) {
			if ((word(bytes, offset + at + i * 4) & bits[i]!) !== wanted[i]) return false;
		}
		return true;
	};
}

function portTest({proto, direction, lo, hi}: PortTest): Test {
	const inRange =
		(at: number): Test =>
		(bytes, offset) => {
			const port = uint16(bytes, offset + at);
			return port !== 0 && port >= lo && port <= hi;
		};
	const ports = sides(direction, inRange(At.sport), inRange(At.dport));
	return (bytes, offset) => {
		const is = bytes[offset + At.proto];
		const has = proto === 0 ? is === Proto.TCP || is === Proto.UDP || is === Proto.SCTP : is === proto;
		return has && isIp(bytes, offset) && ports(bytes, offset);
	};
}

function sides(direction: Direction, src: Test, dst: Test): Test {
	switch (direction) {
		case 'src':
			return src;
		case 'dst':
			return dst;
		case 'either':
			return (bytes, offset) => src(bytes, offset) || dst(bytes, offset);
		case 'both':
			return (bytes, offset) => src(bytes, offset) && dst(bytes, offset);
	}
}

const familyOf = (bytes: Uint8Array, offset: number): number => bytes[offset + At.family]!;

function isIp(bytes: Uint8Array, offset: number): boolean {
	const family = familyOf(bytes, offset);
	return family === Family.IPV4 || family === Family.IPV6;
}

/** Four bytes as they are on the wire; signed, so comparable with the result of `&`. */
const word = (bytes: Uint8Array, at: number): number =>
	(bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;

/** Host byte order, which is little-endian on every machine this runs on. */
const uint16 = (bytes: Uint8Array, at: number): number => bytes[at]! | (bytes[at + 1]! << 8);
const uint32 = (bytes: Uint8Array, at: number): number => (uint16(bytes, at) | (uint16(bytes, at + 2) << 16)) >>> 0;
