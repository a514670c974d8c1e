/** What selects packets by their fate and their times: `fate dropped`, `time > 1ms`, `wait qdisc > 100us`. */
import {FilterError} from '../filter/error.js';
import {FATES} from './fate.js';
import type {PacketRow} from './packet-row.js';

const TIME = /^time\s*>\s*(\d+(?:\.\d+)?)(ns|us|ms|s)$/;
const UNITS: Readonly<Record<string, number>> = {ns: 1, us: 1e3, ms: 1e6, s: 1e9};

/** @throws FilterError */
export function parsePacketFilter(text: string): (row: PacketRow) => boolean {
	const words = text.trim();
	if (words === '') return () => true;
	const fate = /^fate\s+(\S+)$/.exec(words)?.[1];
	if (fate !== undefined) {
		if (!FATES.some((one) => one === fate)) {
			throw new FilterError(`'${fate}' is no fate: ${FATES.join(', ')}`, text.indexOf(fate) + 1, fate);
		}
		return (row) => row.fate === fate;
	}
	const time = TIME.exec(words);
	if (time === null) throw new FilterError('fate FATE or time > NUMBER UNIT is expected', 1, words.split(' ')[0] ?? '');
	const least = Number(time[1]) * (UNITS[time[2] as string] as number);
	return (row) => row.total > least;
}
