"""The triggers by which the database keeps the record of users complete: see activity.guards.

What a user is, what the account may do, its password, its passkeys and second factors, and with
which sign-in service it is connected, change only together with an event that says so. Preferences
and the time of the last sign-in are nobody's business.
"""

# Each event of a user's change holds the user's whole state after it. The newest one of the
# transaction must say what is in the rows at its end, so that no event covers for another change.
FUNCTIONS = """
CREATE OR REPLACE FUNCTION annals_user_state(of_user uuid) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object(
        'email', email, 'name', name, 'active', is_active, 'superuser', is_superuser,
        'roles', (
            SELECT coalesce(jsonb_agg(held.name ORDER BY held.name COLLATE "C"), '[]')
            FROM accounts_user_groups AS member JOIN auth_group AS held ON held.id = member.group_id
            WHERE member.user_id = of_user
        ),
        'permissions', (
            SELECT coalesce(jsonb_agg(names.name ORDER BY names.name COLLATE "C"), '[]')
            FROM accounts_user_user_permissions AS given
            JOIN auth_permission AS held ON held.id = given.permission_id
            JOIN django_content_type AS kind ON kind.id = held.content_type_id
            CROSS JOIN LATERAL (SELECT kind.app_label || '.' || held.codename) AS names (name)
            WHERE given.user_id = of_user
        )
    ) FROM accounts_user WHERE id = of_user
$$;

-- At COMMIT: does an event of this transaction say so of that user? With `said`, its newest event
-- of a change must also hold the state that is in the rows; an erased one says nothing any more.
CREATE OR REPLACE FUNCTION annals_require_user_event(
    of_user uuid, verbs text[], said boolean, what text, table_name text
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    this_transaction bigint := pg_current_xact_id()::text::bigint;
    newest jsonb;
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM activity_event WHERE xid = this_transaction AND object_id = of_user
        AND verb = ANY(verbs) AND recorded_at >= transaction_timestamp()
    ) THEN
        RAISE EXCEPTION '% of % for user % has no event in this transaction',
            what, table_name, of_user
        USING ERRCODE = 'check_violation', TABLE = table_name, HINT =
            'Change it through its model, or record an event for it in the same transaction.';
    END IF;
    IF said THEN
        SELECT payload INTO newest FROM activity_event
        WHERE xid = this_transaction AND object_id = of_user
        AND recorded_at >= transaction_timestamp() AND (payload IS NULL OR payload ? 'state')
        ORDER BY id DESC LIMIT 1;
        IF newest IS NOT NULL AND newest->'state' IS DISTINCT FROM annals_user_state(of_user) THEN
            RAISE EXCEPTION '% of % for user % is not what its event says',
                what, table_name, of_user
            USING ERRCODE = 'check_violation', TABLE = table_name;
        END IF;
    END IF;
END $$;

CREATE OR REPLACE FUNCTION annals_require_user_events() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    whole text[] := ARRAY['user.created', 'user.closed'];  -- cover all that changes with them
    needed text[] := '{}';
    verb text;
BEGIN
    IF TG_OP = 'INSERT' THEN
        needed := ARRAY['user.created'];
    ELSE
        IF (OLD.email, OLD.name) IS DISTINCT FROM (NEW.email, NEW.name) THEN
            needed := needed || 'user.renamed'::text;
        END IF;
        IF OLD.is_active IS DISTINCT FROM NEW.is_active THEN
            needed := needed || CASE
                WHEN NEW.is_active THEN 'user.activated' ELSE 'user.deactivated' END;
        END IF;
        IF OLD.is_superuser IS DISTINCT FROM NEW.is_superuser THEN
            needed := needed || 'user.role_changed'::text;
        END IF;
        IF OLD.password IS DISTINCT FROM NEW.password THEN
            needed := needed || 'user.password_changed'::text;
        END IF;
    END IF;
    FOREACH verb IN ARRAY needed LOOP
        PERFORM annals_require_user_event(NEW.id, whole || verb, true, TG_OP, TG_TABLE_NAME);
    END LOOP;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION annals_require_member_event() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE verbs text[] := ARRAY['user.role_changed', 'user.created', 'user.closed'];
BEGIN
    IF TG_OP IN ('UPDATE', 'DELETE') THEN
        PERFORM annals_require_user_event(OLD.user_id, verbs, true, TG_OP, TG_TABLE_NAME);
    END IF;
    IF TG_OP IN ('INSERT', 'UPDATE') THEN
        PERFORM annals_require_user_event(NEW.user_id, verbs, true, TG_OP, TG_TABLE_NAME);
    END IF;
    RETURN NULL;
END $$;

-- What is used up of recovery codes is only ever more; anything else about a factor replaces it.
CREATE OR REPLACE FUNCTION annals_require_passkey_event() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    added jsonb := '{"webauthn": "user.passkey_added", "totp": "user.totp_enabled",
        "recovery_codes": "user.recovery_codes_made"}';
    removed jsonb := '{"webauthn": "user.passkey_removed", "totp": "user.totp_disabled",
        "recovery_codes": "user.recovery_codes_removed"}';
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.type = 'recovery_codes'
        AND ROW(OLD.user_id, OLD.type, OLD.data - '{used_mask,viewed_at}'::text[])
            IS NOT DISTINCT FROM
            ROW(NEW.user_id, NEW.type, NEW.data - '{used_mask,viewed_at}'::text[])
        AND (OLD.data->>'used_mask')::bigint & (NEW.data->>'used_mask')::bigint
            = (OLD.data->>'used_mask')::bigint
    THEN
        PERFORM annals_require_user_event(
            NEW.user_id, ARRAY['user.recovery_code_used'], false, TG_OP, TG_TABLE_NAME);
        RETURN NULL;
    END IF;
    IF TG_OP IN ('UPDATE', 'DELETE') THEN
        PERFORM annals_require_user_event(
            OLD.user_id, ARRAY[removed->>OLD.type], false, TG_OP, TG_TABLE_NAME);
    END IF;
    IF TG_OP IN ('INSERT', 'UPDATE') THEN
        PERFORM annals_require_user_event(
            NEW.user_id, ARRAY[added->>NEW.type], false, TG_OP, TG_TABLE_NAME);
    END IF;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION annals_require_service_event() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP IN ('UPDATE', 'DELETE') THEN
        PERFORM annals_require_user_event(
            OLD.user_id, ARRAY['user.oidc_removed'], false, TG_OP, TG_TABLE_NAME);
    END IF;
    IF TG_OP IN ('INSERT', 'UPDATE') THEN
        PERFORM annals_require_user_event(
            NEW.user_id, ARRAY['user.oidc_connected'], false, TG_OP, TG_TABLE_NAME);
    END IF;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION annals_keep_user() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% of % is refused: users are deactivated, never deleted', TG_OP, TG_TABLE_NAME
    USING ERRCODE = 'restrict_violation', TABLE = TG_TABLE_NAME;
END $$;
"""

