// HTML in which every value is text, unless it was made here.

const SPECIAL: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Markup that is safe to be part of a page. */
export class Markup {
  constructor(readonly text: string) {}
}

/** Markup of a template; what is put into it is escaped, if it is no `Markup` itself. */
export function html(
  parts: TemplateStringsArray,
  ...values: readonly (string | number | Markup | readonly Markup[])[]
): Markup {
  let text = parts[0] ?? "";
  values.forEach((value, index) => {
    text += inserted(value) + (parts[index + 1] ?? "");
  });
  return new Markup(text);
}

function inserted(value: string | number | Markup | readonly Markup[]): string {
  if (value instanceof Markup) return value.text;
  if (typeof value === "string") return value.replace(/[&<>"']/g, (sign) => SPECIAL[sign] ?? "");
  if (typeof value === "number") return String(value);
  return value.map((markup) => markup.text).join("");
}
