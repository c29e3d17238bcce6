import { describe, expect, test } from "vitest";
import { catalogues, translator } from "../src/i18n";

const languages = Object.entries(catalogues);
const english = catalogues.en as Record<string, string>;

function gaps(text: string): string[] {
	return [...text.matchAll(/\{\w+\}/g)].map((found) => found[0]).sort();
}

describe.each(languages)("the catalogue of %s", (_, words) => {
	test("has every message and no other", () => {
		expect(Object.keys(words).sort()).toEqual(Object.keys(english).sort());
	});

	test("leaves the same gaps to fill", () => {
		for (const [key, text] of Object.entries(words)) {
			expect([key, gaps(text)]).toEqual([key, gaps(english[key] ?? "")]);
		}
	});

	test("has no empty message", () => {
		expect(Object.values(words).filter((text) => text.trim() === "")).toEqual([]);
	});
});

describe("a translation", () => {
	test("is in the reader's language, region or not", () => {
		expect(translator("de-AT")("next")).toBe("Weiter");
	});

	test("falls back to English", () => {
		expect(translator("fi")("next")).toBe("Next");
	});

	test("minds the number", () => {
		const t = translator("en");
		expect(t("minutes", { count: 1 })).toBe("1 minute left for this page");
		expect(t("minutes", { count: 2 })).toBe("2 minutes left for this page");
	});

	test("is not repeated in another language by oversight", () => {
		const same = languages.slice(1).flatMap(([lang, words]) =>
			Object.entries(words)
				.filter(([key, text]) => text === english[key])
				.map(([key]) => `${lang} ${key}`),
		);
		expect(same).toEqual([]);
	});
});
