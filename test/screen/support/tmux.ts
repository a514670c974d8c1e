/** A real terminal: a shell in tmux, on a socket of its own. */
import {execFileSync} from 'node:child_process';
import {existsSync, mkdtempSync, readFileSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';

export class Tmux {
	readonly folder = mkdtempSync(join(tmpdir(), 'pkttop-screen-'));
	private readonly socket = join(this.folder, 'tmux');

	constructor(columns = 80, rows = 24, environment: Readonly<Record<string, string>> = {}) {
		const variables = {LANG: 'C.UTF-8', TZ: 'UTC', PS1: '$ ', ...environment};
		const settings = Object.entries(variables).map(([name, value]) => `${name}='${value}'`);
		const shell = `env -u NO_COLOR -u LC_ALL -u LC_CTYPE ${settings.join(' ')} bash --norc --noprofile`;
		const size = ['-x', String(columns), '-y', String(rows)];
		this.tmux('new-session', '-d', ...size, '-c', this.folder, shell);
	}

	private tmux(...command: string[]): string {
		const env = {...process.env};
		delete env.TMUX;
		return execFileSync('tmux', ['-S', this.socket, '-f', '/dev/null', ...command], {env, encoding: 'utf8'});
	}

	/** Keys by tmux's names, each an event of its own. */
	press(...keys: string[]): void {
		for (const key of keys) this.tmux('send-keys', key);
	}

	/** Text in one piece, as when it is pasted. */
	type(text: string): void {
		this.tmux('send-keys', '-l', text);
	}

	run(command: string): void {
		this.type(command);
		this.press('Enter');
	}

	resize(columns: number, rows: number): void {
		this.tmux('resize-window', '-x', String(columns), '-y', String(rows));
	}

	text(): string {
		return this.tmux('capture-pane', '-p').replace(/[ \n]+$/, '');
	}

	/** With SGR sequences. */
	cells(): string {
		return this.tmux('capture-pane', '-e', '-p');
	}

	/** Whether a program has the alternate screen. */
	get alternate(): boolean {
		return this.tmux('display-message', '-p', '#{alternate_on}').trim() === '1';
	}

	/** @param patience ms; @param pause ms between two looks, each of which costs the start of a program. */
	async until(wanted: (text: string) => boolean, what: string, patience = 90_000, pause = 20): Promise<string> {
		const late = Date.now() + patience;
		for (;;) {
			const text = this.text();
			if (wanted(text)) return text;
			if (Date.now() > late) throw new Error(`never came: ${what}\n${text}`);
			await new Promise((resolve) => setTimeout(resolve, pause));
		}
	}

	see(words: string): Promise<string> {
		return this.until((text) => text.includes(words), words);
	}

	/** Waits until no program has the alternate screen. */
	async gone(): Promise<void> {
		await this.until(() => !this.alternate, 'the end of the program');
	}

	/** Runs a command at the prompt and waits for its end: what it wrote. */
	async output(command: string): Promise<string> {
		const file = join(this.folder, 'out');
		rmSync(file, {force: true});
		this.run(`{ ${command}; } >${file}.new 2>&1; mv ${file}.new ${file}`);
		await this.until(() => existsSync(file), command);
		return readFileSync(file, 'utf8');
	}

	/** The shell's foreground child: the program on the screen. */
	pid(): number {
		const shell = this.tmux('display-message', '-p', '#{pane_pid}').trim();
		return Number(execFileSync('ps', ['-o', 'pid=', '--ppid', shell], {encoding: 'utf8'}).trim().split(/\s+/)[0]);
	}

	stop(): void {
		this.tmux('kill-server');
		rmSync(this.folder, {recursive: true, force: true});
	}
}
