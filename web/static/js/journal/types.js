// @ts-check
/** The types of what happened, as the wire brings it and the journal keeps it. */

/**
 * @typedef {object} Hop One step of a journey, as a process recorded it.
 * @property {string} event_id
 * @property {string} hop
 * @property {number|null} [start_ms] Epoch, when the work that led to it began.
 * @property {number} at_ms Epoch, when it happened.
 * @property {string} process
 * @property {string} [span_id] Missing if no span recorded it: web infers `seen`.
 * @property {string|null} [trace_id]
 * @property {string|null} [type]
 * @property {number|null} [todo_id]
 * @property {number|null} [version]
 * @property {string|null} [title]
 * @property {boolean|null} [completed]
 * @property {number|null} [attempt]
 * @property {string|null} [reason]
 * @property {boolean|null} [redelivered]
 * @property {string|null} [error]
 */

/** @typedef {{event_id: string, hop: "seen", withdrawn: true}} Withdrawn Takes a `seen` back. */
/** @typedef {Hop|Withdrawn} News */

/**
 * @typedef {object} Journey All that is known of one event; null means not known.
 * @property {string} event_id
 * @property {string|null} trace_id
 * @property {string|null} type
 * @property {number|null} todo_id
 * @property {number|null} version
 * @property {string|null} title
 * @property {boolean|null} completed
 * @property {readonly Hop[]} hops In true order; a new list whenever something new is known.
 * @property {boolean} [isDirect] Whether the command service publishes it by itself, as a switch of the lab says: it
 *   never has a row in the outbox.
 */

/**
 * @typedef {object} Firing What a switch of the lab did once.
 * @property {string} id
 * @property {string} fault The switch.
 * @property {string} place Where it stands: a process, a server or a link.
 * @property {string} [process] The process that told of it.
 * @property {number} began_ms Epoch.
 * @property {number} [over_ms] Epoch; missing if it is not known to be over.
 * @property {"told"|"alive"} [ended] Whether a process said so, or only showed that it lives again.
 * @property {string} [at] The point at which it acted.
 * @property {string} [file] The line that acted, in the source that ran.
 * @property {string} [function]
 * @property {number} [line]
 * @property {string} [trace_id] The command that it concerned, if it was a single one.
 * @property {string} [event_id] Its event.
 * @property {number} [todo_id]
 * @property {number} [version]
 */

/** @typedef {{id: number, title: string, completed: boolean}} Todo */

/**
 * @typedef {object} Read What a poll of the query service brought.
 * @property {number} asked_ms
 * @property {number} at_ms
 * @property {number|null} status
 * @property {Todo[]} todos
 * @property {number|null} after
 * @property {boolean} more
 * @property {string|null} error
 */

/**
 * @typedef {object} Probe A read of one todo, to see whether it shows a write.
 * @property {string} event_id
 * @property {number} t_ms When it looked, after the write was acknowledged.
 * @property {boolean} visible
 * @property {number} asked_ms Epoch.
 * @property {number} at_ms Epoch, when the whole answer was there.
 * @property {number} [weight] How many writes it stands for; 1 if it is not said.
 */

/** @typedef {{up: boolean, checks?: Record<string, string>|null, error?: string|null}} Condition */
/** @typedef {Record<string, Condition>} Health How each process is. */
/** @typedef {Record<string, Record<string, number|boolean|string|null>|null>} Holds What each store and the queue contain. */
/** @typedef {{at_ms: number, done_ms: number}} Back The stack went back to a moment, and when that was done. Epoch. */
/** @typedef {Record<string, Record<string, any>|null>} Switches The states of the lab's switches, by place. */
/** @typedef {{sent: number, wanted: number, failed: number, running: boolean}} Burst */
/**
 * @template [T=Record<string, any>]
 * @typedef {{at_ms: number, told: T}} Sample What was said about the processes at a moment, by their
 *   names.
 */

/**
 * @typedef {object} Row
 * @property {number} id
 * @property {string|null} title
 * @property {boolean|null} completed
 * @property {number} version
 * @property {boolean} [deleted]
 * @property {boolean} [isUnknown] Whether nobody has told yet what is in it, only that it is that version.
 */
