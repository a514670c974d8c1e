/** Ink, drawing into memory: whole frames as lines. */
import {EventEmitter} from 'node:events';
import chalk from 'chalk';
import {render} from 'ink';
import {createElement} from 'react';
import {App, type AppProps} from './app.js';

/** As much of a stream as Ink wants of its output; keeps the last frame. */
class Sink extends EventEmitter {
	columns = 80;
	rows = 24;
	frame = '';

	write(text: string): boolean {
		this.frame = text;
		return true;
	}
}

export class Chrome {
	private readonly sink = new Sink();
	private readonly instance;

	constructor(props: AppProps) {
		// Attributes stay where colours are not wanted; the components leave the colours out themselves.
		chalk.level = 1;
		Object.assign(this.sink, {columns: props.columns, rows: props.rows});
		this.instance = render(createElement(App, props), {
			stdout: this.sink as unknown as NodeJS.WriteStream,
			debug: true,
			patchConsole: false,
			exitOnCtrlC: false,
		});
	}

	/** The lines of a frame, at once; blank where the pane is. */
	lines(props: AppProps): string[] {
		Object.assign(this.sink, {columns: props.columns, rows: props.rows});
		this.instance.rerender(createElement(App, props));
		return this.sink.frame.split('\n');
	}

	stop(): void {
		this.instance.unmount();
	}
}
