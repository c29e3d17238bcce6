/** A pause longer than this is not work: only this much of it is counted. */
export const IDLE_CUT = 60_000;

/**
 * How long somebody was really at a task: the time while the page was visible and focused, with
 * each pause between two signs of life cut off at a minute.
 */
export class ActiveClock {
	#since: number | null = null;
	#spent = 0;

	/** Begin anew, for another task. */
	reset(now: number, here: boolean): void {
		this.#spent = 0;
		this.#since = here ? now : null;
	}

	/** A key, a tap, a scroll. */
	sign(now: number): void {
		this.#count(now);
		if (this.#since !== null) this.#since = now;
	}

	/** The page was left or hidden. */
	leave(now: number): void {
		this.#count(now);
		this.#since = null;
	}

	/** The page is looked at again. */
	arrive(now: number): void {
		if (this.#since === null) this.#since = now;
	}

	/** Seconds so far, to a tenth. */
	seconds(now: number): number {
		this.sign(now);
		return Math.round(this.#spent / 100) / 10;
	}

	#count(now: number): void {
		if (this.#since === null) return;
		this.#spent += Math.min(Math.max(0, now - this.#since), IDLE_CUT);
	}
}
