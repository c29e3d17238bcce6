import { describe, expect, test } from "vitest";
import { asRgb } from "../src/charts/colours";
import { withUnit } from "../src/charts/option";
import { readTable } from "../src/charts/table";
import { localTime } from "../src/site/times";

function row(...cells: (string | [string, string])[]) {
	return {
		cells: cells.map((cell) =>
			typeof cell === "string"
				? { textContent: cell, dataset: {} }
				: { textContent: cell[0], dataset: { value: cell[1] } },
		),
	};
}

describe("a chart's table", () => {
	test("gives its numbers as the machine wrote them, not as people read them", () => {
		const table = {
			tHead: { rows: [row("Day", " Answers ")] },
			tBodies: [{ rows: [row("Monday", ["1.234", "1234"]), row("Tuesday", ["–", ""])] }],
		};
		expect(readTable(table)).toEqual({
			rows: ["Monday", "Tuesday"],
			series: [{ name: "Answers", values: [1234, null] }],
		});
	});

	test("without rows is empty", () => {
		expect(readTable({ tHead: null, tBodies: [] })).toEqual({ rows: [], series: [] });
	});
});

test("colours are told in rgb", () => {
	expect(asRgb("color(srgb 0.1 0.2 1)")).toBe("rgb(26, 51, 255)");
	expect(asRgb("rgb(1, 2, 3)")).toBe("rgb(1, 2, 3)");
});

test("an axis writes numbers with their unit", () => {
	expect(withUnit(1234.5, "%", "en")).toBe("1,234.5 %");
});

test("a moment is told in the shape that was asked", () => {
	const moment = new Date(2026, 10, 22, 9, 5);
	expect(localTime(moment, "date", "en")).toBe("Nov 22, 2026");
	expect(localTime(moment, "time", "de")).toBe("09:05");
});
