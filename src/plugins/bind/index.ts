/** `bind`: the addresses that the block listens on. */
import { isIP } from 'node:net';
import { networkInterfaces } from 'node:os';
import { type Directive, errorAt, type Token } from '../../corefile/ast.ts';
import type { PluginFactory } from '../plugin.ts';

export const bindPlugin: PluginFactory = {
  name: 'bind',

  setup(directives, { settings }) {
    const addresses = new Set(directives.flatMap(readAddresses));
    // Nothing left would mean every address, the opposite of what is written.
    if (addresses.size === 0) {
      throw errorAt(directives[0].name, 'bind leaves no address to listen on: all are excepted');
    }
    settings.bind = [...addresses];
    return undefined;
  },
};

function readAddresses(directive: Directive): string[] {
  if (directive.args.length === 0) {
    throw errorAt(directive.name, 'at least one address or interface name is expected');
  }
  const except = new Set((directive.block ?? []).flatMap(readExcept));
  return directive.args.flatMap(addressesOf).filter((address) => !except.has(address));
}

function readExcept(property: Directive): string[] {
  if (property.name.text !== 'except') throw errorAt(property.name, `invalid option "${property.name.text}"`);
  if (property.args.length === 0) {
    throw errorAt(property.name, 'at least one address or interface must be given to except subdirective');
  }
  return property.args.flatMap(addressesOf);
}

/** An address as it is, or all addresses that an interface has now. */
function addressesOf(token: Token): string[] {
  const { text } = token;
  const interfaces = networkInterfaces();
  const known = Object.hasOwn(interfaces, text) ? interfaces[text] : undefined;
  if (known !== undefined) {
    return known.map(({ address, scopeid }) =>
      // A link-local address means nothing without its link (RFC 4007 §11).
      scopeid ? `${address}%${text}` : address,
    );
  }
  if (isIP(text) === 0 || text.includes('%')) {
    throw errorAt(token, `not a valid IP address or interface name: "${text}"`);
  }
  return [text];
}
