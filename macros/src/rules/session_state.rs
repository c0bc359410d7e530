//! SL005: SQL literals that change the session they run in.

use super::sql::{calls, follows, local_settings, temporary};

/// An effect that outlives its lease, or a transaction that no lease would know of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SessionEffect {
    what: &'static str,
    outlives: bool,
    instead: &'static str,
}

const DEDICATED: &str = "use `db.dedicated(\"reason\")`";

const SETTING: SessionEffect = outlives(
    "a setting made by",
    "on PostgreSQL `SET LOCAL` in a transaction, on SQLite `builder.setting(..)`, on MySQL `builder.after_connect(..)`",
);
const PRAGMA: SessionEffect =
    outlives("a setting made by", "make it for all connections: `Db::builder(..).setting(..)`");
const SUBSCRIPTION: SessionEffect =
    outlives("a subscription made by", "use `db.listen(\"reason\", &[\"channel\"])`");
const PREPARED: SessionEffect = outlives("what is prepared by", DEDICATED);
const LOADED: SessionEffect = outlives("what is loaded by", DEDICATED);
const ATTACHED: SessionEffect = outlives("what is attached by", DEDICATED);
const CURSOR: SessionEffect = outlives("a cursor left open by", DEDICATED);
const TEMPORARY: SessionEffect = outlives(
    "a temporary object made by",
    "on PostgreSQL add `ON COMMIT DROP` in a transaction, elsewhere use `db.dedicated(\"reason\")`",
);
const ADVISORY_LOCK: SessionEffect =
    outlives("a lock taken by", "use `pg_advisory_xact_lock` in a transaction");
const LOCK: SessionEffect = outlives("a lock taken by", DEDICATED);
const VARIABLE: SessionEffect = outlives("a variable set by", "bind the value: `.bind(value)`");
const DATABASE: SessionEffect =
    outlives("the database chosen by", "name it before each table: `database.table`");
const TRANSACTION: SessionEffect = controls("use `session.transaction(..)` or `tx.savepoint(..)`");
const TWO_PHASES: SessionEffect = controls(DEDICATED);

const fn outlives(what: &'static str, instead: &'static str) -> SessionEffect {
    SessionEffect { what, outlives: true, instead }
}

const fn controls(instead: &'static str) -> SessionEffect {
    SessionEffect { what: "a transaction is controlled by", outlives: false, instead }
}

/// Returns the effect of the first statement that has one.
pub(crate) fn session_state(statements: &[Vec<&str>]) -> Option<SessionEffect> {
    statements.iter().find_map(|words| statement(words))
}

impl SessionEffect {
    pub(crate) fn message(self) -> String {
        let SessionEffect { what, outlives, instead } = self;
        let (end, note) = match outlives {
            true => (" outlives the lease", "the next user of the connection would inherit it"),
            false => ("", "shortlease would not know what is committed"),
        };
        format!(
            "SL005: {what} this statement{end}\nhelp: {instead}\nhelp: or allow it: `allow(SL005 = \"reason\")`\nnote: {note}"
        )
    }
}

fn statement(words: &[&str]) -> Option<SessionEffect> {
    let by_first_words = match words {
        ["set", "local" | "transaction" | "constraints", ..] => None,
        // MariaDB's: for one statement.
        ["set", "statement", rest @ ..] => {
            let at = rest.iter().position(|word| *word == "for");
            at.and_then(|at| statement(&rest[at + 1..]))
        }
        ["set", "@", ..] => Some(VARIABLE),
        ["use", ..] => Some(DATABASE),
        ["xa", ..] => Some(TWO_PHASES),
        ["flush", "tables" | "table", rest @ ..] if rest.contains(&"lock") => Some(LOCK),
        ["set" | "reset", ..] => Some(SETTING),
        ["listen" | "unlisten", ..] => Some(SUBSCRIPTION),
        ["begin" | "commit" | "end" | "rollback" | "abort" | "savepoint" | "release", ..]
        | ["start", "transaction", ..] => Some(TRANSACTION),
        ["prepare" | "deallocate" | "discard", ..] => Some(PREPARED),
        ["load", kind, ..] if !matches!(*kind, "data" | "xml") => Some(LOADED),
        ["lock" | "unlock", "tables", ..] => Some(LOCK),
        ["attach" | "detach", ..] => Some(ATTACHED),
        // Lasts for a transaction, and so is SL011.
        ["pragma", rest @ ..] if rest.contains(&"defer_foreign_keys") => None,
        // Is kept in the file.
        ["pragma", rest @ ..]
            if rest.contains(&"user_version") || rest.contains(&"application_id") =>
        {
            None
        }
        ["pragma", rest @ ..] if rest.contains(&"=") || sets(rest) => Some(PRAGMA),
        ["declare", rest @ ..] if follows(rest, "with", "hold") => Some(CURSOR),
        ["create", rest @ ..] if temporary(rest) && !follows(rest, "commit", "drop") => {
            Some(TEMPORARY)
        }
        ["select" | "with", rest @ ..]
            if !rest.contains(&"insert")
                && (follows(rest, "into", "temp") || follows(rest, "into", "temporary")) =>
        {
            Some(TEMPORARY)
        }
        ["explain", rest @ ..] if rest.contains(&"analyze") => {
            let at = rest.iter().position(|word| ["create", "select", "with"].contains(word));
            at.and_then(|at| statement(&rest[at..]))
        }
        _ => None,
    };
    by_first_words.or_else(|| {
        let locks = [
            "pg_advisory_lock",
            "pg_advisory_lock_shared",
            "pg_try_advisory_lock",
            "pg_try_advisory_lock_shared",
        ];
        if locks.iter().any(|lock| calls(words, lock)) {
            return Some(ADVISORY_LOCK);
        }
        if calls(words, "get_lock") {
            return Some(LOCK);
        }
        if assigns_variable(words) {
            return Some(VARIABLE);
        }
        local_settings(words).any(|local| !local).then_some(SETTING)
    })
}

