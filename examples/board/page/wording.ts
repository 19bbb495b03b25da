// Values in words.
import type { Card } from "../shared/model.ts";

/** "18 Oct", with the year where it is another one. */
export function dayOf(date: Date): string {
  const isThisYear = date.getUTCFullYear() === new Date().getUTCFullYear();
  return date.toLocaleDateString(undefined, {
    day: "numeric",
    month: "short",
    timeZone: "UTC",
    ...(isThisYear ? {} : { year: "numeric" }),
  });
}

/** "14:05". */
export function timeOf(date: Date): string {
  return date.toLocaleTimeString(undefined, { hour: "2-digit", minute: "2-digit" });
}

/** As `<input type="date">` wants it. */
export function dateInputOf(date: Date | null): string {
  return date === null ? "" : date.toISOString().slice(0, 10);
}

export function isOverdue(card: Card): boolean {
  const isDone = card.checklist.length > 0 && card.checklist.every((item) => item.done);
  return card.due !== null && !isDone && card.due.getTime() + 86_400_000 < Date.now();
}

/** Everything that a card shows beside its title, for those who hear it. */
export function summaryOf(card: Card): string {
  const parts: string[] = [];
  if (card.tags.size > 0) parts.push(`tags ${[...card.tags].join(", ")}`);
  if (card.due !== null) parts.push(`${isOverdue(card) ? "was due" : "due"} ${dayOf(card.due)}`);
  if (card.checklist.length > 0) {
    parts.push(`${card.checklist.filter((item) => item.done).length} of ${card.checklist.length} done`);
  }
  if (card.cheers > 0) parts.push(card.cheers === 1 ? "1 cheer" : `${card.cheers} cheers`);
  if (card.members.size > 0)
    parts.push([...card.members].map(([name, role]) => `${name} ${role}`).join(", "));
  return parts.join("; ");
}

/** The first character as people count them: an emoji is one, whatever it is made of. */
export function initialOf(name: string): string {
  const [first] = new Intl.Segmenter().segment(name);
  return first?.segment.toUpperCase() ?? "";
}

/** "1.2 kB": 1 kB is 1,000 bytes. */
export function bytesOf(count: number): string {
  if (count < 1000) return `${count} B`;
  if (count < 1_000_000) return `${(count / 1000).toFixed(count < 10_000 ? 1 : 0)} kB`;
  return `${(count / 1_000_000).toFixed(1)} MB`;
}
