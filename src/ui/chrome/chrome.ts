/** Ink, drawing into memory: whole frames as lines. */
import {EventEmitter} from 'node:events';
import chalk from 'chalk';
import {type Instance, render} from 'ink';
import {createElement, type ReactElement} from 'react';
import {App, type AppProps} from './app.js';
import type {Frames} from './frames.js';

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

export class Chrome implements Frames {
	private readonly sink = new Sink();
	private instance: Instance | undefined;

	/** The lines of a frame, at once; blank beside a panel. */
	lines(props: AppProps): string[] {
		Object.assign(this.sink, {columns: props.columns, rows: props.rows});
		const tree = createElement(App, props);
		if (this.instance === undefined) this.instance = this.start(tree);
		else this.instance.rerender(tree);
		return this.sink.frame.split('\n');
	}

	private start(tree: ReactElement): Instance {
		// Attributes stay where colours are not wanted; the components leave the colours out themselves.
		chalk.level = 1;
		return render(tree, {
			stdout: this.sink as unknown as NodeJS.WriteStream,
			debug: true,
			patchConsole: false,
			exitOnCtrlC: false,
		});
	}

	stop(): void {
		this.instance?.unmount();
	}
}
