/** Names in zone-file text: relative ones are completed with the origin (RFC 1035 §5.1). */
import { Name } from '../name.ts';

/**
 * The name that `text` stands for; `@` is the origin. Without an origin every name is fully qualified.
 * @throws {PresentationError}
 */
export function parseName(text: string, origin: Name | undefined): Name {
  if (origin === undefined) return Name.fromText(text);
  if (text === '@') return origin;
  const name = Name.fromText(text);
  return endsInDot(text) ? name : name.concat(origin);
}

/** Whether the last character is a dot that no backslash escapes. */
function endsInDot(text: string): boolean {
  if (!text.endsWith('.')) return false;
  let backslashes = 0;
  while (text.charAt(text.length - 2 - backslashes) === '\\') backslashes++;
  return backslashes % 2 === 0;
}
