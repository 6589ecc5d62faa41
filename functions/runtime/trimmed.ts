/** Keeps a text of others within what a state, a log line or a console shows well. */
export function trimmed(text: string, maxLength = 1000): string {
  return text.length > maxLength ? `${text.slice(0, maxLength - 1)}…` : text;
}
