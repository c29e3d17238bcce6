import { describe, expect, test } from "vitest";
import { Courier } from "../src/offline/courier";
import { Drafts } from "../src/offline/drafts";
import type { Sent } from "../src/offline/transport";
import { Session } from "../src/player/session.svelte";
import { config, page, Server, Shelf, settle } from "./world";

interface Sitting {
	session: Session;
	server: Server;
	shelf: Shelf;
	courier: Courier;
	clock: { now: number };
}

async function sit(server: Server, shelf = new Shelf()): Promise<Sitting> {
	const clock = { now: 0 };
	const courier = new Courier(
		server.send,
		(connection) => {
			session.connection = connection;
		},
		() => new Promise(() => {}), // no wait ends by itself: tests wake the courier
	);
	const drafts = new Drafts(shelf, "ann", config.endpoint);
	const session: Session = new Session(config, courier, drafts, () => clock.now);
	void session.start();
	await settle();
	return { session, server, shelf, courier, clock };
}

async function answerPage({ session, clock }: Sitting): Promise<void> {
	const size = session.page?.items.length ?? 0;
	for (let item = session.index; item < size; item += 1) {
		clock.now += 2_000;
		session.choose("category", "cat");
		session.next();
	}
	await settle();
}

function refused(status: number, detail = "No."): Sent {
	return { kind: "refused", status, code: "x", detail };
}

const offline: Sent = { kind: "temporary", offline: true, wait: null };

describe("a sitting", () => {
	test("shows the first page at its first task", async () => {
		const { session } = await sit(new Server([page(1)]));
		expect([session.phase, session.page?.no, session.index]).toEqual(["working", 1, 0]);
	});

	test("does not go on without an answer, and says which field wants one", async () => {
		const { session } = await sit(new Server([page(1)]));
		session.next();
		expect(session.index).toBe(0);
		expect(session.problem).toEqual({ field: "category", code: "missing" });
	});

	test("fetches the next page at half of this one, not before", async () => {
		const sitting = await sit(new Server([page(1, 4), page(2)]));
		expect(sitting.server.asked).toHaveLength(1);
		sitting.session.choose("category", "cat");
		sitting.session.next();
		await settle();
		expect(sitting.server.asked[1]).toEqual({ page: null, ahead: true });
	});

	test("shows the next page at once, while the last is on its way", async () => {
		const sitting = await sit(new Server([page(1), page(2)]));
		const { session } = sitting;
		for (const value of ["cat", "dog"]) {
			session.choose("category", value);
			session.next();
		}
		expect([session.phase, session.page?.no, session.unsent]).toEqual(["working", 2, 1]);
		await settle();
		expect([session.unsent, session.answered, session.earned]).toEqual([0, 2, 100_000]);
	});

	test("hands in every answer with its seconds", async () => {
		const sitting = await sit(new Server([page(1)]));
		await answerPage(sitting);
		expect(sitting.server.asked.find((ask) => "answers" in ask)).toEqual({
			page: 1,
			answers: [
				{ item: 0, value: { category: "cat" }, seconds: 2 },
				{ item: 1, value: { category: "cat" }, seconds: 2 },
			],
		});
	});

	test("works through every page once and ends with what was earned", async () => {
		const sitting = await sit(new Server([page(1), page(2), page(3)]));
		for (let turn = 0; turn < 3; turn += 1) await answerPage(sitting);
		expect(sitting.session.phase).toBe("finished");
		expect(sitting.session.earned).toBe(300_000);
		expect([...sitting.server.earned.keys()]).toEqual([1, 2, 3]);
		expect(sitting.shelf.length).toBe(0);
	});

	test("with pages of one task still has the next one ready", async () => {
		const sitting = await sit(new Server([page(1, 1), page(2, 1)]));
		sitting.session.choose("category", "dog");
		sitting.session.next();
		expect(sitting.session.page?.no).toBe(2);
	});

	test("goes back to change an answer", async () => {
		const { session } = await sit(new Server([page(1)]));
		session.choose("category", "cat");
		session.next();
		session.back();
		expect([session.index, session.values[0]]).toEqual([0, { category: "cat" }]);
	});
});

describe("after a reload", () => {
	test("the answers of the open page are there, at the first open task", async () => {
		const first = await sit(new Server([page(1, 3)]));
		first.session.choose("category", "dog");
		first.session.next();
		const second = await sit(new Server([page(1, 3)]), first.shelf);
		expect(second.session.index).toBe(1);
		expect(second.session.values[0]).toEqual({ category: "dog" });
	});

	test("a page handed in but never acknowledged is sent before anything else", async () => {
		const server = new Server([page(1), page(2)]);
		const first = await sit(server);
		server.trouble = [offline];
		await answerPage(first);
		const second = await sit(server, first.shelf);
		expect(server.earned.get(1)).toBe(100_000);
		expect(second.session.page?.no).toBe(2);
		expect(second.shelf.length).toBe(0);
	});
});

