/** What every chart is told. */

export interface ChartSize {
	readonly columns: number;
	readonly rows: number;
}

export interface ChartOptions {
	/** Only characters of ASCII. */
	readonly ascii: boolean;
	/** SGR colours, of the 16 of the terminal's theme. */
	readonly color: boolean;
	/** What is counted, one of it; calls where nothing is said. */
	readonly what?: string;
}
