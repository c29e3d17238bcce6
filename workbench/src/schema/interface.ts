/** What a task page is told about its batch: what to show, what to ask, and where to hand it in. */
export interface View {
	kind: "text" | "image";
	/** The key of the item's data that is shown. */
	from: string;
}

export interface Option {
	value: string;
	label: string;
	help: string;
}

export interface Field {
	kind: "choice";
	name: string;
	label: string;
	options: Option[];
}

export interface TaskInterface {
	views: View[];
	fields: Field[];
}

export interface Instruction {
	heading: string;
	text: string;
}

export interface Config {
	endpoint: string;
	/** Below which the project's pictures are found; null where there are none. */
	media: string | null;
	interface: TaskInterface;
	title: string;
	instructions: Instruction[];
	price_micros: number;
	currency: string;
	lang: string;
	home: string;
	report: string | null;
	/** Who works, as an opaque id, so that two people on one device never share drafts. */
	worker: string;
}

/** Thrown when the page was given something it cannot work with; the message names the place. */
export class SchemaError extends Error {}

type Json = Record<string, unknown>;

/** The configuration as it stands in the page, checked. Throws SchemaError. */
export function readConfig(value: unknown): Config {
	const config = object(value, "config");
	return {
		endpoint: text(config.endpoint, "endpoint"),
		media: config.media == null ? null : text(config.media, "media"),
		interface: readInterface(config.interface),
		title: text(config.title, "title"),
		instructions: list(config.instructions ?? [], "instructions").map(readInstruction),
		price_micros: whole(config.price_micros, "price_micros"),
		currency: text(config.currency, "currency"),
		lang: text(config.lang, "lang"),
		home: text(config.home, "home"),
		report: config.report == null ? null : text(config.report, "report"),
		worker: config.worker == null ? "" : text(config.worker, "worker"),
	};
}

/** The task interface, checked: at least one view and one field, names and values unique. */
export function readInterface(value: unknown): TaskInterface {
	const found = object(value, "interface");
	const views = list(found.views, "views").map(readView);
	const fields = list(found.fields, "fields").map(readField);
	if (views.length === 0) throw new SchemaError("interface.views is empty");
	if (fields.length === 0) throw new SchemaError("interface.fields is empty");
	unique(
		fields.map((field) => field.name),
		"fields",
	);
	return { views, fields };
}

function readView(value: unknown): View {
	const view = object(value, "view");
	if (view.kind !== "text" && view.kind !== "image") {
		throw new SchemaError(`view.kind ${String(view.kind)} is not known`);
	}
	return { kind: view.kind, from: text(view.from, "view.from") };
}

function readField(value: unknown): Field {
	const field = object(value, "field");
	if (field.kind !== "choice")
		throw new SchemaError(`field.kind ${String(field.kind)} is not known`);
	const name = text(field.name, "field.name");
	const options = list(field.options, `${name}.options`).map(readOption);
	if (options.length < 2) throw new SchemaError(`${name}.options needs at least two`);
	unique(
		options.map((option) => option.value),
		`${name}.options`,
	);
	return { kind: "choice", name, label: text(field.label, `${name}.label`), options };
}

function readOption(value: unknown): Option {
	const option = object(value, "option");
	return {
		value: text(option.value, "option.value"),
		label: text(option.label, "option.label"),
		help: option.help == null ? "" : text(option.help, "option.help"),
	};
}

function readInstruction(value: unknown): Instruction {
	const part = object(value, "instruction");
	return { heading: text(part.heading ?? "", "heading"), text: text(part.text ?? "", "text") };
}

export function object(value: unknown, where: string): Json {
	if (typeof value !== "object" || value === null || Array.isArray(value)) {
		throw new SchemaError(`${where} is not an object`);
	}
	return value as Json;
}

export function list(value: unknown, where: string): unknown[] {
	if (!Array.isArray(value)) throw new SchemaError(`${where} is not a list`);
	return value;
}

export function text(value: unknown, where: string): string {
	if (typeof value !== "string") throw new SchemaError(`${where} is not a text`);
	return value;
}

export function whole(value: unknown, where: string): number {
	if (!Number.isSafeInteger(value)) throw new SchemaError(`${where} is not a whole number`);
	return value as number;
}

function unique(names: string[], where: string): void {
	if (new Set(names).size !== names.length) throw new SchemaError(`${where} repeats a name`);
}
