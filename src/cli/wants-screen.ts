/** Screen or lines. */
import {say} from './exit.js';
import type {Options} from './options.js';

/** Whether these options ask for the screen, here; says why not where they do and it cannot be. */
export function wantsScreen(options: Options): boolean {
	if (options.lines || process.stdout.isTTY !== true) return false;
	const {TERM: terminal = ''} = process.env;
	if (terminal !== '' && terminal !== 'dumb') return true;
	say(`${terminal === '' ? 'without TERM there is' : 'TERM=dumb has'} no screen: plain lines`);
	return false;
}
