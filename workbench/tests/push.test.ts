import { describe, expect, test } from "vitest";
import { bytesOf, digestOf } from "../src/site/push";
import { targetOf, toldBy } from "../src/site/told";

const HERE = "https://work.example";

describe("what a device is told", () => {
	test("is shown as it was sent", () => {
		const told = { title: "Paid", body: "12 €", url: "/earnings", tag: "notice-7" };
		expect(toldBy(JSON.stringify(told))).toEqual(told);
	});

	test.each(["", "{", "null", "7", '"text"', "[]", '{"title": 5, "url": {}}'])(
		"is a hint where it cannot be read: %s",
		(text) => {
			expect(toldBy(text)).toMatchObject({ title: "Fairhand", url: "/notices" });
		},
	);
});

describe("where a message leads", () => {
	test("is a page of this site", () => {
		expect(targetOf("/earnings", HERE)).toBe(`${HERE}/earnings`);
	});

	test.each([
		"https://evil.example/",
		"//evil.example/",
		"javascript:alert(1)",
		"http://[",
		7,
		null,
		undefined,
	])("never leaves it: %s", (data) => {
		expect(targetOf(data, HERE)).toBe(`${HERE}/notices`);
	});
});

test("a key is read as its bytes", () => {
	expect([...bytesOf("-_8A")]).toEqual([251, 255, 0]);
});

test("a device is named by a digest", async () => {
	expect(await digestOf("abc")).toBe(
		"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
	);
});
