import type { Ask } from "../schema/wire";
import type { Sent } from "./transport";

const FIRST_WAIT = 1_000;
const LONGEST_WAIT = 30_000;

/** What stands between us and the server right now. */
export type Connection = "fine" | "offline" | "busy";

/** `skipped`: nobody wanted it any more when its turn came. `dropped`: tried once, in vain. */
export type Delivered = Exclude<Sent, { kind: "temporary" }> | { kind: "skipped" | "dropped" };

export interface Order {
	/** Asked just before sending; false takes the order out of the line. */
	wanted?: () => boolean;
	/** Try once and let it go, for what is only a convenience. */
	once?: boolean;
}

/** Doubling waits with a spread, so that a thousand workers do not come back in the same second. */
export function waitBefore(attempt: number, spread: number): number {
	const wait = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** Math.min(attempt, 10));
	return Math.round(wait * (0.75 + spread / 2));
}

/**
 * Carries requests to the server, one at a time and in order, and repeats each one until it is
 * answered. Repeating is safe because the server treats the same page with the same answers as one.
 */
export class Courier {
	#line: Promise<unknown> = Promise.resolve();
	#wake: (() => void) | null = null;

	constructor(
		private readonly send: (ask: Ask) => Promise<Sent>,
		private readonly told: (connection: Connection) => void,
		private readonly sleep: (ms: number) => Promise<void> = (ms) =>
			new Promise((done) => setTimeout(done, ms)),
		private readonly chance: () => number = Math.random,
	) {}

	deliver(ask: Ask, order: Order = {}): Promise<Delivered> {
		const delivery = this.#line.then(() => this.#carry(ask, order));
		this.#line = delivery;
		return delivery;
	}

	/** Try again now: the connection is said to be back. */
	wake(): void {
		this.#wake?.();
	}

	async #carry(ask: Ask, order: Order): Promise<Delivered> {
		for (let attempt = 0; ; attempt += 1) {
			if (order.wanted && !order.wanted()) return { kind: "skipped" };
			const sent = await this.send(ask);
			if (sent.kind !== "temporary") {
				this.told("fine");
				return sent;
			}
			this.told(sent.offline ? "offline" : "busy");
			if (order.once) return { kind: "dropped" };
			const woken = new Promise<void>((done) => {
				this.#wake = done;
			});
			await Promise.race([this.sleep(sent.wait ?? waitBefore(attempt, this.chance())), woken]);
			this.#wake = null;
		}
	}
}
