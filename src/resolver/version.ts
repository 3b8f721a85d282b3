/** The version of musl, where its behaviour changed. */
export const DEFAULT_MUSL_VERSION = '1.2.5';

export function isMuslVersion(text: string): boolean {
  return /^\d{1,4}(\.\d{1,4}){1,2}$/.test(text);
}

/** 1.2.4 brought TCP, NODATA as an error of its own, and search lists that pass over impossible names. */
export function isBefore124(version: string): boolean {
  const [major = 0, minor = 0, patch = 0] = version.split('.').map(Number);
  return major * 1e8 + minor * 1e4 + patch < 1e8 + 2e4 + 4;
}
