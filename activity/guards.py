"""The triggers by which the database itself keeps the promise: complete, and append-only.

Migrations install these texts. Tables are named by us, never by anybody's input. All triggers are
ENABLE ALWAYS: ordinary ones are skipped where `session_replication_role` is "replica".
"""

from collections.abc import Sequence

from activity import belonging_guards, user_guards
from activity.row_guards import require
from contacts.models import Tracked

FUNCTIONS = """
-- Every change of a tracked column counts the row's version up, whoever makes it.
CREATE OR REPLACE FUNCTION annals_count_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.version := OLD.version + 1;
    RETURN NEW;
END $$;

-- The transaction and the moment of writing are the database's word, not the writer's. A contact
-- was last active when its newest event happened, give or take the time that its transaction takes:
-- one that the transaction has itself written is spared a second write.
CREATE OR REPLACE FUNCTION annals_stamp_event() RETURNS trigger
LANGUAGE plpgsql SET enable_seqscan TO off AS $$
DECLARE
    stale timestamptz := least(NEW.occurred_at, transaction_timestamp()) - interval '1 second';
BEGIN
    IF NEW.erased_by IS NOT NULL THEN
        RAISE EXCEPTION 'INSERT of event % is refused: it says nothing', NEW.uid
        USING ERRCODE = 'restrict_violation', TABLE = TG_TABLE_NAME;
    END IF;
    NEW.xid := pg_current_xact_id()::text::bigint;
    -- Never before its transaction began: the guards look for events from then on, also where the
    -- clock was set back meanwhile.
    NEW.recorded_at := greatest(clock_timestamp(), transaction_timestamp());
    IF NEW.contact_id IS NOT NULL AND EXISTS (
        SELECT 1 FROM contacts_contact WHERE id = NEW.contact_id AND last_activity_at < stale
    ) THEN
        UPDATE contacts_contact SET last_activity_at = NEW.occurred_at
        WHERE id = NEW.contact_id AND last_activity_at < stale;
    END IF;
    RETURN NEW;
END $$;

CREATE OR REPLACE FUNCTION annals_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% of % is refused: it is only ever added to', TG_OP, TG_TABLE_NAME
    USING ERRCODE = 'restrict_violation', TABLE = TG_TABLE_NAME;
END $$;

-- An event may change once, one way: its payload and salt go, and a later erasure of the same
-- contact is named; where it has none, an erasure of who did it, or of whom it is about. All other
-- columns, also those to come, stay as they are.
CREATE OR REPLACE FUNCTION annals_guard_event() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE erasable text[] := ARRAY['payload', 'salt', 'erased_by'];
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.erased_by IS NULL AND NEW.erased_by IS NOT NULL
        AND NEW.payload IS NULL AND NEW.salt IS NULL
        AND to_jsonb(NEW) - erasable = to_jsonb(OLD) - erasable
        AND EXISTS (
            SELECT 1 FROM activity_event AS erasure
            WHERE id = NEW.erased_by AND id > OLD.id AND verb = 'privacy.erased'
            AND contact_id IS NOT DISTINCT FROM OLD.contact_id
            AND (contact_id IS NOT NULL OR (object_type, object_id) IN (
                (OLD.actor_type, OLD.actor_id), (OLD.object_type, OLD.object_id)
            ))
        )
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION '% of event % is refused: events are only ever added', TG_OP, OLD.id
    USING ERRCODE = 'restrict_violation', TABLE = TG_TABLE_NAME;
END $$;

-- An origin may only lose its client address and browser.
CREATE OR REPLACE FUNCTION annals_guard_origin() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE erasable text[] := ARRAY['address', 'user_agent'];
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.address IS NULL AND NEW.user_agent = ''
        AND to_jsonb(NEW) - erasable = to_jsonb(OLD) - erasable
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION '% of origin % is refused: origins are only ever added', TG_OP, OLD.id
    USING ERRCODE = 'restrict_violation', TABLE = TG_TABLE_NAME;
END $$;

-- A version goes only together with the personal data of its contact. TG_ARGV: contact's column.
-- Beside an empty text, the verb is looked for in no index: where the statistics know few events
-- of it, each version would have all of them read, instead of those of one object.
CREATE OR REPLACE FUNCTION annals_guard_history() RETURNS trigger
LANGUAGE plpgsql SET enable_seqscan TO off AS $$
BEGIN
    IF TG_OP = 'DELETE' AND EXISTS (
        SELECT 1 FROM activity_event WHERE verb || '' = 'privacy.erased'
        AND object_id = (to_jsonb(OLD)->>TG_ARGV[0])::uuid
        AND xid = pg_current_xact_id()::text::bigint AND recorded_at >= transaction_timestamp()
    ) THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION '% of a version in % is refused: versions are only ever added',
        TG_OP, TG_TABLE_NAME
    USING ERRCODE = 'restrict_violation', TABLE = TG_TABLE_NAME;
END $$;
"""

