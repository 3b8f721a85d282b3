/** Where an ExternalName leads. */
import { parseAddress } from '../../dns/address.ts';
import { PresentationError } from '../../dns/errors.ts';
import { Name } from '../../dns/name.ts';

export type AliasTarget =
  | { readonly kind: 'name'; readonly name: Name }
  /** An address: Kubernetes takes it for a name made of digits, which no resolver can ask for. */
  | { readonly kind: 'address' }
  | { readonly kind: 'illegal' };

export function aliasTarget(externalName: string): AliasTarget {
  if (parseAddress(externalName) !== undefined) return { kind: 'address' };
  try {
    return { kind: 'name', name: Name.fromText(externalName) };
  } catch (error) {
    if (error instanceof PresentationError) return { kind: 'illegal' };
    throw error;
  }
}
