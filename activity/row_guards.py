"""The check of one changed row at COMMIT, for each tracked table: see activity.guards."""


def require(history: str, noun: str, contact_column: str) -> str:
    """Return the function that looks for a changed row's event and version: one for each table.

    It names its tables and columns, so that the database plans it once and reads no column that it
    does not need. Without sequential scans, because a plan made while a table was small stays: it
    would read the whole log for each row of an import. Beside an empty text, the verb is looked for
    in no index, which would be read from end to end for each row of a revert.
    """
    return f"""
-- At COMMIT: the row's change needs an event of this transaction, for the row or for its whole
-- table, and its new version must stand in the history. Rows leave only with their contact: what
-- covers them is the event of the contact's deletion.
CREATE OR REPLACE FUNCTION annals_require_{noun}_event() RETURNS trigger
LANGUAGE plpgsql SET enable_seqscan TO off AS $$
DECLARE
    this_transaction bigint := pg_current_xact_id()::text::bigint;
    row_id uuid;
    recorded boolean;
    kept boolean;
BEGIN
    IF TG_OP = 'DELETE' THEN
        row_id := OLD.id;
        kept := true;
        recorded := EXISTS (
            SELECT 1 FROM activity_event WHERE xid = this_transaction
            AND object_id = OLD.{contact_column} AND verb || '' = 'contact.deleted'
            AND recorded_at >= transaction_timestamp()
        );
    ELSE
        row_id := NEW.id;
        recorded := EXISTS (
            SELECT 1 FROM activity_event WHERE xid = this_transaction AND object_id = NEW.id
            AND recorded_at >= transaction_timestamp()
        );
        IF NOT recorded THEN
            recorded := EXISTS (
                SELECT 1 FROM activity_event WHERE xid = this_transaction AND object_id IS NULL
                AND object_type = '{noun}' AND recorded_at >= transaction_timestamp()
            );
        END IF;
        kept := EXISTS (SELECT 1 FROM {history} WHERE id = NEW.id AND version = NEW.version);
        IF NOT kept THEN
            -- The row, and its versions with it, may have been erased since, in this transaction.
            kept := EXISTS (
                SELECT 1 FROM activity_event WHERE xid = this_transaction
                AND object_id = NEW.{contact_column} AND verb || '' = 'privacy.erased'
                AND recorded_at >= transaction_timestamp()
            );
        END IF;
    END IF;
    IF NOT (recorded AND kept) THEN
        RAISE EXCEPTION '% of % % has no event in this transaction', TG_OP, TG_TABLE_NAME, row_id
        USING ERRCODE = 'check_violation', TABLE = TG_TABLE_NAME, HINT =
            'Change it through its model, or record an event for it in the same transaction.';
    END IF;
    RETURN NULL;
END $$;
"""  # noqa: S608 - names of our own
