/** What the program does with a command line. */
import { known } from '../plugins/order.ts';
import { versionLines } from './banner.ts';
import { check } from './check.ts';
import { demo } from './demo.ts';
import { type Flags, parseFlags, USAGE, UsageError } from './flags.ts';
import { OperatorError } from './load-corefile.ts';
import { type Output, serve } from './serve.ts';

const output: Output = {
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
};

async function run(flags: Flags, demoCorefile: string): Promise<number> {
  if (flags.help) output.out(USAGE);
  else if (flags.version) output.out(`${versionLines().join('\n')}\n`);
  else if (flags.plugins) output.out(`${[...known].sort().join('\n')}\n`);
  else if (flags.command === 'check') return check(flags, output);
  else if (flags.command === 'demo') return await demo(flags, output, demoCorefile);
  else return await serve(flags, output);
  return 0;
}

/** A client's command: nothing of it is loaded where a server starts. */
async function resolve(argv: readonly string[]): Promise<number> {
  const { runResolve } = await import('./resolve.ts');
  return runResolve(argv, output);
}

/** @returns the exit code */
export async function program(argv: readonly string[], demoCorefile: string): Promise<number> {
  try {
    if (argv[0] === 'resolve') return await resolve(argv.slice(1));
    return await run(parseFlags(argv), demoCorefile);
  } catch (error) {
    if (error instanceof OperatorError) {
      output.err(`${error.message}\n`);
      return 1;
    }
    if (!(error instanceof UsageError)) {
      // A defect: whoever mends it needs the stack.
      output.err(`${error instanceof Error ? error.stack : String(error)}\n`);
      return 1;
    }
    output.err(`${error.message}\n${error.exitCode === 2 ? USAGE : ''}`);
    return error.exitCode;
  }
}
