/** What readers of octets throw. */

/** The octets are not what they should be, or not of what is looked for. */
export class Unreadable extends Error {}
