/** The small cast of these tests: one batch, its pages, and a server that keeps its promises. */
import type { Sent } from "../src/offline/transport";
import { readConfig } from "../src/schema/interface";
import type { Ask, Page, Refusal, Reply } from "../src/schema/wire";

export const CONFIG = {
	endpoint: "/api/v1/work/bat_cats",
	interface: {
		views: [{ kind: "text", from: "text" }],
		fields: [
			{
				kind: "choice",
				name: "category",
				label: "Which animal?",
				options: [
					{ value: "cat", label: "Cat" },
					{ value: "dog", label: "Dog", help: "Wolves too" },
				],
			},
		],
	},
	title: "Cats and dogs",
	instructions: [],
	price_micros: 50_000,
	currency: "EUR",
	lang: "en",
	home: "/",
	report: null,
};

export const config = readConfig(CONFIG);

export function page(no: number, size = 2): Page {
	return {
		no,
		deadline: "2026-11-22T10:00:00Z",
		seconds_left: 600,
		pay_micros: 50_000 * size,
		items: Array.from({ length: size }, (_, item) => ({ item, data: { text: `${no}.${item}` } })),
	};
}

const NOTHING: Refusal = { code: "nothing_left", message: "Nothing left." };

/** A worker's endpoint as it should behave: at most two pages held, submissions counted once. */
export class Server {
	asked: Ask[] = [];
	open: Page[] = [];
	earned = new Map<number, number>();
	/** What the next requests meet instead of an answer. */
	trouble: Sent[] = [];
	refusal: Refusal | null = null;

	constructor(private readonly waiting: Page[]) {}

	send = async (ask: Ask): Promise<Sent> => {
		this.asked.push(structuredClone(ask));
		const trouble = this.trouble.shift();
		return trouble ?? { kind: "ok", reply: this.answer(ask) };
	};

	answer(ask: Ask): Reply {
		let submitted: Reply["submitted"] = null;
		if (ask.page !== null && "answers" in ask) {
			const repeated = this.earned.has(ask.page);
			const pay = this.open.find((held) => held.no === ask.page)?.pay_micros ?? 0;
			if (!repeated) this.earned.set(ask.page, pay);
			const count = ask.answers.length;
			submitted = { page: ask.page, answers: count, earned_micros: pay, repeated };
		}
		if (ask.page !== null) this.open = this.open.filter((held) => held.no !== ask.page);
		if (this.refusal?.code === "batch_paused") {
			const current = "ahead" in ask ? null : (this.open[0] ?? null);
			return { submitted, page: current, ahead: null, refusal: current ? null : this.refusal };
		}
		if (this.refusal) {
			this.open = [];
			return { submitted, page: null, ahead: null, refusal: this.refusal };
		}
		// As the real one: giving back brings no page, and fetching ahead brings only that one.
		if ("give_back" in ask) return { submitted: null, page: null, ahead: null, refusal: null };
		if (this.open.length === 0) this.claim();
		const ahead = "ahead" in ask ? (this.open[1] ?? this.claim()) : null;
		const current = this.open[0] ?? null;
		const short = current === null || ("ahead" in ask && ahead === null);
		return {
			submitted,
			page: "ahead" in ask ? null : current,
			ahead,
			refusal: short ? NOTHING : null,
		};
	}

	private claim(): Page | null {
		const next = this.waiting.shift();
		if (next) this.open.push(next);
		return next ?? null;
	}
}

/** A store like localStorage, with an end to its room. */
export class Shelf {
	#kept = new Map<string, string>();
	room = Number.POSITIVE_INFINITY;

	get length(): number {
		return this.#kept.size;
	}
	key(index: number): string | null {
		return [...this.#kept.keys()][index] ?? null;
	}
	getItem(key: string): string | null {
		return this.#kept.get(key) ?? null;
	}
	setItem(key: string, value: string): void {
		if (value.length > this.room) throw new DOMException("full", "QuotaExceededError");
		this.#kept.set(key, value);
	}
	removeItem(key: string): void {
		this.#kept.delete(key);
	}
}

/** Let everything that is already due happen. */
export async function settle(): Promise<void> {
	for (let turn = 0; turn < 50; turn += 1) await Promise.resolve();
}
