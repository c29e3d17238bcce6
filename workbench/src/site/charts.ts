/** Fetch the chart code only where there is a chart, and only once the page has been drawn. */
export function whenQuiet(root: Document): void {
	const figures = [...root.querySelectorAll<HTMLElement>("figure[data-chart]")];
	if (figures.length === 0) return;
	const draw = (): void => {
		// A failed download leaves the numbers' table, which then opens by itself.
		import("../charts").then(
			(charts) => charts.drawAll(figures),
			() => {
				for (const figure of figures) showNumbers(figure);
			},
		);
	};
	requestAnimationFrame(() => setTimeout(draw, 0));
}

function showNumbers(figure: HTMLElement): void {
	figure.querySelector<HTMLElement>(".chart-plot")?.setAttribute("hidden", "");
	figure.querySelector("details")?.setAttribute("open", "");
}
