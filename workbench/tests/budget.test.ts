import { gzipSync } from "node:zlib";
import { build, type Rolldown } from "vite";
import { beforeAll, describe, expect, test } from "vitest";

type Chunk = Rolldown.OutputChunk;
const KILOBYTE = 1000;
let output: Rolldown.RolldownOutput["output"];

beforeAll(async () => {
	const built = await build({
		mode: "production",
		logLevel: "silent",
		build: { write: false, emptyOutDir: false },
	});
	output = (built as Rolldown.RolldownOutput).output;
}, 120_000);

function chunk(name: string): Chunk {
	const found = output.find((part) => part.type === "chunk" && part.name === name);
	if (!found) throw new Error(`there is no entry ${name}`);
	return found as Chunk;
}

/** What a page loads for an entry before it works, compressed: its scripts and its styles. */
function weight(name: string): number {
	const seen = new Set<string>();
	let total = 0;
	const add = (part: Chunk): void => {
		if (seen.has(part.fileName)) return;
		seen.add(part.fileName);
		total += gzipSync(part.code).length;
		for (const file of part.viteMetadata?.importedCss ?? []) {
			const css = output.find((other) => other.fileName === file);
			if (css?.type === "asset") total += gzipSync(css.source).length;
		}
		for (const file of part.imports) {
			const other = output.find((candidate) => candidate.fileName === file);
			if (other?.type === "chunk") add(other);
		}
	};
	add(chunk(name));
	return total;
}

describe("what a phone has to load", () => {
	test("is under 10 kB for every page", () => {
		expect(weight("site")).toBeLessThan(10 * KILOBYTE);
	});

	test("is under 40 kB more for the task page", () => {
		expect(weight("task")).toBeLessThan(40 * KILOBYTE);
	});

	test("is little for the service worker, which stands alone", () => {
		expect(weight("sw")).toBeLessThan(2 * KILOBYTE);
		expect(chunk("sw").fileName).toBe("sw.js");
		expect(chunk("sw").imports).toEqual([]);
		expect(chunk("sw").code).not.toMatch(/^\s*(?:import|export)\b/m);
	});

	test("does not hold the charts, which come later", () => {
		expect(chunk("site").imports).toEqual([]);
		expect(chunk("site").dynamicImports).toHaveLength(1);
	});

	test("runs under a policy without eval and without inline scripts", () => {
		for (const part of output) {
			if (part.type === "chunk") expect(part.code).not.toMatch(/new Function\(|\beval\(/);
		}
	});
});
