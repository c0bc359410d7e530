//! SL005: SQL literals that change the session they run in.

/// An effect that outlives its lease.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    Setting,
    Subscription,
    TransactionControl,
    Prepared,
    Loaded,
    Databases,
    Cursor,
    Temporary,
    Lock,
}

/// Returns the effect of the first statement that has one.
pub(crate) fn session_state(sql: &str) -> Option<Effect> {
    statements(sql).iter().find_map(|words| {
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        statement(&words)
    })
}

impl Effect {
    pub(crate) fn message(self) -> String {
        let (does, instead) = match self {
            Effect::Setting => ("a setting made by", "use `SET LOCAL` in a transaction"),
            Effect::Subscription => ("a subscription made by", "use `db.dedicated(\"reason\")`"),
            Effect::TransactionControl => {
                return self.write(
                    "this statement controls a transaction by hand",
                    "use `session.transaction(..)` or `tx.savepoint(..)`",
                );
            }
            Effect::Prepared => ("what is prepared by", "use `db.dedicated(\"reason\")`"),
            Effect::Loaded => ("what is loaded by", "use `db.dedicated(\"reason\")`"),
            Effect::Databases => ("what is attached by", "use `db.dedicated(\"reason\")`"),
            Effect::Cursor => ("a cursor left open by", "use `db.dedicated(\"reason\")`"),
            Effect::Temporary => {
                ("a temporary object made by", "add `ON COMMIT DROP` in a transaction")
            }
            Effect::Lock => ("a lock taken by", "use `pg_advisory_xact_lock` in a transaction"),
        };
        self.write(&format!("{does} this statement outlives the lease"), instead)
    }

    fn write(self, what: &str, instead: &str) -> String {
        let note = match self {
            Effect::TransactionControl => "shortlease would not know what is committed",
            _ => "the next user of the connection would inherit it",
        };
        format!(
            "SL005: {what}\nhelp: {instead}\nhelp: or allow it: `allow(SL005 = \"reason\")`\nnote: {note}"
        )
    }
}

/// Tells whether a function makes a statement of its first argument.
pub(crate) fn is_function(path: &[&str]) -> bool {
    match path {
        [.., "QueryBuilder", "new" | "with_arguments"] => true,
        [.., name] => {
            is_query(name)
                || matches!(*name, "query_with" | "query_as_with" | "query_scalar_with" | "raw_sql")
        }
        [] => false,
    }
}

/// Tells whether a macro does, whose text may stand behind a type.
pub(crate) fn is_macro(name: &str) -> bool {
    is_query(name.strip_suffix("_unchecked").unwrap_or(name))
}

fn is_query(name: &str) -> bool {
    matches!(name, "query" | "query_as" | "query_scalar")
}

fn statement(words: &[&str]) -> Option<Effect> {
    let by_first_words = match words {
        ["set", "local" | "transaction" | "constraints", ..] => None,
        ["set", "session", "characteristics", ..] | ["set", ..] | ["reset", ..] => {
            Some(Effect::Setting)
        }
        ["listen" | "unlisten", ..] => Some(Effect::Subscription),
        ["begin" | "commit" | "end" | "rollback" | "abort" | "savepoint" | "release", ..]
        | ["start", "transaction", ..] => Some(Effect::TransactionControl),
        ["prepare" | "deallocate" | "discard", ..] => Some(Effect::Prepared),
        ["load", ..] => Some(Effect::Loaded),
        ["attach" | "detach", ..] => Some(Effect::Databases),
        ["pragma", rest @ ..] if rest.contains(&"=") || sets(rest) => Some(Effect::Setting),
        ["declare", rest @ ..] if follows(rest, "with", "hold") => Some(Effect::Cursor),
        ["create", rest @ ..] if temporary(rest) && !follows(rest, "commit", "drop") => {
            Some(Effect::Temporary)
        }
        ["select" | "with", rest @ ..]
            if !rest.contains(&"insert")
                && (follows(rest, "into", "temp") || follows(rest, "into", "temporary")) =>
        {
            Some(Effect::Temporary)
        }
        ["explain", rest @ ..] if rest.contains(&"analyze") => {
            let at = rest.iter().position(|word| ["create", "select", "with"].contains(word));
            at.and_then(|at| statement(&rest[at..]))
        }
        _ => None,
    };
    by_first_words.or_else(|| {
        let calls = |name: &str| words.windows(2).any(|pair| pair[0] == name && pair[1] == "(");
        let locks = [
            "pg_advisory_lock",
            "pg_advisory_lock_shared",
            "pg_try_advisory_lock",
            "pg_try_advisory_lock_shared",
            "get_lock",
        ];
        if locks.iter().any(|lock| calls(lock)) {
            return Some(Effect::Lock);
        }
        // `set_config(name, value, is_local)`: harmless only where the last is true.
        let settings =
            words.windows(2).enumerate().filter(|(_, pair)| **pair == ["set_config", "("]);
        let mut last_words = settings.map(|(at, _)| last_argument(&words[at + 2..]));
        last_words.any(|last| last != Some("true")).then_some(Effect::Setting)
    })
}

