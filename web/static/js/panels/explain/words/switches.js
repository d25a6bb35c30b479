// @ts-check
/** What the lab's switches do and show, by process and switch. They act in the real code. */

/** @typedef {import("./stations.js").Explanation} Explanation */

export const SWITCHES = /** @type {const} @satisfies {Record<string, Explanation>} */ ({
  "relay-pause": {
    name: "Pause the relay",
    does: "The relay takes nothing more from the outbox. What it has in hand is sent first.",
    why: "It shows what the outbox is for: add todos meanwhile, and every write succeeds while its event waits.",
    gone: ["Once it is off again", "The relay sends all that waited, in order, and the reads catch up."],
    code: "command_service/relay.py",
    see: ["outbox"],
  },
  "relay-slow": {
    name: "Slow the relay down",
    does: "The relay takes one event at a time, and waits before it sends it: one second, unless set otherwise.",
    why: "It makes the relay the narrowest part: with many writes, the outbox grows while the queue stays empty.",
    gone: ["Once it is off again", "The relay sends up to 500 events at a time, and the outbox empties."],
    code: "command_service/relay.py",
    see: ["outbox"],
  },
  "projector-pause": {
    name: "Pause the projector",
    does: "The projector takes nothing more from the queue. What it has in hand is finished first.",
    why: "Writes are acknowledged and published, yet no read shows them. It is a good moment to try Read now with each guarantee.",
    gone: ["Once it is off again", "The projector catches up. The more has waited, the longer that takes."],
    code: "query_service/projector.py",
    see: ["rabbitmq", "guarantee-token"],
  },
  "projector-slow": {
    name: "Slow the projector down",
    does: "The projector applies one event at a time, and waits before each: one second, unless set otherwise.",
    why: "It makes the projector the narrowest part: with many writes, the queue grows, and so does the time for which reads are stale.",
    gone: ["Once it is off again", "The projector applies up to 400 events at a time, and the queue empties."],
    code: "query_service/projector.py",
    see: ["rabbitmq", "lag"],
  },
});
