/** Exit codes of the command line, and the one way to end with one. */
import {constants} from 'node:os';

export const Exit = {
	done: 0,
	/** It cannot be done here: something is missing or refused. */
	cannot: 1,
	/** The command line is wrong. */
	usage: 2,
} as const;

/** Ends the program with one line on stderr. */
export class ExitError extends Error {
	constructor(
		readonly code: number,
		message: string,
	) {
		super(message);
	}
}

/** It cannot be done here: what is missing, and what to do. */
export const cannot = (message: string): ExitError => new ExitError(Exit.cannot, message);
/** The command line is wrong. */
export const wrong = (message: string): ExitError => new ExitError(Exit.usage, message);

/** 128 + the signal's number, as shells count. */
export function signalCode(signal: NodeJS.Signals): number {
	return 128 + constants.signals[signal];
}

let diverted: ((message: string) => void) | undefined;

/** A line for the person at the terminal. */
export function say(message: string): void {
	if (diverted === undefined) process.stderr.write(`pkttop: ${message}\n`);
	else diverted(message);
}

/** While the screen has the terminal, lines go to it instead; undefined: to stderr again. */
export function divert(to: ((message: string) => void) | undefined): void {
	diverted = to;
}
