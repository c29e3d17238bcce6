import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { send } from "../src/site/uploads";

/** A redirect that is not followed, as a browser shows it. */
const REDIRECT = { type: "opaqueredirect", status: 0 } as Response;

/** As much of a form as is asked for. */
function form(): HTMLFormElement {
	const input = { name: "pictures", files: [] };
	return {
		action: "/requester/projects/prj_x/media/add",
		querySelector: () => input,
	} as unknown as HTMLFormElement;
}

class Fields extends Map<string, unknown> {
	constructor(_form: unknown) {
		super();
	}
	append(name: string, value: unknown): void {
		this.set(name, value);
	}
}

describe("a file of many", () => {
	beforeEach(() => vi.stubGlobal("FormData", Fields));
	afterEach(() => vi.unstubAllGlobals());

	test("goes alone, and quietly", async () => {
		const sent: RequestInit[] = [];
		const fetcher = (async (_url: string, init: RequestInit) => {
			sent.push(init);
			return REDIRECT;
		}) as typeof fetch;
		const file = new File(["x"], "robin.jpg");
		expect(await send(form(), file, fetcher)).toBe(true);
		const body = sent[0]?.body as unknown as Fields;
		expect([...body.entries()]).toEqual([
			["pictures", file],
			["quiet", "1"],
		]);
		expect(sent[0]?.redirect).toBe("manual");
	});

	test.each([200, 403, 413, 429, 500])("that is answered %s was not taken", async (status) => {
		const fetcher = (async () => new Response(null, { status })) as typeof fetch;
		expect(await send(form(), new File(["x"], "a.jpg"), fetcher)).toBe(false);
	});

	test("that nobody takes ends the sending", async () => {
		const fetcher = (async () => {
			throw new TypeError("the line is cut");
		}) as typeof fetch;
		expect(await send(form(), new File(["x"], "a.jpg"), fetcher)).toBe(false);
	});
});