LOG = """
CREATE TRIGGER annals_stamp BEFORE INSERT ON activity_event
    FOR EACH ROW EXECUTE FUNCTION annals_stamp_event();
CREATE TRIGGER annals_guard BEFORE UPDATE OR DELETE ON activity_event
    FOR EACH ROW EXECUTE FUNCTION annals_guard_event();
CREATE TRIGGER annals_no_truncate BEFORE TRUNCATE ON activity_event
    FOR EACH STATEMENT EXECUTE FUNCTION annals_refuse();
ALTER TABLE activity_event ENABLE ALWAYS TRIGGER annals_stamp,
    ENABLE ALWAYS TRIGGER annals_guard, ENABLE ALWAYS TRIGGER annals_no_truncate;

CREATE TRIGGER annals_guard BEFORE UPDATE OR DELETE ON activity_origin
    FOR EACH ROW EXECUTE FUNCTION annals_guard_origin();
CREATE TRIGGER annals_no_truncate BEFORE TRUNCATE ON activity_origin
    FOR EACH STATEMENT EXECUTE FUNCTION annals_refuse();
ALTER TABLE activity_origin ENABLE ALWAYS TRIGGER annals_guard,
    ENABLE ALWAYS TRIGGER annals_no_truncate;
"""

# Each new event waits to be sealed. The list is kept apart from the log, and is exact even where
# transactions commit in another order than their events were numbered.
PENDING = """
CREATE OR REPLACE FUNCTION annals_await_seal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO activity_pending (event_id) SELECT id FROM added;
    RETURN NULL;
END $$;
DROP TRIGGER IF EXISTS annals_pending ON activity_event;
CREATE TRIGGER annals_pending AFTER INSERT ON activity_event REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION annals_await_seal();
ALTER TABLE activity_event ENABLE ALWAYS TRIGGER annals_pending;
"""

# What the tree is made of: only ever added to, without any exception.
LEDGER_TABLES = (
    "activity_epoch",
    "activity_key",
    "activity_leaf",
    "activity_node",
    "activity_checkpoint",
    "activity_anchor",
)


def seal_off(table: str) -> str:
    """Return the SQL by which a table refuses every change and removal of a row."""
    return f"""
DROP TRIGGER IF EXISTS annals_guard ON {table};
CREATE TRIGGER annals_guard BEFORE UPDATE OR DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION annals_refuse();
DROP TRIGGER IF EXISTS annals_no_truncate ON {table};
CREATE TRIGGER annals_no_truncate BEFORE TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION annals_refuse();
ALTER TABLE {table} ENABLE ALWAYS TRIGGER annals_guard,
    ENABLE ALWAYS TRIGGER annals_no_truncate;
"""


def track(table: str, history: str, noun: str, contact_column: str, columns: Sequence[str]) -> str:
    """Return the SQL that guards a tracked table and its history.

    `columns` are those whose change is a change of the row: run it again when one is added. Writing
    what stands there already is no change. `contact_column` is where the history names the contact.
    """
    old, new = (", ".join(f"{row}.{column}" for column in columns) for row in ("OLD", "NEW"))
    return f"""{require(history, noun, contact_column)}
DROP TRIGGER IF EXISTS annals_version ON {table};
CREATE TRIGGER annals_version BEFORE UPDATE OF {", ".join(columns)} ON {table}
    FOR EACH ROW WHEN (ROW({old}) IS DISTINCT FROM ROW({new}))
    EXECUTE FUNCTION annals_count_version();
DROP TRIGGER IF EXISTS annals_added_or_removed ON {table};
CREATE CONSTRAINT TRIGGER annals_added_or_removed AFTER INSERT OR DELETE ON {table}
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    EXECUTE FUNCTION annals_require_{noun}_event();
DROP TRIGGER IF EXISTS annals_changed ON {table};
CREATE CONSTRAINT TRIGGER annals_changed AFTER UPDATE ON {table}
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (OLD.version IS DISTINCT FROM NEW.version)
    EXECUTE FUNCTION annals_require_{noun}_event();
DROP TRIGGER IF EXISTS annals_no_truncate ON {table};
CREATE TRIGGER annals_no_truncate BEFORE TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION annals_refuse();
ALTER TABLE {table} ENABLE ALWAYS TRIGGER annals_version,
    ENABLE ALWAYS TRIGGER annals_added_or_removed, ENABLE ALWAYS TRIGGER annals_changed,
    ENABLE ALWAYS TRIGGER annals_no_truncate;

DROP TRIGGER IF EXISTS annals_guard ON {history};
CREATE TRIGGER annals_guard BEFORE UPDATE OR DELETE ON {history}
    FOR EACH ROW EXECUTE FUNCTION annals_guard_history('{contact_column}');
DROP TRIGGER IF EXISTS annals_no_truncate ON {history};
CREATE TRIGGER annals_no_truncate BEFORE TRUNCATE ON {history}
    FOR EACH STATEMENT EXECUTE FUNCTION annals_refuse();
ALTER TABLE {history} ENABLE ALWAYS TRIGGER annals_guard,
    ENABLE ALWAYS TRIGGER annals_no_truncate;
"""


# What triggers keep in a tracked table themselves; all other columns are content.
KEPT_BY_TRIGGERS = frozenset({"last_activity_at"})


def of(model: type[Tracked]) -> str:
    """Return the SQL that guards a tracked model, with the columns that it has now."""
    meta, history = model._meta, model.history.model._meta
    columns = [field.column for field in meta.concrete_fields if not field.generated]
    content = [column for column in columns if column not in KEPT_BY_TRIGGERS]
    return track(meta.db_table, history.db_table, model.noun, model.contact_column, content)


def expected() -> str:
    """Return the SQL of every guard that a database of Annals must have today."""
    tables = map(seal_off, LEDGER_TABLES)
    tracked = map(of, Tracked.__subclasses__())
    of_users = user_guards.GUARDS, user_guards.SERVICES
    belonging = belonging_guards.GUARDS
    return "".join([FUNCTIONS, LOG, PENDING, *tables, *tracked, *of_users, belonging])
