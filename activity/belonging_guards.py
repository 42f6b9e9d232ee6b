"""The triggers for what belongs to a contact and has no versions of its own: see activity.guards.

Mails, files and pins come only together with an event that tells of them, stay as they were made,
and go with their contact. How far a mail got is no change of it.
"""

FUNCTIONS = """
-- Does an event of this transaction tell of that object, as that verb or as any?
CREATE OR REPLACE FUNCTION annals_is_recorded(about uuid, as_verb text) RETURNS boolean
LANGUAGE plpgsql SET enable_seqscan TO off AS $$
BEGIN
    RETURN EXISTS (
        SELECT 1 FROM activity_event
        WHERE xid = pg_current_xact_id()::text::bigint AND object_id = about
        AND recorded_at >= transaction_timestamp() AND (as_verb IS NULL OR verb || '' = as_verb)
    );
END $$;

-- At COMMIT: a new row needs an event about what it belongs to, one that goes the deletion of its
-- contact. TG_ARGV: the columns of which one names what it belongs to.
CREATE OR REPLACE FUNCTION annals_require_belonging_event() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    belonging jsonb := to_jsonb(coalesce(NEW, OLD));
    recorded boolean;
BEGIN
    IF TG_OP = 'DELETE' THEN
        recorded := annals_is_recorded(OLD.contact_id, 'contact.deleted');
    ELSE
        recorded := annals_is_recorded((
            SELECT belonging->>name FROM unnest(TG_ARGV) AS name
            WHERE belonging->>name IS NOT NULL
        )::uuid, NULL);
    END IF;
    IF NOT recorded THEN
        RAISE EXCEPTION '% of % % has no event in this transaction',
            TG_OP, TG_TABLE_NAME, belonging->>'id'
        USING ERRCODE = 'check_violation', TABLE = TG_TABLE_NAME, HINT =
            'Change it through its model, or record an event for it in the same transaction.';
    END IF;
    RETURN NULL;
END $$;

-- The same for what is pinned: events of it are about the entry.
CREATE OR REPLACE FUNCTION annals_require_pin_event() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    pin contacts_pin := coalesce(NEW, OLD);
    entry uuid := (SELECT uid FROM activity_event WHERE id = pin.event_id);
BEGIN
    IF TG_OP = 'INSERT' AND annals_is_recorded(entry, 'entry.pinned')
        OR TG_OP = 'DELETE' AND (annals_is_recorded(entry, 'entry.unpinned')
            OR annals_is_recorded(pin.contact_id, 'contact.deleted'))
    THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION '% of % % has no event in this transaction', TG_OP, TG_TABLE_NAME, pin.id
    USING ERRCODE = 'check_violation', TABLE = TG_TABLE_NAME, HINT =
        'Change it through its model, or record an event for it in the same transaction.';
END $$;

-- The content of a comment's file goes with the comment: where it lies is then forgotten.
CREATE OR REPLACE FUNCTION annals_keep_belonging() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_TABLE_NAME = 'contacts_commentfile' THEN
        IF NEW.file = '' AND to_jsonb(NEW) - 'file' = to_jsonb(OLD) - 'file' AND EXISTS (
            SELECT 1 FROM contacts_comment WHERE id = OLD.comment_id AND deleted_at IS NOT NULL
        ) THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION '% of % % is refused: it stays as it was made', TG_OP, TG_TABLE_NAME, OLD.id
    USING ERRCODE = 'restrict_violation', TABLE = TG_TABLE_NAME;
END $$;

-- Of a mail, what was to be sent stays, whatever becomes of it.
CREATE OR REPLACE FUNCTION annals_keep_mail() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'UPDATE of delivery % is refused: what was to be sent does not change', OLD.id
    USING ERRCODE = 'restrict_violation', TABLE = TG_TABLE_NAME;
END $$;
"""


def belong(table: str, required: str, keep: str) -> str:
    """Return the SQL that guards a table of what belongs to a contact.

    `required` is the call that looks for the event of a row that comes or goes, `keep` the trigger
    that refuses changes, in what follows its name.
    """
    kept, rest = keep.split(maxsplit=1)
    return f"""
DROP TRIGGER IF EXISTS annals_added_or_removed ON {table};
CREATE CONSTRAINT TRIGGER annals_added_or_removed AFTER INSERT OR DELETE ON {table}
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION {required};
DROP TRIGGER IF EXISTS {kept} ON {table};
CREATE TRIGGER {kept} BEFORE UPDATE ON {table}
    FOR EACH ROW {rest};
DROP TRIGGER IF EXISTS annals_no_truncate ON {table};
CREATE TRIGGER annals_no_truncate BEFORE TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION annals_refuse();
ALTER TABLE {table} ENABLE ALWAYS TRIGGER annals_added_or_removed, ENABLE ALWAYS TRIGGER {kept},
    ENABLE ALWAYS TRIGGER annals_no_truncate;
"""


_SENT = (
    *("id", "contact_id", "message_id", "invitation_id", "share_id", "recipient", "sender"),
    *("subject", "text", "html", "headers", "attachments", "disclosed", "mail_id", "created_at"),
)
_OLD, _NEW = (", ".join(f"{row}.{column}" for column in _SENT) for row in ("OLD", "NEW"))
_KEPT = "annals_keep EXECUTE FUNCTION annals_keep_belonging()"
_KEPT_MAIL = f"""annals_keep_mail WHEN (ROW({_OLD}) IS DISTINCT FROM ROW({_NEW}))
    EXECUTE FUNCTION annals_keep_mail()"""
_REQUIRED = "annals_require_belonging_event"

GUARDS = "".join(
    (
        FUNCTIONS,
        belong("contacts_attachment", f"{_REQUIRED}('message_id')", _KEPT),
        belong("contacts_commentfile", f"{_REQUIRED}('comment_id')", _KEPT),
        belong(
            "contacts_delivery",
            f"{_REQUIRED}('message_id', 'invitation_id', 'share_id')",
            _KEPT_MAIL,
        ),
        belong("contacts_pin", "annals_require_pin_event()", _KEPT),
    )
)
