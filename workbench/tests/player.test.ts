import { describe, expect, test } from "vitest";
import { type Action, actionFor, type Stroke } from "../src/player/keys";
import { formatMicros } from "../src/player/money";
import { ActiveClock } from "../src/player/timing";

function stroke(key: string, more: Partial<Stroke> = {}): Stroke {
	return { key, ctrlKey: false, metaKey: false, altKey: false, repeat: false, ...more };
}

describe("keys", () => {
	test.each<[string, Action]>([
		["1", { do: "choose", index: 0 }],
		["9", { do: "choose", index: 8 }],
		["Enter", { do: "next" }],
		["Backspace", { do: "back" }],
		["ArrowLeft", { do: "back" }],
		["ArrowRight", { do: "forward" }],
		["?", { do: "help" }],
	])("%s does what it says", (key, action) => {
		expect(actionFor(stroke(key), "elsewhere", false)).toEqual(action);
	});

	test("arrows turn round where reading goes from right to left", () => {
		expect(actionFor(stroke("ArrowRight"), "elsewhere", true)).toEqual({ do: "back" });
	});

	test("held down do nothing", () => {
		expect(actionFor(stroke("1", { repeat: true }), "elsewhere", false)).toBeNull();
	});

	test("with a modifier are the browser's", () => {
		expect(actionFor(stroke("1", { ctrlKey: true }), "elsewhere", false)).toBeNull();
	});

	test("are all left to a text field", () => {
		expect(actionFor(stroke("1"), "text", false)).toBeNull();
		expect(actionFor(stroke("Backspace"), "text", false)).toBeNull();
	});

	test("Enter presses the button that has the focus, and nothing more", () => {
		expect(actionFor(stroke("Enter"), "control", false)).toBeNull();
		expect(actionFor(stroke("2"), "control", false)).toEqual({ do: "choose", index: 1 });
	});

	test("0 and letters mean nothing", () => {
		expect(actionFor(stroke("0"), "elsewhere", false)).toBeNull();
		expect(actionFor(stroke("a"), "elsewhere", false)).toBeNull();
	});
});

describe("time at a task", () => {
	test("counts while somebody is there", () => {
		const clock = new ActiveClock();
		clock.reset(0, true);
		expect(clock.seconds(3_240)).toBe(3.2);
	});

	test("counts no more than a minute of a pause", () => {
		const clock = new ActiveClock();
		clock.reset(0, true);
		clock.sign(10_000);
		clock.sign(400_000);
		expect(clock.seconds(405_000)).toBe(75);
	});

	test("stands still while the page is out of sight", () => {
		const clock = new ActiveClock();
		clock.reset(0, true);
		clock.leave(5_000);
		clock.sign(20_000);
		clock.arrive(30_000);
		expect(clock.seconds(32_000)).toBe(7);
	});

	test("does not begin in a tab that nobody looks at", () => {
		const clock = new ActiveClock();
		clock.reset(0, false);
		expect(clock.seconds(50_000)).toBe(0);
	});

	test("never runs backwards when the device's clock is set", () => {
		const clock = new ActiveClock();
		clock.reset(100_000, true);
		expect(clock.seconds(50_000)).toBe(0);
	});
});

describe("money", () => {
	test.each([
		[50_000, "EUR", "en", "€0.05"],
		[5_000, "EUR", "en", "€0.005"],
		[1_234_560_000, "EUR", "en", "€1,234.56"],
		[-50_000, "EUR", "en", "-€0.05"],
		[1_000_000, "JPY", "en", "¥1"],
		[1, "EUR", "en", "€0.000001"],
		[9_007_199_254_740_991, "EUR", "en", "€9,007,199,254.740991"],
	])("%i micro-units of %s in %s are %s", (micros, currency, lang, text) => {
		expect(formatMicros(micros, currency, lang)).toBe(text);
	});

	test("is written the reader's way", () => {
		expect(formatMicros(500_000, "EUR", "de").replace(/\s/, " ")).toBe("0,50 €");
	});
});
