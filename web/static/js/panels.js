// @ts-check
/**
 * The panels, each under the name of its root: `list` draws into `[data-view="list"]`. A new panel needs
 * a folder, with its markup and its style, and a line here. If the line or the root is missing, the page
 * works without that panel.
 */
export * as add from "./panels/add/add.js";
export * as aloud from "./panels/reads/aloud.js";
export * as again from "./panels/rerun/again.js";
export * as armed from "./panels/lab/armed.js";
export * as both from "./panels/rerun/both.js";
export * as burst from "./panels/burst/burst.js";
export * as caption from "./panels/words/caption.js";
export * as clocks from "./panels/bar/clocks.js";
export * as door from "./panels/lab/door.js";
export * as explain from "./panels/explain/explain.js";
export * as help from "./panels/help/help.js";
export * as inspector from "./panels/inspector/inspector.js";
export * as keep from "./panels/share/keep.js";
export * as lab from "./panels/lab/lab.js";
export * as lag from "./panels/charts/lag.js";
export * as legend from "./panels/legend/legend.js";
export * as lessons from "./panels/lessons/lessons.js";
export * as lessonsdoor from "./panels/lessons/door.js";
export * as letters from "./panels/letters/letters.js";
export * as list from "./panels/list/list.js";
export * as looks from "./panels/looks/looks.js";
export * as many from "./panels/burst/burst.js";
export * as marks from "./panels/legend/legend.js";
export * as mending from "./panels/mending/mending.js";
export * as opened from "./panels/share/opened.js";
export * as poll from "./panels/charts/poll.js";
export * as queue from "./panels/charts/queue.js";
export * as quick from "./panels/lab/quick.js";
export * as reads from "./panels/reads/reads.js";
export * as rule from "./panels/words/rule.js";
export * as staleness from "./panels/charts/staleness.js";
export * as teacher from "./panels/teacher/teacher.js";
export * as timeline from "./panels/timeline/timeline.js";
export * as tour from "./panels/tour/tour.js";
export * as transport from "./panels/transport/transport.js";
export * as truths from "./panels/truths/truths.js";
export * as verdict from "./panels/bar/verdict.js";
