/** Who draws the frame around the pane. */
import {Line} from '../line.js';
import type {Theme} from '../theme.js';
import type {AppProps} from './app.js';

export interface Frames {
	/** As many lines as the properties have rows. */
	lines(props: AppProps): string[];
	stop(): void;
}

/** Header and footer without Ink, which takes a third of a second to load: the first frame does not wait for it. */
export class FirstFrames implements Frames {
	constructor(private readonly theme: Theme) {}

	lines({columns, rows, head, foot}: AppProps): string[] {
		const line = new Line(columns);
		const drawn = [...head, ...foot].map((segments) => {
			line.start(columns);
			for (const {text, style = 'plain'} of segments) line.put(text, this.theme.style(style));
			return line.finish();
		});
		const blank = Array.from({length: Math.max(0, rows - drawn.length)}, () => '');
		return [...drawn.slice(0, head.length), ...blank, ...drawn.slice(head.length)];
	}

	stop(): void {}
}
