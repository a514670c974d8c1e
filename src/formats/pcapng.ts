/**
 * pcapng, as https://www.ietf.org/archive/id/draft-ietf-opsawg-pcapng-04.html has it: what reader and writer share.
 */

export const Block = {
	SECTION: 0x0a0d0d0a,
	INTERFACE: 1,
	/** Obsolete, and still in old files. */
	PACKET: 2,
	SIMPLE: 3,
	ENHANCED: 6,
} as const;

/** In the byte order of the section. */
export const ORDER_MAGIC = 0x1a2b3c4d;

export const InterfaceOption = {NAME: 2, RESOLUTION: 9, OFFSET: 14} as const;
