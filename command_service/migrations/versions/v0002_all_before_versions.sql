-- A transaction's number in the log: its own, in the cluster in which the log began. Each cluster
-- counts from the start, so a log that was restored into another one (pg_dump) may have numbers
-- that no transaction there has reached. let_log_go_on() below then makes the new ones go on
-- from the log's last. The function is inlined, so it costs nothing.
DO $$
BEGIN
    IF to_regprocedure('log_number(xid8)') IS NULL THEN
        CREATE FUNCTION log_number(transaction xid8) RETURNS xid8 LANGUAGE sql STABLE
            AS 'SELECT transaction';
    END IF;
END $$;

-- A position is handed out before the commit, so a smaller one may become visible later. The log
-- is therefore read in the order of (transaction_id, position), up to the oldest transaction that
-- is still open (pg_snapshot_xmin). What commits later comes later, and no reader misses anything.
DO $$
BEGIN
    IF to_regclass('events_in_order') IS NOT NULL THEN
        ALTER TABLE events DROP CONSTRAINT events_pkey;
        ALTER TABLE events ADD CONSTRAINT events_pkey PRIMARY KEY USING INDEX events_in_order;
    END IF;
END $$;
ALTER TABLE events
    ALTER COLUMN transaction_id SET DEFAULT log_number(pg_current_xact_id()),
    -- In which shape an event travels.
    ADD COLUMN IF NOT EXISTS schema_version smallint NOT NULL DEFAULT 1;

-- Events as they travel: CloudEvents 1.0 in JSON. Sources: the CloudEvents JSON format, and its
-- extensions `sequence` (a string; sequencetype says that it counts) and `traceparent`;
-- `position` is ours, the event's place in the log. Only texts and booleans need to be converted to
-- JSON; json_build_object would take twice as long. The log keeps the version of each event's shape,
-- so an event reads the same in the message, the feed and a replay: version 2, which only the lab
-- writes, says `text` for `title`.
CREATE OR REPLACE VIEW cloud_events AS
SELECT transaction_id, position, id, kind, todo_id, version, time, traceparent,
       format(
           '{"specversion": "1.0", "id": "%s", "source": "/command-service", "type": "%s.v%s",'
           ' "subject": "%s", "time": "%s", "datacontenttype": "application/json",'
           ' "sequence": "%s", "sequencetype": "Integer", "traceparent": %s, "position": "%s-%s",'
           ' "data": {"id": %s, "%s": %s, "completed": %s, "version": %s}}',
           id, kind, schema_version,
           todo_id, to_char(time AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
           version, to_json(traceparent), transaction_id, position,
           todo_id, CASE schema_version WHEN 1 THEN 'title' ELSE 'text' END, to_json(title),
           to_json(completed), version
       ) AS cloud_event,
       schema_version
  FROM events;

-- The default is for the first release's command service, which knows only the other column: an
-- event and its row here are written in one transaction.
ALTER TABLE outbox ADD COLUMN IF NOT EXISTS transaction_id xid8;
ALTER TABLE outbox ALTER COLUMN transaction_id SET DEFAULT log_number(pg_current_xact_id());
UPDATE outbox SET transaction_id = events.transaction_id
  FROM events WHERE outbox.transaction_id IS NULL AND outbox.position = events.position;
ALTER TABLE outbox ALTER COLUMN transaction_id SET NOT NULL;

-- Wakes the relay, which sleeps while the outbox is empty (docs/decisions/0031). Commits that notify
-- wait for each other, so they do it only while the relay holds this lock. A transaction that finds
-- it free keeps it until it has committed: the relay cannot fall asleep before it has seen the row.
CREATE OR REPLACE FUNCTION wake_relay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT pg_try_advisory_xact_lock_shared(hashtext('eventually.relay.sleeps')) THEN
        PERFORM pg_notify('outbox', '');
    END IF;
    RETURN NULL;
END $$;
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_trigger WHERE tgname = 'wake_relay' AND tgrelid = 'outbox'::regclass) THEN
        CREATE TRIGGER wake_relay BEFORE INSERT ON outbox
            FOR EACH STATEMENT EXECUTE FUNCTION wake_relay();
    END IF;