describe("without a connection", () => {
	test("the page stays kept and goes out when it is back, once", async () => {
		const sitting = await sit(new Server([page(1), page(2)]));
		sitting.server.trouble = [offline];
		await answerPage(sitting);
		expect(sitting.session.connection).toBe("offline");
		expect(sitting.session.unsent).toBe(1);
		sitting.courier.wake();
		await settle();
		expect(sitting.session.connection).toBe("fine");
		expect(sitting.session.earned).toBe(100_000);
	});

	test("two finished pages go out in their order", async () => {
		const sitting = await sit(new Server([page(1), page(2), page(3)]));
		sitting.session.choose("category", "cat");
		sitting.session.next();
		await settle();
		sitting.server.trouble = Array.from({ length: 3 }, () => offline);
		sitting.session.choose("category", "cat");
		sitting.session.next();
		await answerPage(sitting);
		expect([sitting.session.phase, sitting.session.unsent]).toEqual(["waiting", 2]);
		for (let turn = 0; turn < 4; turn += 1) {
			sitting.courier.wake();
			await settle();
		}
		expect([...sitting.server.earned.keys()]).toEqual([1, 2]);
		expect(sitting.session.page?.no).toBe(3);
	});
});

describe("when the server says no", () => {
	test("an empty batch ends the sitting with its sentence", async () => {
		const { session } = await sit(new Server([]));
		expect([session.phase, session.refusal]).toEqual(["finished", "Nothing left."]);
	});

	test("a restriction ends work at once, even with a page in hand", async () => {
		const sitting = await sit(new Server([page(1), page(2)]));
		sitting.server.refusal = { code: "restricted", message: "Too many checks missed." };
		await answerPage(sitting);
		expect(sitting.session.phase).toBe("refused");
		expect(sitting.session.refusal).toBe("Too many checks missed.");
		expect(sitting.session.earned).toBe(100_000);
	});

	test("a pause leaves the page in hand, and ends the sitting after it", async () => {
		const sitting = await sit(new Server([page(1, 4)]));
		sitting.server.refusal = { code: "batch_paused", message: "Paused." };
		for (let item = 0; item < 2; item += 1) {
			sitting.session.choose("category", "cat");
			sitting.session.next();
		}
		await settle();
		expect([sitting.session.phase, sitting.session.index]).toEqual(["working", 2]);
		await answerPage(sitting);
		expect([sitting.session.phase, sitting.session.refusal]).toEqual(["refused", "Paused."]);
		expect(sitting.session.earned).toBe(200_000);
	});

	test("nothing left for later does not touch the page in hand", async () => {
		const sitting = await sit(new Server([page(1)]));
		await settle();
		expect(sitting.session.phase).toBe("working");
	});

	test("a page that came too late is dropped and told, and work goes on", async () => {
		const sitting = await sit(new Server([page(1), page(2)]));
		await settle();
		sitting.server.trouble = [refused(409, "The time was over.")];
		await answerPage(sitting);
		expect(sitting.session.setback).toEqual({ message: "The time was over.", returns: false });
		expect(sitting.session.page?.no).toBe(2);
	});

	test("answers at fault are kept, and their page comes back", async () => {
		const sitting = await sit(new Server([page(1)]));
		await settle();
		sitting.server.trouble = [refused(422, "One answer is missing.")];
		await answerPage(sitting);
		expect(sitting.session.setback?.returns).toBe(true);
		expect(sitting.session.page?.no).toBe(1);
		expect(sitting.session.values).toEqual([{ category: "cat" }, { category: "cat" }]);
	});

	test("signed out keeps the page handed in for the next sign-in", async () => {
		const server = new Server([page(1)]);
		const first = await sit(server);
		server.trouble = [refused(401)];
		await answerPage(first);
		expect(first.session.phase).toBe("signed_out");
		const second = await sit(server, first.shelf);
		expect(second.session.earned).toBe(100_000);
	});
});

describe("a page's time", () => {
	test("is told in minutes, and over when it is over", async () => {
		const { session, clock } = await sit(new Server([page(1)]));
		clock.now = 500_000;
		session.tick();
		expect(session.minutesLeft).toBe(2);
		clock.now = 601_000;
		session.tick();
		expect(session.late).toBe(true);
		session.choose("category", "cat");
		expect(session.values[0]).toEqual({});
	});

	test("a page that ran out while waiting its turn is not shown", async () => {
		const sitting = await sit(new Server([page(1), { ...page(2), seconds_left: 1 }]));
		sitting.session.choose("category", "cat");
		sitting.session.next();
		await settle();
		sitting.clock.now = 5_000;
		sitting.session.choose("category", "cat");
		sitting.session.next();
		expect(sitting.session.phase).toBe("waiting");
	});

	test("a page given back leaves no draft, and another comes", async () => {
		const sitting = await sit(new Server([page(1), page(2)]));
		sitting.session.choose("category", "cat");
		await sitting.session.giveBack();
		expect(sitting.server.asked.at(-1)).not.toHaveProperty("answers");
		expect(sitting.session.page?.no).toBe(2);
		expect(sitting.session.values[0]).toEqual({});
		expect(sitting.shelf.length).toBe(0);
	});
});
