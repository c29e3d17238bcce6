/** What a table of numbers says, ready to be drawn. */
export interface Numbers {
	rows: string[];
	series: { name: string; values: (number | null)[] }[];
}

interface Cell {
	textContent: string | null;
	dataset: { value?: string | undefined };
}
interface Row {
	cells: ArrayLike<Cell>;
}
interface Body {
	rows: ArrayLike<Row>;
}
/** The part of an HTML table that is read here. */
export interface TableLike {
	tHead: Body | null;
	tBodies: ArrayLike<Body>;
}

/**
 * Read a table whose first column names the rows and whose other columns are series. A cell's plain
 * number stands in `data-value`, since its text is written for people; a cell without a number is a
 * gap, never a zero.
 */
export function readTable(table: TableLike): Numbers {
	const head = Array.from(table.tHead?.rows[0]?.cells ?? [], words);
	const body = Array.from(table.tBodies[0]?.rows ?? [], (row) => Array.from(row.cells));
	const full = body.filter((cells) => cells.length === head.length);
	return {
		rows: full.map((cells) => words(cells[0])),
		series: head.slice(1).map((name, index) => ({
			name,
			values: full.map((cells) => plainNumber(cells[index + 1])),
		})),
	};
}

function words(cell: Cell | undefined): string {
	return cell?.textContent?.trim() ?? "";
}

function plainNumber(cell: Cell | undefined): number | null {
	const text = cell?.dataset.value ?? words(cell);
	const value = Number(text);
	return text === "" || !Number.isFinite(value) ? null : value;
}
