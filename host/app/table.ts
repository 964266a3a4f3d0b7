// Columns for a person: numbers to the right, words to the left, nothing cleverer.

/** Rows under a head, two spaces between columns; a column whose cells are all numeric is set to the right. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, k) => Math.max(title.length, ...rows.map((row) => (row[k] ?? "").length)));
  const right = head.map((_, k) => rows.every((row) => /^[-+]?[\d.,]*( \S+)?$|^-$/.test(row[k] ?? "")));
  const line = (row: readonly string[]) =>
    widths
      .map((width, k) => (right[k] ? (row[k] ?? "").padStart(width) : (row[k] ?? "").padEnd(width)))
      .join("  ")
      .trimEnd();
  return [head, ...rows].map(line).join("\n");
}
