// @ts-check
/**
 * The words of a journey: its hops, where each one happens, and the stretches of time between them.
 * This is data, which a test checks against contracts/hops.yaml. The journal, the clock and the views use
 * these words.
 */

/**
 * @typedef {"browser"|"command-service"|"outbox"|"relay"|"queue"|"projector"|"mongodb"|"dead-letters"} Place
 * A place where a mark can stand.
 */

/**
 * @typedef {object} Step
 * @property {number} rank Its position in the usual order of a journey.
 * @property {Place} from Where the mark comes from.
 * @property {Place} to Where the mark stands afterwards.
 * @property {boolean} waits Whether the time before it is spent waiting at `from` rather than moving.
 * @property {string} span The stretch of time that it ends, as drawn in a lane: a key of SPANS.
 */

/**
 * The hops that move a mark. `acknowledged`, `acked` and usually `confirmed` move none, because they are
 * answers. `sent` has no record of its own: it is the moment when the work that led to the confirm began.
 * @type {Readonly<Record<string, Step>>}
 */
export const STEPS = Object.freeze({
  "received": { rank: 0, from: "browser", to: "command-service", waits: false, span: "command" },
  "committed": { rank: 1, from: "command-service", to: "outbox", waits: false, span: "commit" },
  "picked-up": { rank: 2, from: "outbox", to: "relay", waits: true, span: "outbox" },
  "sent-failed": { rank: 3, from: "relay", to: "outbox", waits: false, span: "failed" },
  "sent": { rank: 4, from: "relay", to: "queue", waits: true, span: "relay" },
  "confirmed": { rank: 4, from: "relay", to: "queue", waits: false, span: "unknown" },
  "sent-again": { rank: 4, from: "dead-letters", to: "queue", waits: true, span: "parked" },
  "delivered": { rank: 5, from: "queue", to: "projector", waits: true, span: "queue" },
  "retried": { rank: 6, from: "projector", to: "projector", waits: true, span: "failed" },
  "already-applied": { rank: 7, from: "projector", to: "projector", waits: false, span: "projector" },
  "dead-lettered": { rank: 7, from: "projector", to: "dead-letters", waits: false, span: "failed" },
  "projected": { rank: 7, from: "projector", to: "mongodb", waits: false, span: "projector" },
  "seen": { rank: 8, from: "mongodb", to: "browser", waits: true, span: "read" },
});

/** After these the mark goes no further by itself. */
export const ENDS = new Set(["seen", "already-applied", "dead-lettered"]);

/** What a stretch of time is called, in words. @type {Readonly<Record<string, string>>} */
export const SPANS = Object.freeze({
  command: "to the command service",
  commit: "to commit",
  outbox: "in the outbox",
  relay: "in the relay",
  queue: "in the queue",
  projector: "in the projector",
  read: "until a read",
  failed: "failed",
  parked: "parked, until somebody sent it again",
  unknown: "not known where",
});

/** The stretches that every event goes through, in the order of the path. */
export const LEGS = Object.freeze(["commit", "outbox", "relay", "queue", "projector", "read"]);

/** The same, short, for a narrow segment. @type {Readonly<Record<string, string>>} */
export const SHORT_SPANS = Object.freeze({
  command: "command",
  commit: "commit",
  outbox: "outbox",
  relay: "relay",
  queue: "queue",
  projector: "projector",
  read: "until a read",
  failed: "failed",
  parked: "parked",
  unknown: "unknown",
});

/** Which span begins once a mark stands at a place. @type {Readonly<Record<Place, string>>} */
export const SPAN_FROM = Object.freeze({
  "browser": "command",
  "command-service": "commit",
  "outbox": "outbox",
  "relay": "relay",
  "queue": "queue",
  "projector": "projector",
  "mongodb": "read",
  "dead-letters": "parked",
});

/** Where a mark is, in words. @type {Readonly<Record<Place, string>>} */
export const PLACES = Object.freeze({
  "browser": "in the browser",
  "command-service": "in the command service",
  "outbox": "in the outbox",
  "relay": "in the relay",
  "queue": "in the queue",
  "projector": "in the projector",
  "mongodb": "in MongoDB, no read has shown it yet",
  "dead-letters": "in the dead letters",
});
