import type { Connection, Courier, Delivered } from "../offline/courier";
import type { Draft, Drafts } from "../offline/drafts";
import { checkAnswer, type Problem, pruneAnswer, type Value } from "../schema/answer";
import type { Config } from "../schema/interface";
import type { Answer, Page, Reply } from "../schema/wire";
import { ActiveClock } from "./timing";

export type Phase = "loading" | "working" | "waiting" | "finished" | "refused" | "signed_out";

/** A page that did not go in, and what the server said about it. */
export interface Setback {
	message: string;
	/** Its answers are kept, and the page comes back to be looked at again. */
	returns: boolean;
}

type Refused = Extract<Delivered, { kind: "refused" }>;

// The answers themselves were at fault: they are kept, to be put right.
const FIXABLE = new Set([400, 413, 422]);

/**
 * One worker's sitting at one batch: which page is on the screen, what was answered, and what is
 * under way to the server. It knows nothing of the screen itself.
 */
export class Session {
	phase = $state<Phase>("loading");
	page = $state.raw<Page | null>(null);
	index = $state(0);
	values = $state<Value[]>([]);
	problem = $state<Problem | null>(null);
	refusal = $state("");
	setback = $state<Setback | null>(null);
	connection = $state<Connection>("fine");
	/** Pages handed in here and not acknowledged yet. */
	unsent = $state(0);
	/** What this sitting has earned, and by how many answers, as the server has said. */
	earned = $state(0);
	answered = $state(0);
	minutesLeft = $state(Number.POSITIVE_INFINITY);

	readonly clock = new ActiveClock();
	#ahead: Page | null = null;
	#askedAhead = false;
	#seconds: number[] = [];
	#handed = new Set<number>();
	#ends = new Map<number, number>();

	constructor(
		private readonly config: Config,
		private readonly courier: Courier,
		private readonly drafts: Drafts,
		private readonly now: () => number = Date.now,
		private readonly here: () => boolean = () => true,
		/** Told of every page as it arrives, to fetch its pictures early. */
		private readonly arrived: (page: Page) => void = () => {},
	) {}

	/** Send what an earlier visit left behind, then ask for work. */
	async start(): Promise<void> {
		this.drafts.sweep(this.now());
		for (const draft of this.drafts.unsent()) void this.#submit(draft);
		await this.#load();
	}

	get item(): Page["items"][number] | null {
		return this.page?.items[this.index] ?? null;
	}

	get last(): boolean {
		return this.page !== null && this.index === this.page.items.length - 1;
	}

	/** When the page must be in, by the clock of this device. */
	get ends(): Date | null {
		const ends = this.page ? this.#ends.get(this.page.no) : undefined;
		return ends === undefined ? null : new Date(ends);
	}

	get late(): boolean {
		return this.minutesLeft <= 0;
	}

	choose(field: string, value: string): void {
		if (this.phase !== "working" || this.late) return;
		this.values[this.index] = { ...this.values[this.index], [field]: value };
		if (this.problem?.field === field) this.problem = null;
		this.#keep();
	}

	/** Is the task on the screen fully answered? */
	get complete(): boolean {
		return checkAnswer(this.config.interface, this.values[this.index] ?? {}) === null;
	}

	/** Go on to the next task, or hand the page in after the last. */
	next(): void {
		if (this.phase !== "working" || !this.page || this.late) return;
		this.problem = checkAnswer(this.config.interface, this.values[this.index] ?? {});
		if (this.problem) return;
		if (this.last) this.#handIn(this.page);
		else this.#turnTo(this.index + 1);
	}

	back(): void {
		if (this.phase === "working" && this.index > 0) this.#turnTo(this.index - 1);
	}

	/** Give the page back unanswered; somebody else will get it. */
	async giveBack(): Promise<void> {
		if (!this.page) return;
		const { no } = this.page;
		this.#clear(no);
		const delivered = await this.courier.deliver({ page: no, give_back: true });
		this.drafts.drop(no);
		// The reply to this brings no page: what is in hand now, or comes next, is asked for by itself.
		if (delivered.kind !== "refused" || !this.#stop(delivered)) await this.#load();
	}

	/** The page's time is over: leave it and ask for another. */
	async renew(): Promise<void> {
		if (this.page) {
			this.drafts.drop(this.page.no);
			this.#clear(this.page.no);
		}
		await this.#load();
	}

	/** Ask once more, from an empty or refused screen. */
	async again(): Promise<void> {
		this.phase = "loading";
		await this.#load();
	}

	/** Called now and then: time passes. */
	tick(): void {
		const ends = this.page ? this.#ends.get(this.page.no) : undefined;
		this.minutesLeft =
			ends === undefined ? Number.POSITIVE_INFINITY : Math.ceil((ends - this.now()) / 60_000);
	}

	async #load(): Promise<void> {
		this.phase = "loading";
		const delivered = await this.courier.deliver({ page: null });
		if (delivered.kind === "ok") this.#take(delivered.reply);
		else if (delivered.kind === "refused" && !this.#stop(delivered)) {
			this.refusal = delivered.detail;
			this.phase = "refused";
		}
	}

