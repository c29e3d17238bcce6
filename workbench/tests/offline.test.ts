import { describe, expect, test, vi } from "vitest";
import { type Connection, Courier, waitBefore } from "../src/offline/courier";
import { type Draft, Drafts } from "../src/offline/drafts";
import { Settings, versionOf } from "../src/offline/settings";
import { post, type Sent } from "../src/offline/transport";
import { page, Shelf, settle } from "./world";

const DAY = 86_400_000;
const offline: Sent = { kind: "temporary", offline: true, wait: null };
const fine: Sent = {
	kind: "ok",
	reply: { submitted: null, page: null, ahead: null, refusal: null },
};

function draft(no: number, more: Partial<Draft> = {}): Draft {
	return {
		page: no,
		values: { 0: { category: "cat" } },
		seconds: {},
		handed: null,
		saved: 0,
		...more,
	};
}

describe("drafts", () => {
	test("survive a reload", () => {
		const shelf = new Shelf();
		new Drafts(shelf, "ann", "/cats").save(draft(7));
		expect(new Drafts(shelf, "ann", "/cats").load(7)).toEqual(draft(7));
	});

	test("of one worker are not another's", () => {
		const shelf = new Shelf();
		new Drafts(shelf, "ann", "/cats").save(draft(7, { handed: [] }));
		const other = new Drafts(shelf, "bob", "/cats");
		expect(other.load(7)).toBeNull();
		expect(other.unsent()).toEqual([]);
	});

	test("that were handed in come back oldest first", () => {
		const drafts = new Drafts(new Shelf(), "ann", "/cats");
		drafts.save(draft(9, { handed: [], saved: 2 }));
		drafts.save(draft(8, { saved: 3 }));
		drafts.save(draft(7, { handed: [], saved: 1 }));
		expect(drafts.unsent().map((found) => found.page)).toEqual([7, 9]);
	});

	test("still work while the page is open when the browser has no room", () => {
		const shelf = new Shelf();
		shelf.room = 10;
		const drafts = new Drafts(shelf, "ann", "/cats");
		drafts.save(draft(7));
		expect(drafts.lasting).toBe(false);
		expect(drafts.load(7)).toEqual(draft(7));
	});

	test("are swept after two weeks, and rubbish at once", () => {
		const shelf = new Shelf();
		const drafts = new Drafts(shelf, "ann", "/cats");
		drafts.save(draft(7, { saved: 0 }));
		drafts.save(draft(8, { saved: 10 * DAY }));
		shelf.setItem("fairhand/draft/1/ann/%2Fcats/9", "{");
		drafts.sweep(15 * DAY);
		expect([7, 8, 9].map((no) => drafts.load(no)?.page ?? null)).toEqual([null, 8, null]);
	});

	test("that are dropped are gone from the device", () => {
		const shelf = new Shelf();
		const drafts = new Drafts(shelf, "ann", "/cats");
		drafts.save(draft(7));
		drafts.drop(7);
		expect(shelf.length).toBe(0);
	});
});

describe("settings", () => {
	test("are remembered, and forgotten when turned off", () => {
		const shelf = new Shelf();
		new Settings(shelf).set("at_once", true);
		expect(new Settings(shelf).on("at_once")).toBe(true);
		new Settings(shelf).set("at_once", false);
		expect(new Settings(shelf).on("at_once")).toBe(false);
	});

	test("changed instructions have another version", () => {
		expect(versionOf([{ text: "a" }])).toBe(versionOf([{ text: "a" }]));
		expect(versionOf([{ text: "a" }])).not.toBe(versionOf([{ text: "b" }]));
	});
});

