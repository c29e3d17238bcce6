import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { readConfig } from "../src/schema/interface";
import { addressOf } from "../src/views/image/address";
import { picturesOf, preload } from "../src/views/preload";
import { CONFIG } from "./world";

const PLACE = { page: 3, item: 0, view: 1 };
const VIEWS = [
	{ kind: "text", from: "caption" },
	{ kind: "image", from: "photo" },
	{ kind: "image", from: "other" },
];
const config = readConfig({
	...CONFIG,
	media: "/media/bat_cats",
	interface: { ...CONFIG.interface, views: VIEWS },
});

describe("where a picture is found", () => {
	test("of the project: by the place where it is shown, never by its name", () => {
		for (const name of ["robin.jpg", "../../etc/passwd", "https://elsewhere.example/x", ""]) {
			expect(addressOf("/media/bat_cats", PLACE, `media:${name}`)).toBe("/media/bat_cats/3/0/1");
		}
	});

	test("elsewhere: as the task says", () => {
		expect(addressOf("/media/bat_cats", PLACE, "/static/a.svg")).toBe("/static/a.svg");
		expect(addressOf(null, PLACE, "data:image/png;base64,AA")).toBe("data:image/png;base64,AA");
	});

	test.each([[undefined], [null], [7], [{}], [""]])("is nowhere for %s", (value) => {
		expect(addressOf("/media/bat_cats", PLACE, value)).toBe("");
	});

	test("is nowhere on a page that serves none of the project", () => {
		expect(addressOf(null, PLACE, "media:robin.jpg")).toBe("");
	});

	test("is for each view its place among all views", () => {
		const data = { caption: "media:x", photo: "media:a.jpg", other: "/b.jpg" };
		expect(picturesOf(config, 4, [{ item: 2, data }])).toEqual(["/media/bat_cats/4/2/1", "/b.jpg"]);
	});

	test("is nowhere for a task without one", () => {
		expect(picturesOf(config, 4, [{ item: 2, data: { photo: "", other: null } }])).toEqual([]);
	});
});

describe("fetching pictures early", () => {
	const asked: string[] = [];

	class Picture {
		#src = "";
		get src(): string {
			return this.#src;
		}
		set src(url: string) {
			this.#src = url;
			asked.push(url);
		}
	}

	beforeEach(() => {
		asked.length = 0;
		vi.stubGlobal("Image", Picture);
	});
	afterEach(() => {
		vi.unstubAllGlobals();
	});

	test("asks once for each, however often it is wanted", () => {
		preload(["/a", "/b"]);
		preload(["/b", "/a"]);
		expect(asked).toEqual(["/a", "/b"]);
	});

	test("lets go of what was wanted long ago", () => {
		const many = Array.from({ length: 12 }, (_, n) => `/many/${n}`);
		preload(many);
		preload(["/many/11", "/many/0"]);
		expect(asked.filter((url) => url === "/many/11")).toHaveLength(1);
		expect(asked.filter((url) => url === "/many/0")).toHaveLength(2);
	});
});
