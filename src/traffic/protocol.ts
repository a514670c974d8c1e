/** What a protocol of the demo can do. */

export interface Protocol {
	/** Answers at an IP address, given as text, until the process ends; port 0 takes a free one. Returns the port. */
	serve(address: string, port: number): Promise<number>;
	/** One exchange from begin to end. Throws when it fails or `signal` ends it; leaves no socket open. */
	exchange(address: string, port: number, signal: AbortSignal): Promise<void>;
}
