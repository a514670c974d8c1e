/** The addon in a host of the demo, loaded when it is first needed. */
import {type Addon, loadAddon} from '../collector/native.js';

let loaded: Addon | undefined;

export function addon(): Addon {
	loaded ??= loadAddon();
	return loaded;
}
