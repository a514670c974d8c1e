/** What a protocol of the demo can do. */

export interface Protocol {
	/** What an exchange is, for the person who reads along. */
	readonly what: string;
	/** Where it is sent to; 0: no port. */
	readonly port: number;
	/** ms that an exchange may take; absent: it needs few. */
	readonly limit?: number;
	/**
	 * Answers at an IP address, given as text, until the process ends; port 0 takes a free one. Returns the port. Absent:
	 * the kernel answers.
	 */
	readonly serve?: (address: string, port: number) => Promise<number>;
	/** One exchange from begin to end. Throws when it fails or `signal` ends it; leaves no socket open. */
	exchange(address: string, port: number, signal: AbortSignal): Promise<void>;
}
