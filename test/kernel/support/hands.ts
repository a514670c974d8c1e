/** Someone at the screen who never rests: keys, and what must be seen before the next ones. */
import assert from 'node:assert/strict';
import {readFileSync, rmSync} from 'node:fs';
import {join} from 'node:path';
import type {Tmux} from '../../screen/support/tmux.js';
import {FUNCTIONS} from './pkttop.js';

/** ms that an emulated machine may take for what a person waits a moment for. */
const PATIENCE = 120_000;
/** ms between two looks: whoever looks all the time takes from an emulated machine what pkttop needs. */
const LOOK = 100;
const SIZES = [
	[80, 24],
	[132, 43],
	[30, 8],
	[100, 30],
	[200, 60],
] as const;
/** Room for every row of every pane, and for the last line that pkttop says. */
const LARGE = [200, 120] as const;
const PANES = ['1', '2', '3', '5'];

/** No two are the same text, so that what is kept of each adds up. */
const FILTERS: readonly ((turn: number) => string)[] = [
	(turn) => `udp port 30195 or udp port ${1000 + turn}`,
	(turn) => `tcp and not port ${1000 + turn}`,
	(turn) => `host 10.30.195.2 and not port ${1000 + turn}`,
	(turn) => `icmp or icmp6 or port ${1000 + turn}`,
	(turn) => `ip6 and portrange ${1000 + turn}-40000`,
	(turn) => `arp or net 10.30.195.0/24 or port ${1000 + turn}`,
];

export class Hands {
	private groups: readonly string[] = [];
	private off = '';
	private sizes = 0;
	/** Filters that were in force, logs that were saved. */
	filters = 0;
	saves = 0;

	constructor(private readonly tmux: Tmux) {}

	/** Knows the groups from then on. */
	async lookAround(): Promise<void> {
		this.large();
		const text = await this.folded(true);
		this.groups = [...text.matchAll(/^▸ (\S+) +\d+ on/gm)].map(([, name = '']) => name);
		assert.ok(this.groups.length > 3, text);
	}

	/** Another filter: now and then in the field of the port, where each digit is one. */
	async changeFilter(): Promise<void> {
		const turn = this.filters++;
		const pane = PANES[turn % PANES.length] ?? '1';
		if (turn % FILTERS.length === 0) await this.filterPort(1000 + turn, pane);
		else await this.filter(FILTERS[turn % FILTERS.length]?.(turn) ?? '', pane);
	}

	async filter(text: string, pane: string): Promise<void> {
		this.tmux.type(`${pane}x/${text}\r`);
		await this.see((shown) => shown.includes(`filter ${text}`.slice(0, 30)), `filter ${text}`);
	}

	async filterPort(port: number, pane: string): Promise<void> {
		this.tmux.type(`${pane}x:${port}\r`);
		await this.see((shown) => shown.includes(`filter port ${port}`), `filter port ${port}`);
	}

	/** The same picture each time, so that what is held for it is the same. */
	async rest(): Promise<void> {
		this.tmux.type('1x');
		await this.see((shown) => shown.includes('filter none'), 'no filter');
	}

	/** Switches a group off, or on again the one that is off. */
	async toggleGroup(turn: number): Promise<void> {
		const {off, groups} = this;
		const group = off === '' ? (groups[turn % groups.length] ?? '') : off;
		await this.folded(true);
		this.tmux.type(`g${'j'.repeat(groups.indexOf(group))} `);
		const wanted = new RegExp(`^▸ ${group} +\\d+ ${off === '' ? 'off' : 'on'}`, 'm');
		await this.see((text) => wanted.test(text), `${group} ${off === '' ? 'off' : 'on'}`);
		this.off = off === '' ? group : '';
	}

	get someOff(): boolean {
		return this.off !== '';
	}

	/** The next size, one of them too small for anything. */
	resize(): void {
		const [columns, rows] = SIZES[this.sizes++ % SIZES.length] ?? LARGE;
		this.tmux.resize(columns, rows);
		if (rows < 24) this.tmux.resize(80, 24);
	}

	large(): void {
		this.tmux.resize(...LARGE);
	}

	/** Saves what the filter shows. The log, which is gone afterwards. */
	async save(): Promise<string> {
		this.tmux.type('s');
		await this.see((text) => /^saved clean_log: \d+ blocks in \d+ lines/m.test(text), 'saved');
		const file = join(this.tmux.folder, 'clean_log');
		const log = readFileSync(file, 'utf8');
		assert.match(log, /\n# \d+ events, \d+ lost\n$/);
		rmSync(file);
		this.saves++;
		return log;
	}

	/** Until these functions or marks have been called so often, as the panes say it, since the counts were from zero. */
	async calls(wanted: Readonly<Record<string, number | string>>, patience = PATIENCE): Promise<void> {
		this.large();
		if (FUNCTIONS) this.tmux.type('2');
		else await this.folded(false);
		const before = (name: string) => (FUNCTIONS ? `${name} +\\S+` : `${name} \\(mark\\) +on +\\S+`);
		const row = (name: string, calls: number | string) => new RegExp(`^ *${before(name)} +${calls}(?: |$)`, 'm');
		await this.see(
			(text) => Object.entries(wanted).every(([name, calls]) => row(name, calls).test(text)),
			`calls ${JSON.stringify(wanted)}`,
			patience,
		);
	}

	/** Counts from zero, once more where the figures were still from before the last filter. */
	async clear(names: readonly string[]): Promise<void> {
		const zero = Object.fromEntries(names.map((name) => [name, 0]));
		for (let left = 9; ; left--) {
			this.tmux.type('c');
			try {
				return await this.calls(zero, 3000);
			} catch (error) {
				if (left === 0) throw error;
			}
		}
	}

	/** What the header says is lost, as it says it. */
	get lost(): string {
		return /lost 0|LOST \S+/.exec(this.tmux.text())?.[0] ?? 'unknown';
	}

	/** Throws at once where pkttop has ended: the shell says so, with "code". */
	see(wanted: (text: string) => boolean, what: string, patience = PATIENCE): Promise<string> {
		const check = (text: string): boolean => {
			assert.doesNotMatch(text, /^code \d+$/m, `it ended before ${what}:\n${text}`);
			return wanted(text);
		};
		return this.tmux.until(check, what, patience, LOOK);
	}

	/** The groups pane, with the groups alone or with all that is in them. */
	private async folded(on: boolean): Promise<string> {
		this.tmux.type('4');
		const text = await this.see((shown) => /^[▸▾] /m.test(shown), 'the groups');
		if (!text.includes(on ? '▾' : '▸')) return text;
		this.tmux.type('z');
		return this.see((shown) => /^[▸▾] /m.test(shown) && !shown.includes(on ? '▾' : '▸'), 'all folded or unfolded');
	}
}
