// @ts-check
/** What the parts of the lessons' panel are made with: types only. */

/** @typedef {import("../../journal/lesson.js").Answer} Answer */
/** @typedef {import("../../journal/lesson.js").Lesson} Lesson */
/** @typedef {import("../../journal/lesson.js").LessonNow} LessonNow */
/** @typedef {import("../../journal/lesson.js").Listed} Listed */
/** @typedef {import("../../journal/lesson.js").Source} Source */
/** @typedef {import("../../journal/lesson.js").Step} Step */
/** @typedef {import("../../journal/lesson.js").StepState} StepState */

/** @typedef {{file?: string, line?: number, text?: string}} Running A piece of the source that runs. */
/**
 * @typedef {object} Known What web knows of lessons.
 * @property {readonly Listed[]|null} listed
 * @property {() => void} list
 * @property {(id: string) => Lesson|undefined} lesson
 * @property {(id: string) => void} forget
 * @property {(source: Source) => Promise<Running|null>} source
 * @property {() => Promise<any>} sheet
 */
/**
 * @typedef {object} Host Sends what only the host may send.
 * @property {boolean} isKnown Whether this tab has the host key.
 * @property {() => Promise<boolean>} know Asks for the key, if it is not there.
 * @property {(method: string, path: string, body?: object) => Promise<string|null>} ask
 */
/**
 * @typedef {object} House
 * @property {import("../../journal/journal.js").Journal} journal
 * @property {import("../../clock/playhead.js").Playhead} playhead
 * @property {EventTarget & Known} lessons
 * @property {Host} host
 * @property {typeof fetch} ask
 * @property {import("../../page/door.js").Door} door To the lab.
 * @property {import("../../page/door.js").Door} lessonDoor
 * @property {(text: string) => void} announce
 * @property {import("../../page/storage.js").Remembers} kept
 * @property {(names: readonly string[]) => unknown} point Points at nodes and links of the stage.
 * @property {() => number} now The page's clock, in ms.
 */
/**
 * @typedef {object} Ways What a step can do; what goes wrong is said in the panel.
 * @property {(method: string, path: string, body?: object) => Promise<boolean>} send As the host.
 * @property {(step: number, answer: Answer) => Promise<boolean>} answer
 * @property {(step: number) => Answer|null} answered What this reader has answered.
 * @property {(place: string, name: string) => void} openLab
 * @property {(source: Source) => Promise<Running|null>} source
 * @property {(line: string) => string} here A curl line as it works from where this page is.
 * @property {() => HTMLElement|null} runs The tab with both runs, where the page has one.
 * @property {() => {now_ms: number, behind_ms: number}} stage The true time, and how far behind the stage is.
 * @property {() => import("../../facts/armed.js").Armed[]} armed What is on in the lab now.
 */
/**
 * @typedef {object} Shown The step that is shown.
 * @property {Lesson} lesson
 * @property {LessonNow} now
 * @property {number} at
 * @property {Step} step
 * @property {StepState} state
 * @property {boolean} isHost
 * @property {boolean} isRoom Whether the room is at this step.
 */
/** @typedef {{element: HTMLElement, draw: (shown: Shown) => void}} Part A part of a step. */

// oxlint-disable-next-line unicorn/require-module-specifiers -- it is a module, of types only
export {};
