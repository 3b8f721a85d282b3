#!/usr/bin/env node
/** The program. Nothing else reads process.argv or exits. */
import { enableCompileCache } from 'node:module';
import { fileURLToPath } from 'node:url';

// A second start takes half the time; where nothing can be written, it does nothing.
enableCompileCache();
const { program } = await import('./cli/program.ts');

/** Beside the sources and beside the bundle alike. */
const demoCorefile = fileURLToPath(new URL('../manifests/demo/Corefile', import.meta.url));

process.exit(await program(process.argv.slice(2), demoCorefile));