END $$;

-- Ids up to these were handed out in a log that the lab has taken back since (known_start.py). None
-- of them is handed out again.
CREATE TABLE IF NOT EXISTS retired_ids (upto bigint NOT NULL);

-- Nor is an id up to this one: its event was published before its todo was committed, as only the lab
-- does. What a sequence is set to stays, whatever becomes of the transaction.
CREATE SEQUENCE IF NOT EXISTS published_ids;

CREATE OR REPLACE FUNCTION newest_id() RETURNS bigint LANGUAGE sql AS $$
    SELECT greatest(0, (SELECT max(todo_id) FROM events), (SELECT max(upto) FROM retired_ids),
        (SELECT last_value FROM published_ids WHERE is_called))
$$;

-- What the coordinator of the lab remembers of the sagas that it has begun: two todos that are to be
-- there both, or not at all. Without a deadline, nothing ever undoes what is half done.
CREATE TABLE IF NOT EXISTS sagas (
    id        bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    first     text        NOT NULL,
    second    text        NOT NULL,
    first_id  bigint,
    second_id bigint,
    state     text        NOT NULL DEFAULT 'begun',
    deadline  timestamptz
);
CREATE INDEX IF NOT EXISTS open_sagas ON sagas (id) WHERE state IN ('begun', 'half');

-- Programs that know at least this version work with the tables as they are. A later version raises
-- it when it takes something away (docs/upgrades.md).
CREATE TABLE IF NOT EXISTS schema_needs (version smallint NOT NULL);
INSERT INTO schema_needs SELECT 1 WHERE NOT EXISTS (SELECT FROM schema_needs);

-- Lets the log go on if it was restored from another cluster: from then on, each transaction has a
-- larger number than all that the log has. So the order of the log, and the positions that its
-- readers keep, stay as they were. Returns whether that was needed.
--
-- This function and the next have the owner's rights, since the programs may only read and write
-- rows. Their locks wait for writers under way, and are taken only if there is something to do,
-- since other writers queue behind them.
CREATE OR REPLACE FUNCTION let_log_go_on() RETURNS boolean LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    newest xid8;
BEGIN
    SELECT transaction_id INTO newest FROM events ORDER BY transaction_id DESC LIMIT 1;
    IF newest IS NULL OR newest < log_number(pg_snapshot_xmax(pg_current_snapshot())) THEN
        RETURN false;
    END IF;
    -- Others may have come to the same conclusion.
    LOCK TABLE events IN SHARE ROW EXCLUSIVE MODE;
    SELECT transaction_id INTO newest FROM events ORDER BY transaction_id DESC LIMIT 1;
    IF newest < log_number(pg_snapshot_xmax(pg_current_snapshot())) THEN
        RETURN false;
    END IF;
    EXECUTE format(
        'CREATE OR REPLACE FUNCTION log_number(transaction xid8) RETURNS xid8 LANGUAGE sql STABLE'
        ' AS $number$ SELECT (transaction::text::numeric + %s)::text::xid8 $number$',
        newest::text::numeric + 1);
    RETURN true;
END $$;

-- What each program asks for before its first use, and after each loss of the server.
--
-- After a crash a sequence may be up to 32 values ahead of what was used, and people notice a gap.
-- No value in use is handed out again.
CREATE OR REPLACE FUNCTION begin_use() RETURNS void LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    newest bigint;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('eventually.begin'));
    PERFORM let_log_go_on();
    newest := newest_id();
    IF (SELECT last_value > newest AND is_called FROM todos_id_seq) THEN
        LOCK TABLE todos IN SHARE ROW EXCLUSIVE MODE;
        newest := newest_id();
        PERFORM setval('todos_id_seq', greatest(newest, 1), newest > 0);
    END IF;
END $$;