/// Returns the last word before the parenthesis that is open closes.
fn last_argument<'a>(words: &[&'a str]) -> Option<&'a str> {
    let mut depth = 1;
    let end = words.iter().position(|word| {
        match *word {
            "(" => depth += 1,
            ")" => depth -= 1,
            _ => {}
        }
        depth == 0
    });
    words[..end.unwrap_or(words.len())].last().copied()
}

/// Tells `PRAGMA busy_timeout(5)`, which is `= 5`, from `PRAGMA table_info(tools)`.
fn sets(words: &[&str]) -> bool {
    const ASKS: [&str; 14] = [
        "foreign_key_check",
        "foreign_key_list",
        "incremental_vacuum",
        "index_info",
        "index_list",
        "index_xinfo",
        "integrity_check",
        "optimize",
        "quick_check",
        "shrink_memory",
        "table_info",
        "table_list",
        "table_xinfo",
        "wal_checkpoint",
    ];
    match words {
        [_, ".", name, "(", ..] | [name, "(", ..] => !ASKS.contains(name),
        _ => false,
    }
}

/// Tells whether what is created, after `CREATE`, is in the session only: by a word for it, or by its schema.
fn temporary(words: &[&str]) -> bool {
    let is = |word: &&str| matches!(*word, "temp" | "temporary");
    match words {
        ["or", "replace", kind, ..] | ["global" | "local", kind, ..] | [kind, ..] if is(kind) => {
            true
        }
        ["table" | "view" | "index" | "trigger" | "sequence", "if", "not", "exists", name @ ..]
        | ["table" | "view" | "index" | "trigger" | "sequence", name @ ..] => {
            matches!(name, ["temp" | "pg_temp", ".", ..])
        }
        _ => false,
    }
}

fn follows(words: &[&str], first: &str, second: &str) -> bool {
    words.windows(2).any(|pair| pair == [first, second])
}

/// Returns the statements that a session runs: not those of a trigger's or a function's body, from its
/// `BEGIN` to the `END` that stands alone.
fn statements(sql: &str) -> Vec<Vec<String>> {
    let mut within = false;
    let mut statements = separated(sql);
    statements.retain(|words| {
        let has = |word: &str| words.iter().any(|known| known == word);
        let body = std::mem::replace(
            &mut within,
            words.first().is_some_and(|first| first == "create")
                && ["trigger", "function", "procedure"].into_iter().any(has)
                && has("begin"),
        );
        within |= body && *words != ["end"];
        !body
    });
    statements
}

/// Returns what stands between semicolons, as lower-case words, `(`, `)`, `.` and `=`; without comments, strings and
/// quoted names.
fn separated(sql: &str) -> Vec<Vec<String>> {
    let mut statements = vec![Vec::new()];
    let mut rest = sql;
    while let Some(first) = rest.chars().next() {
        let after = &rest[first.len_utf8()..];
        rest = match first {
            '-' if after.starts_with('-') => past(rest, "\n"),
            '/' if after.starts_with('*') => past(&rest[2..], "*/"),
            '\'' => past(after, "'"),
            '"' => past(after, "\""),
            '`' => past(after, "`"),
            '$' => match dollar_quote(rest) {
                Some(tag) => past(&rest[tag.len()..], tag),
                None => after,
            },
            ';' => {
                statements.push(Vec::new());
                after
            }
            '(' | ')' | '.' | '=' => {
                push(&mut statements, &rest[..1]);
                after
            }
            first if first.is_alphabetic() || first == '_' => {
                let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_');
                let (word, rest) = rest.split_at(end.unwrap_or(rest.len()));
                match rest.strip_prefix('\'') {
                    Some(escaped) if word.eq_ignore_ascii_case("e") => past_escaped(escaped),
                    _ => {
                        push(&mut statements, word);
                        rest
                    }
                }
            }
            _ => after,
        };
    }
    statements
}

fn push(statements: &mut [Vec<String>], word: &str) {
    if let Some(statement) = statements.last_mut() {
        statement.push(word.to_lowercase());
    }
}

fn past<'a>(sql: &'a str, end: &str) -> &'a str {
    sql.find(end).map_or("", |at| &sql[at + end.len()..])
}

/// Returns what follows the end of `E'..'`, in which a backslash escapes.
fn past_escaped(sql: &str) -> &str {
    let mut escaped = false;
    let end = sql.find(|char| {
        let ends = char == '\'' && !escaped;
        escaped = char == '\\' && !escaped;
        ends
    });
    end.map_or("", |end| &sql[end + 1..])
}

/// Returns the `$$` or `$tag$` at the start; not the parameter `$1`.
fn dollar_quote(sql: &str) -> Option<&str> {
    let end = sql[1..].find('$')? + 1;
    let tag = &sql[1..end];
    let named = tag.chars().all(|c| c.is_alphanumeric() || c == '_');
    (named && !tag.starts_with(|c: char| c.is_ascii_digit())).then(|| &sql[..=end])
}

#[cfg(test)]
mod tests {
    use super::session_state;

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
            "CREATE TEMP TRIGGER t AFTER INSERT ON a BEGIN DELETE FROM b; END",
            "CREATE TRIGGER t AFTER INSERT ON a BEGIN DELETE FROM b; END; BEGIN",
            "CREATE TABLE trigger (id INT); BEGIN",
            "CREATE TABLE a (id INT); END",
        ] {
            assert!(session_state(sql).is_some(), "{sql}");
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
