/** The ports of the demo, all of them beyond those that need root. */
export const PORTS = {
	/** The thesis's UDP echo server; the short TCP connections go there, too. */
	echo: 30091,
	/** The router's firewall drops what is forwarded to it. */
	filtered: 30092,
	/** Nobody listens. */
	closed: 30093,
	lossy: 30094,
	ftp: 30021,
} as const;
