/** How many fit what was typed, how many of them are shown, and in which order. */
export function hits(shown: number, total = shown): string {
  if (total === 0) return 'Nobody among those you may see.';
  if (total === 1) return 'One person.';
  if (shown < total) {
    return `The first ${shown} of ${total} people, by family name. Type more to narrow.`;
  }
  return `${total} people, by family name.`;
}
