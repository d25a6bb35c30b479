/**
 * What the pure rooms use that is no part of the language: events, which a browser and Node.js both
 * have. Whatever else they need has to be given to them.
 */

declare class Event {
  constructor(type: string);
  readonly type: string;
}

declare class CustomEvent<T = unknown> extends Event {
  constructor(type: string, options?: { detail?: T });
  readonly detail: T;
}

declare class EventTarget {
  addEventListener(type: string, listener: (event: any) => void, options?: { once?: boolean }): void;
  removeEventListener(type: string, listener: (event: any) => void): void;
  dispatchEvent(event: Event): boolean;
}
