// @ts-check
/** A lesson and how far it is, as web sends them: types only. Times are in ms since the epoch. */

/** @typedef {"say"|"predict"|"do"|"watch"|"saw"|"explain"|"cure"|"recall"} StepKind */
/** @typedef {"open"|"held"|"not-held"|"unknown"} ClaimState */
/** @typedef {string|number|boolean|readonly (number|null)[]|null} Value Of a fact. */
/** @typedef {string|number|readonly number[]} Answer A choice, a number, or a drawn curve of shares from 0 to 1. */

/** @typedef {{value: string, says: string, right?: boolean, because?: string}} Choice */
/**
 * @typedef {object} Ask What a step asks: one of several choices, a number, or a curve.
 * @property {string} question
 * @property {readonly Choice[]} [choices]
 * @property {{unit?: string, least: number, most: number, fact?: string}} [number]
 * @property {{at_ms: readonly number[], fact?: string}} [curve]
 */
/** @typedef {{place: string, object: string}} Source A piece of source of a process that runs. */
/**
 * @typedef {object} Step
 * @property {StepKind} kind
 * @property {string} title
 * @property {string} [text]
 * @property {readonly string[]} [point] Names of nodes and links of the stage.
 * @property {Ask} [ask]
 * @property {string} [button]
 * @property {readonly string[]} [controls] Switches of the lab, each as "place/switch".
 * @property {number} [within_s] For how long its claims are waited for.
 * @property {readonly {says: string, fact?: string}[]} [claims] Each with what it is about.
 * @property {readonly Readonly<Record<string, unknown>>[]} [actions] Each named by its one key.
 * @property {Source} [source]
 * @property {readonly string[]} [table] The facts in its table, by name.
 * @property {string} [of] The lesson that it recalls.
 */
/** @typedef {{says: string, unit?: string, better?: "less"|"more"|null}} Fact What is measured. */
/**
 * @typedef {object} Lesson One lesson, as its file says.
 * @property {string} lesson Its id.
 * @property {number} number
 * @property {string} title
 * @property {boolean} [core]
 * @property {number} minutes
 * @property {string} goal
 * @property {Record<string, Fact>} facts
 * @property {readonly Step[]} steps
 * @property {readonly {title: string, url: string, says: string}[]} [reading]
 */
/**
 * @typedef {object} Listed A lesson in the list. One whose file was refused says what is wrong with it, and may say
 *   nothing else.
 * @property {string} lesson
 * @property {number} [number]
 * @property {string} [title]
 * @property {boolean} [core]
 * @property {number} [minutes]
 * @property {string} [goal]
 * @property {string|null} [error]
 */

/**
 * @typedef {object} ActionState An action of a step, which web sends.
 * @property {string} says
 * @property {string|null} [curl]
 * @property {"waiting"|"doing"|"done"|"failed"} state
 * @property {number|null} [at_ms]
 * @property {string|null} [answer]
 */
/** @typedef {{says: string, state: ClaimState, seen?: string|null, at_ms?: number|null}} ClaimNow */
/**
 * @typedef {object} StepState How far a step is.
 * @property {number|null} [locked_ms]
 * @property {boolean} [skipped]
 * @property {boolean} [done] Whether its actions have been carried out.
 * @property {boolean} [complete] Whether the lesson can go on.
 * @property {boolean} [judged] Whether it is known what was right, which may be nothing of what could be answered.
 * @property {number} [answers] How many have answered.
 * @property {Record<string, number>|null} [of] How many answered what; null until it is locked.
 * @property {Record<string, number>} [hands] Hands in the room, counted by the host.
 * @property {readonly (readonly number[])[]|null} [curves] Once locked.
 * @property {Value} [right] Null until it is measured.
 * @property {readonly ActionState[]} [actions]
 * @property {readonly ClaimNow[]} [claims]
 */
/** @typedef {{value: Value, why?: string|null, at_ms?: number}} Measured */
/** @typedef {Record<string, Measured>} Facts By name. */
/** @typedef {{began_ms: number, over_ms?: number|null, todos?: Record<string, number>, commands?: readonly object[]}} LessonRun */
/**
 * @typedef {object} LessonNow The lesson that is under way.
 * @property {string} run
 * @property {string} lesson
 * @property {number} began_ms
 * @property {number} [now_ms]
 * @property {number} step The step that the host shows, from 0.
 * @property {number} reached The furthest that was shown.
 * @property {number} [attempt]
 * @property {{step?: number|null, says: string}|null} [busy]
 * @property {readonly StepState[]} steps
 * @property {{was?: Facts|null, now?: Facts|null}} [facts]
 * @property {{was?: LessonRun|null, now?: LessonRun|null}} [runs]
 */

// oxlint-disable-next-line unicorn/require-module-specifiers -- it is a module, of types only
export {};
