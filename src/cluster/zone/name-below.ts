/** Names made of labels from the cluster. */
import { PresentationError } from '../../dns/errors.ts';
import { Name } from '../../dns/name.ts';

/**
 * The name of `labels` below `parent`; undefined where no such name can be. Every label may be legal and the whole
 * too long (RFC 1035 §2.3.4), and a person's file may hold anything.
 */
export function nameBelow(labels: readonly string[], parent: Name): Name | undefined {
  try {
    return Name.fromLabels(labels, parent);
  } catch (error) {
    if (error instanceof PresentationError) return undefined;
    throw error;
  }
}
