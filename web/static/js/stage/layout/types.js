// @ts-check
/** What a layout is made of: types only. Lengths are in units that the drawing scales up. */

/** @typedef {import("../../journal/hops.js").Place} Place */
/** @typedef {import("../table.js").NodeName} NodeName */
/** @typedef {import("../table.js").PipeName} PipeName */
/** @typedef {import("../table.js").LabelName} LabelName */
/** @typedef {import("../table.js").Side} Side */

/** @typedef {{x: number, y: number}} Point */
/** @typedef {{x: number, y: number, w: number, h: number}} Box */
/** @typedef {{x: number, y: number, anchor: "start"|"middle"|"end"}} Spot Where text stands. */

/**
 * @typedef {object} NodeLayout
 * @property {Box} box
 * @property {Spot} name The baseline of the name.
 * @property {Spot} says The baseline of what it holds.
 * @property {Spot} lab Where it is written what the lab does there.
 */

/**
 * @typedef {object} Dock Where marks stand at a place: in rows, off the names.
 * @property {Point} at The middle, or the beginning, of the first row. Pipes end there as a rule.
 * @property {"middle"|"end"} fill From where a row fills up: from its middle, or from `at` to the left.
 * @property {number} room How wide a row is.
 * @property {number} rows
 * @property {number} step From a row to the next.
 * @property {number} mark How large marks are there.
 * @property {Point} count Where the number of marks that are not drawn is written.
 * @property {boolean} isShared Whether that takes the last stands from the marks.
 * @property {number} worded How many can stand there with a word beside each,
 * @property {Point} wordStep and how far apart they then are.
 */

/**
 * @typedef {object} PipeLayout
 * @property {Point[]} points Its ends, and its corners before they are rounded.
 * @property {Point} count Where the number of marks in it that are not drawn is written.
 */

/**
 * @typedef {object} Layout
 * @property {"lying"|"upright"} orientation
 * @property {number} width
 * @property {number} height
 * @property {Record<NodeName, NodeLayout>} nodes
 * @property {Record<Place, Dock>} docks
 * @property {Record<PipeName, PipeLayout>} pipes
 * @property {Record<LabelName, Spot>} labels Where the duration of a stretch is written.
 * @property {Record<Side, Spot>} sides
 * @property {number} lip How far the lid of a cylinder bends.
 * @property {Box|null} middle The free room in the middle of the loop; null where there is none.
 * @property {number[]} levels The lines along which pipes lie level, with room for a word below a mark.
 * @property {Measures} type
 */

/**
 * @typedef {object} Measures What the size of the type asks for, where the loop lies.
 * @property {"plain"|"large"} name
 * @property {number} width Of a stage that is as narrow as it can be.
 * @property {number} height
 * @property {number} freeHeight Its height where the page scrolls, so that the stage can be as high as it likes.
 * @property {number} mark How large a mark is, against one of the plain stage.
 * @property {number} text How large the words in the middle are, against those of the plain stage.
 * @property {number} top
 * @property {number} node The height of a node.
 * @property {number} nameY The baselines of a node's name, and of what it says,
 * @property {number} saysY below the name;
 * @property {number} dockY and the pipe's line, below both: it never runs through a name.
 * @property {number} labelY From a pipe's line up to its label.
 * @property {number} acknowledgedY From the upper nodes down to the label of the acknowledgement, at least.
 * @property {number} service The widths of nodes.
 * @property {number} postgresql
 * @property {number} outbox
 * @property {number} relay
 * @property {number} browser
 * @property {{share: number, least: number, most: number}} rabbit Its share of the stage's width.
 * @property {number} first Where the first node of each row begins. In the large type it is over the browser,
 * @property {number} relayPast and the last node reaches this far over RabbitMQ.
 * @property {number} storeRows How many rows of marks a store has room for.
 * @property {boolean} isLabAside Whether what the lab does to the projector is written beside RabbitMQ,
 *   which is not far above it.
 * @property {QueueMeasures} queue
 * @property {LetterMeasures} letters
 * @property {{left: number, right: number, top: number, bottom: number}} middle How far the free
 *   room keeps from the stage's left edge, from RabbitMQ, and from the rows of nodes.
 */

/**
 * @typedef {object} QueueMeasures
 * @property {number} foot From the lower end of the queue down to the edge of RabbitMQ's box.
 * @property {number} head What RabbitMQ's name and words take of its height.
 * @property {number} aside What else takes of the width of a row.
 * @property {boolean} isShared Whether the number of the rest takes the last stands,
 * @property {Point} count or where it is: from the box's corner. Of the shared one only x counts.
 */

/**
 * @typedef {object} LetterMeasures The dead letters, from RabbitMQ's lower left corner.
 * @property {number} x
 * @property {number} up
 * @property {number} w
 * @property {number} h
 * @property {number} nameY
 * @property {Point} dock From the corner of their own box: where marks stand,
 * @property {Point} count and where the number of the rest is.
 */

// oxlint-disable-next-line unicorn/require-module-specifiers -- it is a module, of types only
export {};
