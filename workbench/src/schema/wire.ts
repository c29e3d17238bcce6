/** The words spoken with the worker's endpoint. */

import type { Value } from "./answer";
import { list, object, SchemaError, text, whole } from "./interface";

export interface Item {
	item: number;
	data: Record<string, unknown>;
}

export interface Page {
	no: number;
	deadline: string;
	seconds_left: number;
	pay_micros: number;
	items: Item[];
}

export interface Answer {
	item: number;
	value: Value;
	seconds: number;
}

export interface Submitted {
	page: number;
	answers: number;
	earned_micros: number;
	repeated: boolean;
}

export interface Refusal {
	code: string;
	message: string;
}

export interface Reply {
	submitted: Submitted | null;
	page: Page | null;
	ahead: Page | null;
	refusal: Refusal | null;
}

export type Ask =
	| { page: null }
	| { page: null; ahead: true }
	| { page: number; answers: Answer[] }
	| { page: number; give_back: true };

/** The server's reply, checked. Throws SchemaError. */
export function readReply(value: unknown): Reply {
	const reply = object(value, "reply");
	return {
		submitted: reply.submitted == null ? null : readSubmitted(reply.submitted),
		page: reply.page == null ? null : readPage(reply.page),
		ahead: reply.ahead == null ? null : readPage(reply.ahead),
		refusal: reply.refusal == null ? null : readRefusal(reply.refusal),
	};
}

function readPage(value: unknown): Page {
	const page = object(value, "page");
	const items = list(page.items, "page.items").map(readItem);
	if (items.length === 0) throw new SchemaError("page.items is empty");
	return {
		no: whole(page.no, "page.no"),
		deadline: text(page.deadline, "page.deadline"),
		seconds_left: Number(page.seconds_left),
		pay_micros: whole(page.pay_micros, "page.pay_micros"),
		items,
	};
}

function readItem(value: unknown): Item {
	const item = object(value, "item");
	return { item: whole(item.item, "item.item"), data: object(item.data, "item.data") };
}

function readSubmitted(value: unknown): Submitted {
	const done = object(value, "submitted");
	return {
		page: whole(done.page, "submitted.page"),
		answers: whole(done.answers, "submitted.answers"),
		earned_micros: whole(done.earned_micros, "submitted.earned_micros"),
		repeated: done.repeated === true,
	};
}

function readRefusal(value: unknown): Refusal {
	const refusal = object(value, "refusal");
	return { code: text(refusal.code, "refusal.code"), message: text(refusal.message, "message") };
}
