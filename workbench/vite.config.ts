import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vitest/config";

const MODERN = ["chrome123", "firefox125", "safari17.5"];

export default defineConfig({
	plugins: [svelte()],
	// Relative addresses: the site may be served below any path, and from any host.
	base: "./",
	build: {
		outDir: "../src/fairhand/web/static/build",
		emptyOutDir: true,
		manifest: true,
		target: MODERN,
		// These know light-dark(); an older target would have it rewritten into twice the size.
		cssTarget: MODERN,
		// Under `script-src 'self'` a data: address may be refused, and files cache better.
		assetsInlineLimit: 0,
		modulePreload: { polyfill: false },
		rolldownOptions: {
			input: {
				site: "src/site.ts",
				task: "src/task.ts",
				charts: "src/charts.ts",
				devices: "src/devices.ts",
				sw: "src/sw.ts",
			},
			output: {
				// The service worker keeps its name: browsers ask for it under the one they know.
				entryFileNames: (chunk) => (chunk.name === "sw" ? "sw.js" : "assets/[name]-[hash].js"),
			},
		},
		// ECharts, loaded after the first paint and only where there is a chart.
		chunkSizeWarningLimit: 600,
	},
	test: { include: ["tests/**/*.test.ts"], environment: "node" },
});
