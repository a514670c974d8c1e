/** From what the terminal sends to keys. */

/** A named key (`up`, `enter`, `C-c`, `M-b`) or one character of text. */
export type Key = string;

const SEQUENCES: Readonly<Record<string, Key>> = {
	A: 'up',
	B: 'down',
	C: 'right',
	D: 'left',
	H: 'home',
	F: 'end',
	Z: 'S-tab',
	'1~': 'home',
	'2~': 'insert',
	'3~': 'delete',
	'4~': 'end',
	'5~': 'pgup',
	'6~': 'pgdn',
	'7~': 'home',
	'8~': 'end',
};

const CONTROLS: Readonly<Record<number, Key>> = {8: 'backspace', 9: 'tab', 10: 'enter', 13: 'enter', 127: 'backspace'};

/** CSI or SS3 with its final byte; the parameters of modified keys (`1;5`) come before it. */
const SEQUENCE = /^\x1b(?:\[([0-9;:<=>?]*)([ -/]*[@-~])|O([@-~]))/;
/** The beginning of one that has not come whole. */
const CUT = /^\x1b(?:\[[0-9;:<=>?]*[ -/]*|O)?$/;

/** Splits a burst of input into keys. What may be the beginning of a sequence waits for more, or for `flush`. */
export class KeyReader {
	private rest = '';

	/** Whether something waits for its end: a lone Esc, or half a sequence. */
	get waiting(): boolean {
		return this.rest !== '';
	}

	feed(text: string): Key[] {
		const keys: Key[] = [];
		let input = this.rest + text;
		this.rest = '';
		while (input !== '') {
			if (CUT.test(input)) {
				this.rest = input;
				break;
			}
			const {key, length} = first(input);
			if (key !== undefined) keys.push(key);
			input = input.slice(length);
		}
		return keys;
	}

	/** Nothing more has come: the Esc was the key. */
	flush(): Key[] {
		const {rest} = this;
		this.rest = '';
		if (rest === '') return [];
		return rest.length === 1 ? ['esc'] : rest.length === 2 ? [`M-${rest[1]}`] : [];
	}
}

function first(input: string): {key: Key | undefined; length: number} {
	if (input[0] !== '\x1b') {
		const character = String.fromCodePoint(input.codePointAt(0) as number);
		return {key: plain(character), length: character.length};
	}
	const match = SEQUENCE.exec(input);
	if (match !== null) return {key: sequence(match), length: match[0].length};
	// Esc before a key is Alt with it; two Esc are two.
	if (input[1] === '\x1b') return {key: 'esc', length: 1};
	const character = String.fromCodePoint(input.codePointAt(1) as number);
	const key = plain(character);
	return {key: key === undefined ? undefined : `M-${key}`, length: 1 + character.length};
}

function plain(character: string): Key | undefined {
	const code = character.codePointAt(0) as number;
	if (CONTROLS[code] !== undefined) return CONTROLS[code];
	if (code === 0) return undefined;
	if (code < 27) return `C-${String.fromCharCode(code + 96)}`;
	if (code < 32 || (code >= 0x80 && code < 0xa0)) return undefined;
	return character;
}

function sequence([, parameters = '', final = '', ss3]: RegExpExecArray): Key | undefined {
	if (ss3 !== undefined) return SEQUENCES[ss3];
	const [number = '', modifiers = '1'] = parameters.split(';');
	const key = SEQUENCES[final === '~' ? `${number}~` : final];
	if (key === undefined) return undefined;
	const bits = Number(modifiers) - 1;
	if (!(bits > 0) || key.startsWith('S-')) return key;
	return `${bits & 4 ? 'C-' : ''}${bits & 2 ? 'M-' : ''}${bits & 1 ? 'S-' : ''}${key}`;
}
