/** What the values of options mean. All of these throw ExitError (2) with one line about a value that means nothing. */
import {DEFAULT_POINTS, groupNames, type Points, pointsOf, UnknownGroup} from '../catalogue/selection.js';
import {FilterError} from '../trace/filter/error.js';
import {type PacketTest, parsePacketFilter} from '../trace/packets/packet-filter.js';
import {sanitize} from '../trace/text.js';
import {type Exchange, SHORT_ROUND} from '../traffic/scenarios.js';
import {wrong} from './exit.js';
import {didYouMean} from './near.js';
import {scenario} from './scenario.js';

const SMALLEST_BUFFER = 1 << 20;

/** Of `--demo`, `--demo=NAME` or neither. */
export function demoTraffic(name: string | undefined): readonly Exchange[] | undefined {
	return name === undefined ? undefined : name === '' ? SHORT_ROUND : scenario(name);
}

/** An expression of --keep, and what it means. */
export interface Keep {
	readonly text: string;
	readonly test: PacketTest;
}

/** Of --keep. */
export function keep(text: string | undefined): Keep | undefined {
	if (text === undefined) return undefined;
	if (text.trim() === '') throw wrong("--keep wants what is to be kept, like 'dropped or time > 5ms'");
	try {
		return {text, test: parsePacketFilter(text)};
	} catch (error) {
		if (!(error instanceof FilterError)) throw error;
		throw wrong(`--keep, column ${error.column}: ${error.message}`);
	}
}

/** Of -g. */
export function points(list: string | undefined): Points {
	try {
		return list === undefined ? DEFAULT_POINTS : pointsOf(list);
	} catch (error) {
		if (!(error instanceof UnknownGroup)) throw error;
		if (error.group === '') throw wrong('-g wants names by comma, and one of them is empty');
		const near = didYouMean(error.group, groupNames());
		throw wrong(`-g: there is no group '${sanitize(error.group)}'${near}; there are ${groupNames().join(', ')}`);
	}
}

export function oneOf<T extends string>(option: string, value: string, values: readonly T[]): T {
	const found = values.find((known) => known === value);
	if (found === undefined) throw wrong(`${option} is one of ${values.join(', ')}, not '${value}'`);
	return found;
}

export function whole(option: string, text: string, least: number, most: number): number {
	const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
	if (!(value >= least && value <= most)) throw wrong(`${option} wants a whole number from ${least}, not '${text}'`);
	return value;
}

export function seconds(option: string, text: string): number {
	const value = /^\d*\.?\d+$/.test(text) ? Number(text) : Number.NaN;
	if (!(value > 0 && value < 2 ** 31 / 1000)) throw wrong(`${option} wants seconds above 0, not '${text}'`);
	return value;
}

export function bytes(option: string, text: string): number {
	const match = /^(\d+)([KMG]?)$/i.exec(text);
	const unit = {'': 1, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30}[match?.[2]?.toUpperCase() ?? ''] ?? 1;
	const value = match === null ? Number.NaN : Number(match[1]) * unit;
	if (!(value >= SMALLEST_BUFFER && value <= 2 ** 40)) {
		throw wrong(`${option} wants a size of at least 1M, like 256M or 2G, not '${text}'`);
	}
	return value;
}

/** Names of devices are 1 to 15 bytes without slash and blank (dev_valid_name() in net/core/dev.c). */
export function deviceName(name: string | undefined): string | undefined {
	if (name !== undefined && !/^(?!\.\.?$)[^\s/:]{1,15}$/.test(name))
		throw wrong(`-i: '${name}' is no name of a device`);
	return name;
}
