/** Numbers for people, in few cells. */

const TIME_UNITS = ['ns', 'µs', 'ms', 's'] as const;

/** ns in at most 6 cells: `848ns`, `12.3µs`, `1.26ms`, `104s`. */
export function duration(nanos: number, ascii = false): string {
	let value = nanos;
	let unit = 0;
	while (unit < 3 && value >= 999.5) {
		value /= 1000;
		unit++;
	}
	const name = ascii && unit === 1 ? 'us' : (TIME_UNITS[unit] as string);
	return `${unit === 0 ? Math.round(value) : digits(value)}${name}`;
}

/** A count in at most 5 cells: `999`, `12.3k`, `4.05M`. */
export function count(value: number): string {
	if (value < 1000) return String(Math.round(value));
	const units = ['k', 'M', 'G', 'T', 'P'];
	let scaled = value / 1000;
	let unit = 0;
	while (scaled >= 999.5 && unit < units.length - 1) {
		scaled /= 1000;
		unit++;
	}
	return `${digits(scaled)}${units[unit]}`;
}

/** Events a second: below ten with one digit behind the point. */
export function rate(value: number): string {
	return value > 0 && value < 9.95 ? value.toFixed(1) : count(value);
}

/** A share of 0 to 1 as per cent, in at most 5 cells. */
export function percent(share: number): string {
	const value = share * 100;
	return `${value > 0 && value < 9.95 ? value.toFixed(1) : Math.round(value)}%`;
}

/** Bytes: `57B`, `1.4kB`, `3.2MB`. */
export function bytes(value: number): string {
	return `${count(value)}B`;
}

/** A whole number with a comma between thousands. */
export function whole(value: number | bigint): string {
	return String(value).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** Three digits, from 1 to 999. */
function digits(value: number): string {
	return value < 9.995 ? value.toFixed(2) : value < 99.95 ? value.toFixed(1) : String(Math.round(value));
}
