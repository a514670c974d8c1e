/** Of blessed and blessed-contrib what the charts use; neither comes with types. */

declare module 'blessed' {
	/** A cell of the screen: attributes (foreground in bits 9 to 17, background in bits 0 to 8; 0x1ff is the default), character. */
	type Cell = readonly [number, string];

	interface Widget {
		width: number;
		height: number;
		detach(): void;
	}

	interface Screen {
		readonly program: {cols: number; rows: number};
		readonly lines: readonly (readonly Cell[])[];
		readonly children: readonly Widget[];
		append(widget: Widget): void;
		/** Makes the cells anew, for the size that `program` says. */
		alloc(): void;
		/** Fills the cells, then calls `draw`. */
		render(): void;
		draw(): void;
	}

	const blessed: {
		/** True: no handlers on the process, such as for its exit. */
		readonly Program: {_bound?: boolean};
		readonly Screen: {_bound?: boolean};
		screen(options: {input: object; output: object; terminal: string; forceUnicode: boolean}): Screen;
	};
	export default blessed;
	export type {Cell, Screen, Widget};
}

declare module 'blessed-contrib/lib/widget/canvas.js' {
	import type {Widget} from 'blessed';

	/** Two by four dots a cell. */
	interface Context {
		strokeStyle: string;
		beginPath(): void;
		moveTo(x: number, y: number): void;
		lineTo(x: number, y: number): void;
		stroke(): void;
	}
	/** Its picture is six cells narrower than it. */
	const Canvas: new (options: {screen: object}) => Widget & {readonly ctx: Context};
	export default Canvas;
	export type {Context};
}

declare module 'blessed-contrib/lib/widget/charts/bar.js' {
	import type {Widget} from 'blessed';

	interface BarOptions {
		barWidth: number;
		barSpacing: number;
		xOffset: number;
		maxHeight: number;
		showText: boolean;
		barBgColor: string;
	}
	/** Its picture is two cells narrower than it, and leaves five rows below for text. */
	const Bar: new (
		options: {screen: object} & Partial<BarOptions>,
	) => Widget & {
		readonly options: BarOptions;
		setData(bars: {readonly titles: readonly string[]; readonly data: readonly number[]}): void;
	};
	export default Bar;
}
