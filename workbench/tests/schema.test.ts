import { describe, expect, test } from "vitest";
import { activeField } from "../src/fields/choice/active";
import { checkAnswer, pruneAnswer } from "../src/schema/answer";
import { type Field, readConfig, readInterface, SchemaError } from "../src/schema/interface";
import { readReply } from "../src/schema/wire";
import { CONFIG, page } from "./world";

const category: Field = readInterface(CONFIG.interface).fields[0] as Field;

describe("the configuration", () => {
	test("is read as it stands in the page", () => {
		const config = readConfig(CONFIG);
		expect(config.interface.fields[0]?.options.map((option) => option.value)).toEqual([
			"cat",
			"dog",
		]);
		expect(config.report).toBeNull();
	});

	test.each([
		["no views", { ...CONFIG.interface, views: [] }],
		["an unknown view", { ...CONFIG.interface, views: [{ kind: "hologram", from: "x" }] }],
		["an unknown field", { ...CONFIG.interface, fields: [{ kind: "slider", name: "x" }] }],
		["one option only", fieldWith([{ value: "cat", label: "Cat" }])],
		["an option twice", fieldWith([option("cat"), option("cat")])],
	])("with %s is refused", (_, task) => {
		expect(() => readConfig({ ...CONFIG, interface: task })).toThrow(SchemaError);
	});

	test("with a price that is not whole micro-units is refused", () => {
		expect(() => readConfig({ ...CONFIG, price_micros: 0.05 })).toThrow("price_micros");
	});
});

function option(value: string): object {
	return { value, label: value };
}

function fieldWith(options: object[]): object {
	const fields = [{ kind: "choice", name: "category", label: "Which?", options }];
	return { ...CONFIG.interface, fields };
}

describe("an answer", () => {
	const task = readInterface(CONFIG.interface);

	test("without a value names the field that wants one", () => {
		expect(checkAnswer(task, {})).toEqual({ field: "category", code: "missing" });
	});

	test("with an option that does not exist is a problem", () => {
		expect(checkAnswer(task, { category: "cow" })?.code).toBe("unknown_option");
	});

	test("with one of the options is complete", () => {
		expect(checkAnswer(task, { category: "dog" })).toBeNull();
	});

	test("from an old draft loses what is no longer asked", () => {
		expect(pruneAnswer(task, { category: "cow", colour: "red" })).toEqual({});
		expect(pruneAnswer(task, { category: "cat", colour: "red" })).toEqual({ category: "cat" });
	});
});

describe("number keys", () => {
	const colour = { ...category, name: "colour" };

	test("answer the first field that is still open", () => {
		expect(activeField([category, colour], { category: "cat" }, null).name).toBe("colour");
	});

	test("answer the field that has the focus", () => {
		expect(activeField([category, colour], {}, "colour").name).toBe("colour");
	});
});

describe("a reply", () => {
	test("without page and refusal is empty, not an error", () => {
		expect(readReply({})).toEqual({ submitted: null, page: null, ahead: null, refusal: null });
	});

	test("with a page of no items is refused", () => {
		expect(() => readReply({ page: { ...page(1), items: [] } })).toThrow(SchemaError);
	});
});
