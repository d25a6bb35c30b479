// @ts-check
/** The parts of a layout: types only. Lengths are in units, which the drawing scales up. */

/** @typedef {import("../../journal/hops.js").Place} Place */
/** @typedef {import("../table.js").NodeName} NodeName */
/** @typedef {import("../table.js").PipeName} PipeName */
/** @typedef {import("../table.js").LabelName} LabelName */
/** @typedef {import("../table.js").LinkName} LinkName */
/** @typedef {import("../table.js").Side} Side */
/** @typedef {import("../table.js").SideNodeName} SideNode */
/** @typedef {import("../table.js").SidePipeName} SidePipe */
/** @typedef {import("../../clock/shown.js").AnyPlace} AnyPlace */
/** @typedef {import("../../journal/branches.js").BranchName} BranchName */
/** @typedef {BranchName|"coordinator"} RowName What has a row beside the loop. */
/** @typedef {PipeName|SidePipe} AnyPipe */
/** @typedef {"tall"|"two-lines"|"flat"} SideForm What has room in a row of another read model. */

/** @typedef {{x: number, y: number}} Point */
/** @typedef {{x: number, y: number, w: number, h: number}} Box */
/** @typedef {{x: number, y: number, anchor: "start"|"middle"|"end"}} Spot Where text stands. */

/**
 * @typedef {object} NodeLayout
 * @property {Box} box
 * @property {Spot} name The baseline of the name.
 * @property {Spot} says The baseline of its contents.
 * @property {Spot} lab Where to write what the lab does there; upright, and in RabbitMQ and MongoDB, in place of its contents.
 */

/**
 * @typedef {object} Dock Where marks stand at a place: in rows, clear of the names.
 * @property {Point} at The middle or the beginning of the first row. Pipes usually end there.
 * @property {"middle"|"end"} fill How a row fills up: from its middle, or from `at` to the left.
 * @property {number} room The width of a row.
 * @property {number} rows
 * @property {number} step From one row to the next.
 * @property {number} mark The size of marks there.
 * @property {Point} count Where the number of undrawn marks is written.
 * @property {boolean} isShared Whether that number takes the last stands from the marks.
 * @property {number} worded How many marks can stand there with a word beside each.
 * @property {Point} wordStep How far apart those marks are.
 */

/**
 * @typedef {object} PipeLayout
 * @property {Point[]} points Its ends, and its corners before they are rounded.
 * @property {Point} count Where the number of undrawn marks in the pipe is written.
 */

/**
 * @typedef {object} SideLayout The places of the other read models that are on the stage.
 * @property {SideForm} form
 * @property {readonly RowName[]} names
 * @property {Partial<Record<SideNode, NodeLayout>>} nodes
 * @property {Partial<Record<SideNode, Dock>>} docks
 * @property {Partial<Record<SidePipe, PipeLayout>>} pipes
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
 * @property {{isOnPipes: boolean, spots: Record<LinkName, Spot>}} links Where to write what the lab does to a link: on
 *   its pipe, or in place of the name of its stretch.
 * @property {Record<Side, Spot>} sides
 * @property {number} lip How far a cylinder's lid bends.
 * @property {SideLayout} side
 * @property {Box|null} middle The free room in the middle of the loop; null if there is none.
 * @property {number[]} levels The lines along which pipes are level, with room for a word below a mark.
 * @property {Measures} type
 */

/**
 * @typedef {object} Measures The sizes that the type needs in the lying loop.
 * @property {"plain"|"large"} name
 * @property {number} least The least size of type on the stage, in units.
 * @property {number} roomFor The largest least size for which its widths have room.
 * @property {number} width The width of the narrowest possible stage.
 * @property {number} height
 * @property {number} mark The size of a mark, compared with one on the plain stage.
 * @property {number} text The size of the words in the middle, compared with those on the plain stage.
 * @property {number} top
 * @property {number} node The height of a node.
 * @property {number} nameY The baseline of a node's name.
 * @property {number} saysY The baseline of what it says, below the name.
 * @property {number} dockY The pipe's line, below both, so it never runs through a name.
 * @property {number} labelY From a pipe's line up to its label.
 * @property {{up: number, down: number}} label From a label's place to the baselines of its two lines.
 * @property {number} acknowledgedY From the upper nodes down to the label of the acknowledgement, at least.
 * @property {number} service The widths of nodes.
 * @property {number} link The least room between two nodes for words on a pipe.
 * @property {number} postgresql
 * @property {number} outbox
 * @property {number} relay
 * @property {number} browser
 * @property {{share: number, least: number, most: number}} rabbit Its share of the stage's width.
 * @property {number} first Where the first node of each row begins. In the large type it is over the
 *   browser.
 * @property {number} relayPast How far the last node reaches over RabbitMQ.
 * @property {number} storeRows The number of rows of marks for which a store has room.
 * @property {boolean} isLabBelow Whether what the lab does to the projector is written below it, because
 *   RabbitMQ is above it.
 * @property {QueueMeasures} queue
 * @property {LetterMeasures} letters
 * @property {{left: number, right: number, top: number, bottom: number}} middle The distances of the free
 *   room from the stage's left edge, from RabbitMQ, and from the rows of nodes.
 */

/**
 * @typedef {object} QueueMeasures
 * @property {number} foot From the lower end of the queue down to the edge of RabbitMQ's box.
 * @property {number} head How much of RabbitMQ's height its name and words take.
 * @property {number} aside How much of a row's width other things take.
 * @property {boolean} isShared Whether the number of the rest takes the last stands.
 * @property {number} labelX From the marks on their way out of the queue to its label.
 * @property {boolean} isWorded Whether a message that stands alone in its row has a word beside it.
 * @property {Point} count Where the number is otherwise, from the box's corner. If it is shared, only x
 *   counts.
 */

/**
 * @typedef {object} LetterMeasures The dead letters, from RabbitMQ's lower left corner.
 * @property {number} x
 * @property {number} up
 * @property {number} w
 * @property {number} h
 * @property {number} nameY
 * @property {Point} dock Where marks stand, from the corner of their own box.
 * @property {Point} count Where the number of the rest is, from that corner.
 */

// oxlint-disable-next-line unicorn/require-module-specifiers -- it is a module, of types only
export {};
