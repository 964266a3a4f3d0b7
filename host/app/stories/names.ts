// The stories by name, and the one that somebody meant. Nothing is loaded here but names: a story is loaded when it is told.

import { usedWrongly } from "../refusal.js";

export const STORY_NAMES = ["diverter", "imbalance", "clock-step", "outage", "bst"] as const;
export type StoryName = (typeof STORY_NAMES)[number];

/** More letters wrong than this, and nobody can say which was meant. */
const MOST_WRONG = 3;

export function storyName(text: string): StoryName {
  const known = STORY_NAMES.find((name) => name === text);
  if (known !== undefined) return known;
  const [likely] = STORY_NAMES.map((name) => ({ name, wrong: lettersWrong(text, name) })).sort(
    (one, other) => one.wrong - other.wrong,
  );
  const meant = likely !== undefined && likely.wrong <= MOST_WRONG ? ` (Did you mean ${likely.name}?)` : "";
  return usedWrongly(`there is no story "${text}"${meant}`, `the stories: ${STORY_NAMES.join(", ")}`);
}

/** How many letters must be put in, left out or replaced to make one word the other (Levenshtein). */
function lettersWrong(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (const [i, letter] of [...one].entries()) {
    const next = [i + 1];
    for (const [j, wanted] of [...other].entries()) {
      const replaced = (row[j] ?? 0) + (letter === wanted ? 0 : 1);
      next.push(Math.min(replaced, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