/**
 * @typedef {object} Side
 * @property {number} asked_ms Epoch.
 * @property {number} at_ms Epoch, when it answered.
 * @property {Row[]} todos
 * @property {string|null} error Why it does not answer.
 * @property {boolean} [isKept] Whether it does not answer now, and these are its contents of when it last did.
 */
/**
 * @typedef {object} OlderTodo One that differs.
 * @property {number} id
 * @property {number} asked_ms
 * @property {number} at_ms
 * @property {number} since_ms Since when it has differed.
 * @property {Row|null} postgresql
 * @property {Row|null} mongodb
 */
/**
 * @typedef {object} Older The todos below the listed ones.
 * @property {OlderTodo[]} todos Those that have differed longest.
 * @property {number} differing How many differ in all.
 * @property {boolean} [or_more] Whether web stopped counting them.
 * @property {number|null} [oldest_ms] Since when the one that has differed longest has done so.
 * @property {number} [lost] How many are proved to be missing from MongoDB.
 * @property {number} [ghosts] How many are proved to be only in MongoDB.
 * @property {number} compared
 * @property {number|null} since_ms When the last full round of comparisons began.
 */
/**
 * @typedef {object} Proof That no event was under way that could mend the todos named.
 * @property {number} settled_ms Since when nothing had been under way.
 * @property {number} at_ms When that was certain.
 * @property {number[]} todos
 */
/**
 * @typedef {object} Truths The contents of both stores. MongoDB was asked first, so that it cannot seem to
 *   have what PostgreSQL has not got yet.
 * @property {number} at_ms
 * @property {number} [after] Todos up to this id are not listed; `older` says which of them differ.
 * @property {Side} postgresql
 * @property {Side} mongodb
 * @property {Record<number, number>} [since] Since when each listed todo that differs has done so.
 * @property {Older} [older]
 * @property {Proof|null} [proof]
 */

/**
 * @typedef {object} Run A run, as it is kept in a file.
 * @property {string} format
 * @property {number} version
 * @property {number} at_ms When it was kept.
 * @property {number} [day_ahead_ms] By how much the time of day was ahead of the times in it.
 * @property {Journey[]} journeys
 * @property {Firing[]} firings
 * @property {Read[]} reads
 * @property {Probe[]} probes
 * @property {Sample[]} health
 * @property {Sample[]} holds
 * @property {Sample[]} switches
 * @property {{was: {began_ms: number, over_ms: number|null}}} [runs] When the first run of a lesson was, if it is of one.
 * @property {any} [sheet] The sheet of the lesson that was played, if it is the run of one.
 */

/**
 * @typedef {object} Parameter What a switch of the lab takes.
 * @property {string} name
 * @property {string} [does]
 * @property {"number"|"choice"|"text"} [kind] A number if it is not said.
 * @property {string} [unit]
 * @property {number} [least] The least value, or length.
 * @property {number} [most]
 * @property {number|string|null} [default] Null if it may be left out.
 * @property {readonly {value: string, says: string}[]} [choices]
 * @property {"setting"|"match"|"time"} [group] A setting if it is not said.
 */
/** @typedef {"fault"|"variant"|"cure"|"action"} SwitchKind */
/**
 * @typedef {object} Description What a switch does and takes.
 * @property {string} does
 * @property {string} [teaches]
 * @property {SwitchKind} [kind] A fault if it is not said.
 * @property {readonly Parameter[]} [parameters]
 * @property {string} [by_hand] The command of the stack's own tools that does the same.
 * @property {string} [by_hand_off] The one that undoes it.
 * @property {boolean} [only_by_hand] Whether only these can do it.
 */
/** @typedef {Record<string, Record<string, Description>>} Descriptions By place and switch. */
/** @typedef {Record<string, {descriptions?: Record<string, Description>|null}|null>} Lab As web gives it. */

/** What is known of a journey besides its hops. */
export const KNOWN = /** @type {const} */ (["trace_id", "type", "todo_id", "version", "title", "completed"]);