/// Tells whether a text is one query for what an earlier statement has left in the session.
pub(crate) fn asks_of_another(statements: &[Vec<&str>]) -> bool {
    const ASKS: [&str; 7] = [
        "changes", "currval", "found_rows", "last_insert_id", "last_insert_rowid", "lastval",
        "row_count",
    ];
    let mut statements = statements.iter().filter(|words| !words.is_empty());
    match (statements.next().map(Vec::as_slice), statements.next()) {
        (Some(["show", "warnings" | "errors"]), None) => true,
        (Some(words @ ["select", ..]), None) => {
            !calls(words, "nextval") && ASKS.iter().any(|asks| calls(words, asks))
        }
        _ => false,
    }
}

pub(crate) const ASKS_OF_ANOTHER: &str = "SL005: this asks the session about a statement that ran in another lease\nhelp: run both in one lease: `session.lease(async |conn| ..)`\nhelp: or allow it: `allow(SL005 = \"reason\")`\nnote: each short form is a lease of its own, on whatever connection is free";

/// Tells whether a query stores something in a variable of MySQL.
fn assigns_variable(words: &[&str]) -> bool {
    follows(words, "into", "@") || words.windows(3).any(|words| matches!(words, ["@", _, ":="]))
}

/// Tells `PRAGMA busy_timeout(5)`, which is `= 5`, from `PRAGMA table_info(tools)`.
fn sets(words: &[&str]) -> bool {
    const ASKS: [&str; 14] = [
        "foreign_key_check", "foreign_key_list", "incremental_vacuum", "index_info", "index_list",
        "index_xinfo", "integrity_check", "optimize", "quick_check", "shrink_memory", "table_info",
        "table_list", "table_xinfo", "wal_checkpoint",
    ];
    match words {
        [_, ".", name, "(", ..] | [name, "(", ..] => !ASKS.contains(name),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::SessionEffect;
    use crate::rules::sql;

    fn session_state(text: &str) -> Option<SessionEffect> {
        super::session_state(&sql::statements(&text.to_lowercase()))
    }

    #[test]
    fn what_survives_the_lease_is_found() {
        for sql in [
            "SET search_path = acme",
            "set session statement_timeout to 0",
            "SELECT 1; RESET ALL",
            "LISTEN jobs",
            "  begin",
            "START TRANSACTION ISOLATION LEVEL SERIALIZABLE",
            "COMMIT;",
            "-- why\nROLLBACK",
            "/* why */ SAVEPOINT a",
            "CREATE TEMP TABLE t (id int)",
            "create or replace temporary view v as select 1",
            "SELECT pg_advisory_lock($1)",
            "SELECT id FROM jobs WHERE pg_try_advisory_lock(id)",
            "SELECT set_config('search_path', 'acme', false)",
            "SELECT set_config('a', 'b', false) WHERE true",
            "SELECT set_config('a', current_setting('b', true), false)",
            "PRAGMA foreign_keys = OFF",
            "PRAGMA foreign_keys(OFF)",
            "PRAGMA main.busy_timeout(5)",
            "SELECT * INTO TEMP t FROM tools",
            "WITH t AS (SELECT 1) SELECT * INTO TEMPORARY TABLE u FROM t",
            "CREATE TABLE temp.t (id INT)",
            "CREATE TABLE IF NOT EXISTS pg_temp.t (id INT)",
            "EXPLAIN (ANALYZE, VERBOSE) CREATE TEMP TABLE t AS SELECT 1",
            r"SELECT E'\''; SET x = 1; SELECT ''",
            "ATTACH 'other.db' AS other",
            "DECLARE c CURSOR WITH HOLD FOR SELECT 1",
            "PREPARE p AS SELECT 1",
            "DISCARD ALL",
            "LOCK TABLES tools WRITE",
            "FLUSH TABLES WITH READ LOCK",
            "SELECT GET_LOCK('jobs', 10)",
            "SET @n = 1",
            "SELECT @n := @n + 1 FROM tools",
            "SELECT id FROM tools LIMIT 1 INTO @id",
            "SET SESSION sql_mode = ''",
            "SET @@session.sql_mode = ''",
            "SET GLOBAL max_connections = 10",
            "USE other",
            "XA START 'x'",
            "SET STATEMENT max_statement_time = 1 FOR CREATE TEMPORARY TABLE t (id INT)",
            "CREATE TEMP TRIGGER t AFTER INSERT ON a BEGIN DELETE FROM b; END",
            "CREATE TRIGGER t AFTER INSERT ON a BEGIN DELETE FROM b; END; BEGIN",
            "CREATE TABLE trigger (id INT); BEGIN",
            "CREATE TABLE a (id INT); END",
        ] {
            assert!(session_state(sql).is_some(), "{sql}");
        }
    }

    #[test]
    fn questions_about_another_statement_are_found() {
        let asks = |text: &str| super::asks_of_another(&sql::statements(&text.to_lowercase()));
        for sql in [
            "SELECT LAST_INSERT_ID()",
            "SELECT name FROM tools WHERE id = last_insert_rowid()",
            "SELECT currval('tools_id_seq');",
            "SELECT lastval()",
            "SELECT ROW_COUNT()",
            "SELECT changes()",
            "SHOW WARNINGS",
        ] {
            assert!(asks(sql), "{sql}");
        }
        for sql in [
            "INSERT INTO tools (name) VALUES ('a'); SELECT last_insert_rowid()",
            "INSERT INTO tools (name) VALUES ('a') RETURNING currval('tools_id_seq')",
            "UPDATE ids SET id = LAST_INSERT_ID(id + 1)",
            "SELECT nextval('a'), currval('a')",
            "SELECT changes FROM tools",
            "SHOW TABLES",
        ] {
            assert!(!asks(sql), "{sql}");
        }
    }

    #[test]
    fn what_ends_with_the_transaction_is_not() {
        for sql in [
            "",
            "SELECT 1",
            "UPDATE tools SET name = $1",
            "INSERT INTO t VALUES ('; SET x = 1')",
            "SELECT '-- BEGIN', \"commit\" FROM t -- LISTEN x",
            "SET LOCAL search_path = acme",
            "SET TRANSACTION READ ONLY",
            "SET CONSTRAINTS ALL DEFERRED",
            "SELECT pg_advisory_xact_lock(1)",
            "SELECT pg_advisory_unlock(1)",
            "CREATE TABLE temp (id int)",
            "CREATE TEMP TABLE t (id int) ON COMMIT DROP",
            "PRAGMA table_info(tools)",
            "PRAGMA main.index_list(tools)",
            "PRAGMA foreign_keys",
            "PRAGMA defer_foreign_keys = ON",
            "PRAGMA user_version = 3",
            "PRAGMA main.application_id(7)",
            "LOAD DATA LOCAL INFILE 'x' INTO TABLE t",
            "LOCK TABLE tools",
            "SET STATEMENT max_statement_time = 1 FOR SELECT 1",
            "SELECT @n, @@version FROM tools",
            "SELECT f(a := 1), @ -1 FROM t WHERE tags @> $1 AND $2 <@tags AND body @@ to_tsquery($3)",
            "FLUSH TABLES tools",
            "UPDATE `use` SET used = 1",
            "INSERT INTO temp VALUES (1)",
            "WITH t AS (SELECT 1) INSERT INTO temp SELECT * FROM t",
            "CREATE TABLE t AS SELECT * FROM temp.u",
            "EXPLAIN ANALYZE SELECT 1",
            r"SELECT E'\'; SET x = 1'",
            "SELECT 'e'; SELECT e FROM t",
            "SELECT set_config('search_path', $1, true)",
            "SELECT set_config('a', upper($1), true), set_config('b', 'c', TRUE)",
            "DO $body$ BEGIN PERFORM 1; END $body$",
            "SELECT $1, $2 FROM t",
            "INSERT INTO t (a) VALUES ($1) ON CONFLICT DO UPDATE SET a = 1",
            "Überschrift = 'é'",
            "CREATE TRIGGER t AFTER INSERT ON a BEGIN DELETE FROM b; END",
            "CREATE TRIGGER t AFTER INSERT ON a BEGIN
                UPDATE b SET c = CASE WHEN d THEN 1 ELSE 2 END; DELETE FROM e; END; SELECT 1",
            "create or replace function f() returns int begin atomic select 1; end;",
        ] {
            assert_eq!(session_state(sql), None, "{sql}");
        }
    }
}
