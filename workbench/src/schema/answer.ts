import type { Field, TaskInterface } from "./interface";

/** The answer to one task: a value for each field. */
export type Value = Record<string, string>;

/** Why an answer cannot be handed in. */
export interface Problem {
	field: string;
	code: "missing" | "unknown_option";
}

/** The first field that still wants an answer, or null when the answer is complete. */
export function checkAnswer(what: TaskInterface, value: Value): Problem | null {
	for (const field of what.fields) {
		const problem = checkField(field, value[field.name]);
		if (problem) return problem;
	}
	return null;
}

function checkField(field: Field, value: string | undefined): Problem | null {
	if (value === undefined) return { field: field.name, code: "missing" };
	if (!field.options.some((option) => option.value === value)) {
		return { field: field.name, code: "unknown_option" };
	}
	return null;
}

/** Keep only what this interface still asks for: a draft may be older than the interface. */
export function pruneAnswer(what: TaskInterface, value: Value): Value {
	const kept: Value = {};
	for (const field of what.fields) {
		const given = value[field.name];
		if (given !== undefined && checkField(field, given) === null) kept[field.name] = given;
	}
	return kept;
}
