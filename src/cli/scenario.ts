/** Names of demo traffic on the command line. */
import {sanitize} from '../trace/text.js';
import {type Exchange, exchangesOf, SCENARIO_NAMES, SCENARIOS} from '../traffic/scenarios.js';
import {wrong} from './exit.js';
import {didYouMean} from './near.js';

/** Throws ExitError (2) when there is no scenario of that name. */
export function scenario(name: string): readonly Exchange[] {
	const exchanges = exchangesOf(name);
	if (exchanges !== undefined) return exchanges;
	const near = didYouMean(name, SCENARIO_NAMES);
	throw wrong(`there is no demo '${sanitize(name)}'${near}; there are ${SCENARIO_NAMES.join(', ')}`);
}

/** What there is, for the help: names and texts. */
export const scenarioRows: readonly (readonly [string, string])[] = [
	...SCENARIOS.map(({name, help}) => [name, help] as const),
	['all', 'all of them'],
];
