/**
 * What the pure rooms use beyond the language itself: events, which browsers and Node.js both have.
 * Anything else that they need has to be passed in.
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