	/** Signed out or forbidden: nothing more can be done here. */
	#stop(refused: Refused): boolean {
		if (refused.status !== 401 && refused.status !== 403) return false;
		this.refusal = refused.detail;
		this.phase = refused.status === 401 ? "signed_out" : "refused";
		return true;
	}

	#show(page: Page): void {
		const draft = this.drafts.load(page.no);
		this.page = page;
		this.values = page.items.map(({ item }) =>
			pruneAnswer(this.config.interface, draft?.values[item] ?? {}),
		);
		this.#seconds = page.items.map(({ item }) => Number(draft?.seconds[item]) || 0);
		const open = this.values.findIndex((value) => checkAnswer(this.config.interface, value));
		this.index = open === -1 ? page.items.length - 1 : open;
		this.problem = null;
		this.#ahead = null;
		this.#askedAhead = false;
		this.phase = "working";
		this.clock.reset(this.now(), this.here());
		this.tick();
		this.#fetchAhead();
	}

	#turnTo(index: number): void {
		this.#keep();
		this.index = index;
		this.problem = null;
		this.clock.reset(this.now(), this.here());
		this.#fetchAhead();
	}

	#clear(no: number): void {
		this.phase = "loading";
		this.page = null;
		this.#ends.delete(no);
	}

	/** Write the draft down: after every choice and every turn. */
	#keep(): void {
		const { page, index } = this;
		if (!page) return;
		this.#seconds[index] = (this.#seconds[index] ?? 0) + this.clock.seconds(this.now());
		this.clock.reset(this.now(), this.here());
		this.drafts.save(this.#draft(page, null));
	}

	#draft(page: Page, handed: Answer[] | null): Draft {
		const values: Draft["values"] = {};
		const seconds: Draft["seconds"] = {};
		page.items.forEach(({ item }, index) => {
			values[item] = { ...this.values[index] };
			seconds[item] = Math.round((this.#seconds[index] ?? 0) * 10) / 10;
		});
		return { page: page.no, values, seconds, handed, saved: this.now() };
	}

	#handIn(page: Page): void {
		const open = this.values.findIndex((value) => checkAnswer(this.config.interface, value));
		if (open !== -1) {
			this.#turnTo(open);
			return;
		}
		this.#keep();
		const draft = this.#draft(page, null);
		draft.handed = page.items.map(({ item }) => ({
			item,
			value: draft.values[item] ?? {},
			seconds: draft.seconds[item] ?? 0,
		}));
		this.drafts.save(draft);
		this.setback = null;
		void this.#submit(draft);
		const ahead = this.#ahead;
		if (ahead && (this.#ends.get(ahead.no) ?? 0) > this.now()) this.#show(ahead);
		else this.phase = "waiting";
	}

	async #submit(draft: Draft): Promise<void> {
		const { page, handed } = draft;
		if (!handed) return;
		this.#handed.add(page);
		this.unsent = this.#handed.size;
		const delivered = await this.courier.deliver({ page, answers: handed });
		this.#handed.delete(page);
		this.unsent = this.#handed.size;
		this.#ends.delete(page);
		if (delivered.kind === "ok") {
			this.drafts.drop(page);
			this.#take(delivered.reply);
		} else if (delivered.kind === "refused") await this.#notTaken(draft, delivered);
	}

	async #notTaken(draft: Draft, refused: Refused): Promise<void> {
		if (refused.status === 401) {
			this.#stop(refused); // the draft stays handed in, and goes out after signing in again
			return;
		}
		const returns = FIXABLE.has(refused.status);
		if (returns) this.drafts.save({ ...draft, handed: null });
		else this.drafts.drop(draft.page);
		this.setback = { message: refused.detail, returns };
		if (this.#stop(refused)) return;
		if (this.phase === "waiting" && this.#handed.size === 0) await this.#load();
	}

	/** Take in a reply: what was acknowledged, what comes next, or why nothing does. */
	#take(reply: Reply): void {
		if (reply.submitted) {
			this.answered += reply.submitted.answers;
			this.earned += reply.submitted.earned_micros;
		}
		for (const page of [reply.page, reply.ahead]) {
			if (page && !this.#ends.has(page.no)) {
				this.#ends.set(page.no, this.now() + page.seconds_left * 1000);
				this.arrived(page);
			}
		}
		const fresh = [reply.page, reply.ahead].filter(
			(page): page is Page =>
				page !== null && page.no !== this.page?.no && !this.#handed.has(page.no),
		);
		if (this.phase === "working") this.#takeWhileWorking(reply, fresh);
		else this.#takeWhileWaiting(reply, fresh);
	}

	#takeWhileWorking(reply: Reply, fresh: Page[]): void {
		this.#ahead ??= fresh[0] ?? null;
		if (reply.refusal && this.#endsWork(reply)) this.#refuse(reply.refusal.message);
	}

	/**
	 * Does this refusal take the page in hand away? A restriction does. Anything else only says why
	 * there is no further page: a paused batch, for one, still takes what its workers hold.
	 */
	#endsWork({ refusal }: Reply): boolean {
		return refusal?.code === "restricted" || refusal?.code === "suspended";
	}

	#takeWhileWaiting(reply: Reply, fresh: Page[]): void {
		const current = reply.page && !this.#handed.has(reply.page.no) ? reply.page : fresh[0];
		if (current) this.#show(current);
		else if (reply.refusal && reply.refusal.code !== "nothing_left") {
			this.#refuse(reply.refusal.message);
		} else if (this.#handed.size === 0) {
			// While other pages are still on their way, their replies will say what comes next.
			this.page = null;
			this.refusal = reply.refusal?.message ?? "";
			this.phase = "finished";
		}
	}

	#refuse(message: string): void {
		this.refusal = message;
		this.page = null;
		this.phase = "refused";
	}

	/** Half of the page done: time to have the next one ready. */
	#fetchAhead(): void {
		const { page } = this;
		if (!page || this.#askedAhead || this.#ahead) return;
		if (this.index + 1 < Math.ceil(page.items.length / 2)) return;
		this.#askedAhead = true;
		const wanted = (): boolean => this.page?.no === page.no && this.phase === "working";
		void this.courier.deliver({ page: null, ahead: true }, { wanted, once: true }).then((sent) => {
			if (sent.kind === "ok") this.#take(sent.reply);
		});
	}
}
