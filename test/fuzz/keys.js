/** The screen on the recorded session: any bytes as keys, any size. The input is what is typed, byte 0xff and two more resize. */
import {closeSync, openSync} from 'node:fs';
import {ReplaySource} from '../../dist/cli/replay-source.js';
import {recognise} from '../../dist/formats/log-file.js';
import {recordingOf} from '../../dist/formats/recording.js';
import {compileFields, NO_FIELDS} from '../../dist/ui/filter.js';
import {Screen} from '../../dist/ui/screen.js';
import {makeTheme} from '../../dist/ui/theme.js';
import {Viewer} from '../../dist/ui/viewer.js';

const RESIZE = 0xff;
const KEYS =
	'0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ/?[]<>.,+-* \t\r\x1b\x7f\x01\x03\x04\x05\x0b\x0c\x15\x17'.split(
		'',
	);
const SEQUENCES = ['A', 'B', 'C', 'D', 'H', 'F', 'Z', '5~', '6~', '3~', '1;2C', '1;5D', '99~', '<0;1;1M', '?'].map(
	(end) => `\x1b[${end}`,
);
const WORDS = [
	'udp',
	'port 30091',
	'host 127.0.0.1',
	'fate dropped',
	'time > 1ms',
	'é',
	'界',
	'😀',
	'\u202e',
	'x'.repeat(300),
];

/** A terminal of which only the size is real. */
class Tty {
	fd = -1;
	columns = 80;
	rows = 24;
	take = () => {};
	resized = () => {};

	size() {
		return {columns: this.columns, rows: this.rows};
	}

	write(bytes) {
		return bytes.length;
	}

	raw() {}

	onInput(take) {
		this.take = take;
	}

	onResize(take) {
		this.resized = take;
	}

	close() {}
}

async function open(path) {
	const fd = openSync(path, 'r');
	const source = new ReplaySource(recordingOf(fd, recognise(fd), 0), 1 << 26, 'seed.ptt', 0);
	const tty = new Tty();
	const viewer = new Viewer(new Screen(tty), tty, source, {
		theme: makeTheme(true, false),
		fps: 1000,
		filter: compileFields(NO_FIELDS),
		base: {},
		*save() {
			yield;
			return {text: 'saved', bad: false};
		},
		suspend: () => {},
	});
	const app = {tty, viewer, over: false, failure: undefined};
	viewer.run().then(
		() => {
			app.over = true;
			closeSync(fd);
		},
		(error) => {
			app.over = true;
			app.failure = error;
		},
	);
	await viewer.ready;
	return app;
}

const soon = () => new Promise((resolve) => setImmediate(resolve));

/** What is typed at once; a frame may be drawn after each. */
function chunks(input) {
	const out = [];
	for (let at = 0; at < input.length; ) {
		if (input[at] === RESIZE) {
			out.push({columns: 1 + (input[at + 1] ?? 0), rows: 1 + ((input[at + 2] ?? 0) >> 1)});
			at += 3;
		} else {
			const end = input.indexOf(RESIZE, at);
			const stop = Math.min(end < 0 ? input.length : end, at + 1 + (input[at] % 8));
			out.push(input.toString('utf8', at, stop));
			at = stop;
		}
	}
	return out;
}

export function keyTarget(path) {
	let app;
	return {
		seeds: [],
		make(random) {
			const parts = Array.from({length: 1 + random.below(60)}, () => {
				if (random.once(12))
					return Buffer.from([RESIZE, random.once(3) ? random.below(4) : random.below(255), random.below(255)]);
				if (random.once(8)) return Buffer.from(random.pick(SEQUENCES));
				if (random.once(12)) return Buffer.from(random.pick(WORDS));
				if (random.once(20)) return Buffer.from([random.below(255), random.below(255)]);
				return Buffer.from(random.pick(KEYS));
			});
			return Buffer.concat(parts);
		},
		async feed(input) {
			for (const chunk of chunks(input)) {
				if (app === undefined || app.over) app = await open(path);
				const {tty} = app;
				if (typeof chunk === 'string') {
					tty.take(chunk);
				} else {
					Object.assign(tty, chunk);
					tty.resized();
				}
				await soon();
				await soon();
				if (app.failure !== undefined) throw app.failure;
			}
			// A new one now and then: what has been typed so far is forgotten.
			if (input.length % 16 === 0 && !app.over) {
				app.viewer.quit();
				while (!app.over) await soon();
			}
			return '';
		},
	};
}