USERS = """
DROP TRIGGER IF EXISTS annals_added ON accounts_user;
CREATE CONSTRAINT TRIGGER annals_added AFTER INSERT ON accounts_user
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION annals_require_user_events();
DROP TRIGGER IF EXISTS annals_changed ON accounts_user;
CREATE CONSTRAINT TRIGGER annals_changed AFTER UPDATE ON accounts_user
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (ROW(OLD.email, OLD.name, OLD.is_active, OLD.is_superuser, OLD.password)
        IS DISTINCT FROM ROW(NEW.email, NEW.name, NEW.is_active, NEW.is_superuser, NEW.password))
    EXECUTE FUNCTION annals_require_user_events();
DROP TRIGGER IF EXISTS annals_guard ON accounts_user;
CREATE TRIGGER annals_guard BEFORE UPDATE OF id OR DELETE ON accounts_user
    FOR EACH ROW EXECUTE FUNCTION annals_keep_user();
DROP TRIGGER IF EXISTS annals_no_truncate ON accounts_user;
CREATE TRIGGER annals_no_truncate BEFORE TRUNCATE ON accounts_user
    FOR EACH STATEMENT EXECUTE FUNCTION annals_keep_user();
ALTER TABLE accounts_user ENABLE ALWAYS TRIGGER annals_added,
    ENABLE ALWAYS TRIGGER annals_changed, ENABLE ALWAYS TRIGGER annals_guard,
    ENABLE ALWAYS TRIGGER annals_no_truncate;
"""


def watch(table: str, function: str, when: str = "") -> str:
    """Return the SQL that refuses changes of a table's rows without an event for their user.

    `when` is a condition under which alone an UPDATE counts as a change.
    """
    return f"""
DROP TRIGGER IF EXISTS annals_added_or_removed ON {table};
CREATE CONSTRAINT TRIGGER annals_added_or_removed AFTER INSERT OR DELETE ON {table}
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION {function}();
DROP TRIGGER IF EXISTS annals_changed ON {table};
CREATE CONSTRAINT TRIGGER annals_changed AFTER UPDATE ON {table}
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW {when} EXECUTE FUNCTION {function}();
DROP TRIGGER IF EXISTS annals_no_truncate ON {table};
CREATE TRIGGER annals_no_truncate BEFORE TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION annals_refuse();
ALTER TABLE {table} ENABLE ALWAYS TRIGGER annals_added_or_removed,
    ENABLE ALWAYS TRIGGER annals_changed, ENABLE ALWAYS TRIGGER annals_no_truncate;
"""


# A passkey's name is its owner's affair, a factor notes when it was last used, and recovery codes
# whether their owner has kept them.
FACTOR_CHANGES = """WHEN (
        ROW(OLD.user_id, OLD.type, OLD.data - '{name,viewed_at}'::text[])
        IS DISTINCT FROM ROW(NEW.user_id, NEW.type, NEW.data - '{name,viewed_at}'::text[]))"""
# What the service last said of its user is not what lets anybody in.
SERVICE_CHANGES = """WHEN (
        ROW(OLD.user_id, OLD.provider, OLD.uid)
        IS DISTINCT FROM ROW(NEW.user_id, NEW.provider, NEW.uid))"""

GUARDS = (
    FUNCTIONS
    + USERS
    + watch("accounts_user_groups", "annals_require_member_event")
    + watch("accounts_user_user_permissions", "annals_require_member_event")
    + watch("mfa_authenticator", "annals_require_passkey_event", FACTOR_CHANGES)
)
# By itself, as its table came later.
SERVICES = watch("socialaccount_socialaccount", "annals_require_service_event", SERVICE_CHANGES)
