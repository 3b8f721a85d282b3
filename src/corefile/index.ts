/** Corefiles: text to server blocks, keys and arguments; errors with file, line and caret. */
export * from './args.ts';
export * from './ast.ts';
export { checkDirectives, type DirectiveNames } from './directives.ts';
export type { EnvironmentVariables } from './environment.ts';
export * from './error.ts';
export { formatError, type SourceLookup } from './format.ts';
export type { Warning } from './imports.ts';
export * from './key.ts';
export { type ParseCorefileOptions, type ParsedCorefile, parseCorefile } from './parse.ts';
export { suggest } from './suggest.ts';
export { followsRfc1035, normalizeZones, type Scheme } from './zones.ts';
