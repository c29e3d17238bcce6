import type { Value } from "../schema/answer";
import type { Answer } from "../schema/wire";

const PREFIX = "fairhand/draft/1/";
const KEPT_FOR = 14 * 24 * 3_600_000;

/** One page's answers as they stand; `handed` once the worker has handed the page in. */
export interface Draft {
	page: number;
	values: Record<string, Value>;
	seconds: Record<string, number>;
	handed: Answer[] | null;
	saved: number;
}

/** The part of localStorage that is used here. */
export interface Store {
	readonly length: number;
	key(index: number): string | null;
	getItem(key: string): string | null;
	setItem(key: string, value: string): void;
	removeItem(key: string): void;
}

/**
 * Answers that the server has not acknowledged yet, kept so that a reload, a crash or an empty
 * battery loses none. One draft a page, below the worker and the batch. Where the browser refuses
 * storage (private windows, full disks) drafts live in memory and `lasting` is false.
 */
export class Drafts {
	readonly #scope: string;
	readonly #memory = new Map<string, string>();
	lasting: boolean;

	constructor(
		private readonly store: Store | null,
		worker: string,
		batch: string,
	) {
		this.#scope = `${PREFIX}${encodeURIComponent(worker)}/${encodeURIComponent(batch)}/`;
		this.lasting = store !== null;
	}

	load(page: number): Draft | null {
		return parse(this.#read(`${this.#scope}${page}`));
	}

	save(draft: Draft): void {
		const key = `${this.#scope}${draft.page}`;
		const text = JSON.stringify(draft);
		this.#memory.set(key, text);
		try {
			this.store?.setItem(key, text);
		} catch {
			this.lasting = false;
		}
	}

	drop(page: number): void {
		const key = `${this.#scope}${page}`;
		this.#memory.delete(key);
		try {
			this.store?.removeItem(key);
		} catch {
			this.lasting = false;
		}
	}

	/** Pages handed in but not acknowledged, oldest first. */
	unsent(): Draft[] {
		return this.#keys(this.#scope)
			.map((key) => parse(this.#read(key)))
			.filter((draft): draft is Draft => draft?.handed != null)
			.sort((one, other) => one.saved - other.saved);
	}

	/** Forget drafts so old that their pages have long gone to others, of any batch. */
	sweep(now: number): void {
		for (const key of this.#keys(PREFIX)) {
			const draft = parse(this.#read(key));
			if (draft && now - draft.saved < KEPT_FOR) continue;
			this.#memory.delete(key);
			this.store?.removeItem(key);
		}
	}

	#read(key: string): string | null {
		const text = this.#memory.get(key);
		if (text !== undefined) return text;
		try {
			return this.store?.getItem(key) ?? null;
		} catch {
			return null;
		}
	}

	#keys(prefix: string): string[] {
		const found = new Set(this.#memory.keys());
		for (let index = 0; index < (this.store?.length ?? 0); index += 1) {
			const key = this.store?.key(index);
			if (key) found.add(key);
		}
		return [...found].filter((key) => key.startsWith(prefix));
	}
}

function parse(text: string | null): Draft | null {
	if (text === null) return null;
	try {
		const draft = JSON.parse(text) as Draft;
		const whole = Number.isSafeInteger(draft.page) && typeof draft.values === "object";
		return whole && typeof draft.seconds === "object" ? draft : null;
	} catch {
		return null;
	}
}

/** localStorage where it works. Merely naming it throws where the browser forbids it. */
export function browserStore(): Store | null {
	try {
		const probe = `${PREFIX}probe`;
		localStorage.setItem(probe, "1");
		localStorage.removeItem(probe);
		return localStorage;
	} catch {
		return null;
	}
}
