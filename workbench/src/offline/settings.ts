import type { Store } from "./drafts";

/** Small choices a worker makes once: remembered on this device, lost without harm. */
export class Settings {
	constructor(private readonly store: Store | null) {}

	on(name: string): boolean {
		try {
			return this.store?.getItem(`fairhand/set/${name}`) === "1";
		} catch {
			return false;
		}
	}

	set(name: string, on: boolean): void {
		try {
			if (on) this.store?.setItem(`fairhand/set/${name}`, "1");
			else this.store?.removeItem(`fairhand/set/${name}`);
		} catch {
			// A setting that is not remembered is no reason to disturb anybody.
		}
	}
}

/** A short name for one version of the instructions, so that changed ones unfold again. */
export function versionOf(parts: unknown): string {
	const text = JSON.stringify(parts);
	let hash = 5381;
	for (let index = 0; index < text.length; index += 1) {
		hash = (Math.imul(hash, 33) ^ text.charCodeAt(index)) >>> 0;
	}
	return hash.toString(36);
}
