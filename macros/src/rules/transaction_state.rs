//! SL011: SQL literals whose effect lasts for a transaction, in a lease that is not one.

use super::sql::{calls, follows, local_settings, temporary};

/// An effect that ends with its transaction, and so with its statement if there is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TransactionEffect(&'static str);

const SETTING: TransactionEffect = TransactionEffect("the setting ends");
const LOCK: TransactionEffect = TransactionEffect("the lock ends");
const ROW_LOCKS: TransactionEffect = TransactionEffect("the row locks end");
const TABLE: TransactionEffect = TransactionEffect("the table is dropped");
const CURSOR: TransactionEffect = TransactionEffect("the cursor is closed");
const CHECKS: TransactionEffect = TransactionEffect("the deferral ends");

/// The code that a statement stands in, by its transaction.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Within {
    /// A lease that is not a transaction.
    Lease,
    /// A leased function that may be called in either.
    LeasedFunction,
    /// A transaction, or a leased function that asks for one.
    Transaction,
}

/// Returns the effect of the last statement, if it has one: several in one message are a transaction, to its end.
pub(crate) fn transaction_state(statements: &[Vec<&str>]) -> Option<TransactionEffect> {
    statement(statements.iter().rfind(|words| !words.is_empty())?)
}

impl TransactionEffect {
    pub(crate) fn message(self, within: Within) -> String {
        let TransactionEffect(what) = self;
        let (instead, allowed, note) = match within {
            Within::LeasedFunction => (
                "take `&mut Tx<_>` instead of `&mut Conn<_>`",
                "or allow it, as where `self` has a transaction",
                "\nnote: a leased function over `&mut Conn<_>` can be called in a lease that is not a transaction",
            ),
            _ => ("open a transaction: `session.transaction(async |tx| ..)`", "or allow it", ""),
        };
        format!(
            "SL011: {what} with this statement, outside of a transaction\nhelp: {instead}\nhelp: {allowed}: `allow(SL011 = \"reason\")`{note}"
        )
    }
}

fn statement(words: &[&str]) -> Option<TransactionEffect> {
    match words {
        ["set", "local" | "transaction", ..] => Some(SETTING),
        ["set", "constraints", ..] => Some(CHECKS),
        ["pragma", rest @ ..] if rest.contains(&"defer_foreign_keys") && rest.len() > 1 => {
            Some(CHECKS)
        }
        ["lock", ..] => Some(LOCK),
        ["declare", ..] => Some(CURSOR),
        ["create", rest @ ..] if temporary(rest) && follows(rest, "commit", "drop") => Some(TABLE),
        // A statement that writes is a transaction of its own: its locks last for what it does.
        ["select" | "with" | "table" | "values" | "call", ..] if !writes(words) => lasting(words),
        _ => None,
    }
}

/// Returns the effect of a query that changes no rows.
fn lasting(words: &[&str]) -> Option<TransactionEffect> {
    const LOCKS: [&str; 4] = [
        "pg_advisory_xact_lock",
        "pg_advisory_xact_lock_shared",
        "pg_try_advisory_xact_lock",
        "pg_try_advisory_xact_lock_shared",
    ];
    if LOCKS.iter().any(|lock| calls(words, lock)) {
        return Some(LOCK);
    }
    if locks_rows(words) {
        return Some(ROW_LOCKS);
    }
    local_settings(words).any(|local| local).then_some(SETTING)
}

fn locks_rows(words: &[&str]) -> bool {
    let has = |clause: &[&str]| words.windows(clause.len()).any(|words| words == clause);
    has(&["for", "update"])
        || has(&["for", "no", "key", "update"])
        || has(&["for", "share"])
        || has(&["for", "key", "share"])
        || has(&["lock", "in", "share", "mode"])
}

fn writes(words: &[&str]) -> bool {
    words.iter().enumerate().any(|(at, word)| match *word {
        "insert" | "delete" | "merge" => true,
        "update" => !matches!(at.checked_sub(1).map(|at| words[at]), Some("for" | "key")),
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::sql;

    fn transaction_state(text: &str) -> Option<TransactionEffect> {
        super::transaction_state(&sql::statements(&text.to_lowercase()))
    }

    #[test]
    fn what_ends_with_the_transaction_is_found() {
        for (sql, effect) in [
            ("SET LOCAL search_path = acme", SETTING),
            ("set transaction isolation level serializable", SETTING),
            ("SELECT set_config('app.tenant', $1, true)", SETTING),
            ("SELECT 1; SET LOCAL x = 1;", SETTING),
            ("SET CONSTRAINTS ALL DEFERRED", CHECKS),
            ("PRAGMA defer_foreign_keys = ON", CHECKS),
            ("PRAGMA main.defer_foreign_keys(1)", CHECKS),
            ("SELECT pg_advisory_xact_lock($1)", LOCK),
            ("SELECT pg_try_advisory_xact_lock_shared(1, 2)", LOCK),
            ("LOCK TABLE tools IN SHARE MODE", LOCK),
            ("SELECT id FROM jobs LIMIT 1 FOR UPDATE SKIP LOCKED", ROW_LOCKS),
            ("SELECT id FROM jobs FOR NO KEY UPDATE OF jobs", ROW_LOCKS),
            ("SELECT id FROM jobs FOR SHARE", ROW_LOCKS),
            ("SELECT id FROM jobs FOR KEY SHARE", ROW_LOCKS),
            ("SELECT id FROM jobs LOCK IN SHARE MODE", ROW_LOCKS),
            ("WITH j AS (SELECT id FROM jobs FOR UPDATE) SELECT * FROM j", ROW_LOCKS),
            ("CREATE TEMP TABLE t (id int) ON COMMIT DROP", TABLE),
            ("DECLARE c CURSOR FOR SELECT 1", CURSOR),
        ] {
            assert_eq!(transaction_state(sql), Some(effect), "{sql}");
        }
    }

    #[test]
    fn what_a_statement_does_by_itself_is_not() {
        for sql in [
            "",
            "SELECT 1",
            "SELECT update_of(id), share FROM t",
            "SELECT 'FOR UPDATE'",
            "UPDATE jobs SET run = now() WHERE id = (SELECT id FROM jobs LIMIT 1 FOR UPDATE SKIP LOCKED)",
            "WITH j AS (SELECT id FROM jobs FOR UPDATE) UPDATE jobs SET run = 1 FROM j RETURNING id",
            "WITH j AS (SELECT id FROM jobs FOR UPDATE) DELETE FROM jobs USING j",
            "INSERT INTO t SELECT id FROM jobs FOR SHARE",
            "SELECT pg_advisory_unlock(1)",
            "SET LOCAL statement_timeout = 100; SELECT 1",
            "SELECT pg_advisory_xact_lock(1); DELETE FROM t;",
            "SELECT set_config('a', 'b', false)",
            "PRAGMA defer_foreign_keys",
            "CREATE TABLE t (id int)",
        ] {
            assert_eq!(transaction_state(sql), None, "{sql}");
        }
    }
}
