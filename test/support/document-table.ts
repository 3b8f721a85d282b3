/** Tables in documents that commands make: each stands between two comments, the first of which names its command. */

/** The document with `table` in place of the one that the command made before. @throws {Error} it has no such comments */
export function withTable(document: string, command: string, table: string): string {
  const begin = `<!-- made by ${command} -->\n`;
  const end = `\n<!-- end of ${command} -->`;
  const from = document.indexOf(begin);
  const to = document.indexOf(end, from);
  if (from < 0 || to < 0)
    throw new Error(`the document has lost the comments around the table of ${command}`);
  return `${document.slice(0, from + begin.length)}${table}${document.slice(to)}`;
}