describe("the courier", () => {
	test("tries again until the server answers, waiting longer each time", async () => {
		const waits: number[] = [];
		const send = vi.fn(async () => (waits.length < 3 ? offline : fine));
		const courier = new Courier(
			send,
			() => {},
			async (ms) => void waits.push(ms),
			() => 0.5,
		);
		expect((await courier.deliver({ page: null })).kind).toBe("ok");
		expect(waits).toEqual([1000, 2000, 4000]);
	});

	test("waits as long as the server asks", async () => {
		const waits: number[] = [];
		const asked: Sent = { kind: "temporary", offline: false, wait: 7000 };
		const send = vi.fn(async () => (waits.length < 1 ? asked : fine));
		await new Courier(
			send,
			() => {},
			async (ms) => void waits.push(ms),
		).deliver({ page: null });
		expect(waits).toEqual([7000]);
	});

	test("keeps the order, one request at a time", async () => {
		const order: string[] = [];
		const courier = new Courier(
			async (ask) => {
				order.push(`> ${ask.page}`);
				await settle();
				order.push(`< ${ask.page}`);
				return fine;
			},
			() => {},
		);
		await Promise.all([
			courier.deliver({ page: 1, answers: [] }),
			courier.deliver({ page: 2, answers: [] }),
		]);
		expect(order).toEqual(["> 1", "< 1", "> 2", "< 2"]);
	});

	test("goes at once when the connection is back", async () => {
		const told: Connection[] = [];
		const answers = [offline, fine];
		const courier = new Courier(
			async () => answers.shift() ?? fine,
			(connection) => told.push(connection),
			() => new Promise(() => {}),
		);
		const delivery = courier.deliver({ page: null });
		await settle();
		courier.wake();
		expect((await delivery).kind).toBe("ok");
		expect(told).toEqual(["offline", "fine"]);
	});

	test("lets a convenience go after one try, and does not send what nobody wants", async () => {
		const send = vi.fn(async () => offline);
		const courier = new Courier(send, () => {});
		expect((await courier.deliver({ page: null }, { once: true })).kind).toBe("dropped");
		expect((await courier.deliver({ page: null }, { wanted: () => false })).kind).toBe("skipped");
		expect(send).toHaveBeenCalledTimes(1);
	});

	test("never waits longer than half a minute and a bit", () => {
		expect(waitBefore(50, 1)).toBeLessThanOrEqual(37_500);
		expect(waitBefore(0, 0)).toBe(750);
	});
});

describe("one request", () => {
	const answer = (status: number, body: unknown, headers: Record<string, string> = {}) =>
		(async () => new Response(JSON.stringify(body), { status, headers })) as typeof fetch;

	test("carries the header that other sites cannot set", async () => {
		const fetcher = vi.fn(answer(200, { page: page(1) }));
		const sent = await post("/work", { page: null }, fetcher);
		expect(sent.kind).toBe("ok");
		const [, options] = fetcher.mock.calls[0] ?? [];
		expect(options?.headers).toMatchObject({ "X-Fairhand": "1" });
		expect(options?.credentials).toBe("same-origin");
	});

	test("that meets a problem brings its code and words", async () => {
		const problem = {
			title: "Too late",
			status: 409,
			detail: "The time is over.",
			code: "expired",
		};
		expect(await post("/work", { page: 1, answers: [] }, answer(409, problem))).toEqual({
			kind: "refused",
			status: 409,
			code: "expired",
			detail: "The time is over.",
		});
	});

	test.each([429, 500, 502, 503])("that meets %i may be tried again", async (status) => {
		const sent = await post("/work", { page: null }, answer(status, {}, { "Retry-After": "3" }));
		expect(sent).toEqual({ kind: "temporary", offline: false, wait: 3000 });
	});

	test("that finds no network is told as offline", async () => {
		const fail = (async () => Promise.reject(new TypeError("no network"))) as typeof fetch;
		expect(await post("/work", { page: null }, fail)).toEqual(offline);
	});

	test("whose answer breaks off is tried again", async () => {
		const broken = (async () => new Response('{"page":')) as unknown as typeof fetch;
		expect((await post("/work", { page: null }, broken)).kind).toBe("temporary");
	});

	test("that is sent to the sign-in page means signed out", async () => {
		const redirect = (async () => ({
			type: "opaqueredirect",
			status: 0,
		})) as unknown as typeof fetch;
		expect(await post("/work", { page: null }, redirect)).toMatchObject({ status: 401 });
	});
});
