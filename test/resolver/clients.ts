/** Programs that call a C library's `getaddrinfo` for any address, and print the addresses or the error's name. */
import { execFileSync, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Node itself: what it is linked to. */
const NODE_CLIENT = `
const names = { '-3001': 'EAI_AGAIN', '-3004': 'EAI_FAIL', '-3007': 'EAI_NODATA', '-3008': 'EAI_NONAME' };
require('node:dns').lookup(process.argv[1], { all: true, order: 'verbatim' }, (error, found = []) => {
  console.log(error ? names[error.errno] ?? error.code : found.map(({ address }) => address).sort().join(' '));
});`;

const C_CLIENT = `
#define _GNU_SOURCE
#include <netdb.h>
#include <stdio.h>
#include <sys/socket.h>
#ifndef EAI_NODATA
#define EAI_NODATA -5
#endif
static const char *error_name(int error) {
  switch (error) {
    case EAI_NONAME: return "EAI_NONAME";
    case EAI_AGAIN: return "EAI_AGAIN";
    case EAI_FAIL: return "EAI_FAIL";
    case EAI_NODATA: return "EAI_NODATA";
    default: return "another error";
  }
}
int main(int argc, char **argv) {
  struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *found;
  int error = getaddrinfo(argv[argc - 1], 0, &hints, &found);
  if (error) return puts(error_name(error)) < 0;
  for (; found; found = found->ai_next) {
    char text[64];
    getnameinfo(found->ai_addr, found->ai_addrlen, text, sizeof text, 0, 0, NI_NUMERICHOST);
    printf("%s ", text);
  }
  return 0;
}`;

/** Whether this Node is linked to glibc. */
export function hasGlibc(): boolean {
  const { header } = process.report.getReport() as unknown as { header: { glibcVersionRuntime?: string } };
  return header.glibcVersionRuntime !== undefined;
}

export function glibcClient(): string[] {
  return [process.execPath, '-e', NODE_CLIENT, '--'];
}

/** The version of musl that `musl-gcc` links to; undefined where it is not installed. */
export function muslVersion(): string | undefined {
  const { stderr: commands } = spawnSync('musl-gcc', ['-###', '-x', 'c', '/dev/null'], { encoding: 'utf8' });
  const [, loader] = /-dynamic-linker"? "?([^\s"]+)/.exec(commands ?? '') ?? [];
  if (loader === undefined) return undefined;
  // Without arguments it tells what it is.
  const { stderr } = spawnSync(loader, { encoding: 'utf8' });
  return /^Version (\d+\.\d+\.\d+)/m.exec(stderr ?? '')?.[1];
}

export function muslClient(folder: string): string[] {
  const source = join(folder, 'client.c');
  const program = join(folder, 'client');
  writeFileSync(source, C_CLIENT);
  execFileSync('musl-gcc', ['-static', '-o', program, source]);
  return [program];
}
