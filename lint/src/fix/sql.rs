//! SQL in literals, by its words.

use std::collections::BTreeSet;

use crate::findings::Use;

/// The things that code does with its connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Does {
    /// The use that it makes of the data.
    pub data: Use,
    /// Its dealings with the session or the transaction.
    pub effects: BTreeSet<Effect>,
}

/// A dependence of a statement on the connection it runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Effect {
    /// Its SQL is not written there, and may do anything.
    Unseen,
    /// It reads what an earlier statement left in the session: `LAST_INSERT_ID()`.
    Recalls,
    /// It asks which connection it is on: `CONNECTION_ID()`.
    Names,
    /// It lasts for its transaction, and SL011 refuses it outside of one.
    Lasts,
    /// It stays in the session, and SL005 refuses it in a lease.
    Stays,
}

impl Does {
    /// Nothing at all.
    pub(super) fn nothing() -> Does {
        Does { data: Use::Nothing, effects: BTreeSet::new() }
    }

    /// Anything that SQL can do.
    pub(super) fn anything() -> Does {
        Does { data: Use::Writes, effects: BTreeSet::from([Effect::Unseen]) }
    }

    /// Does what both do.
    pub(super) fn and(mut self, other: Does) -> Does {
        self.data = self.data.max(other.data);
        self.effects.extend(other.effects);
        self
    }

    pub(super) fn has(&self, effect: Effect) -> bool {
        self.effects.contains(&effect)
    }
}

/// Judges the statements of a literal.
pub(super) fn of(literal: &str) -> Does {
    let text = syn::parse_str::<syn::LitStr>(literal).map_or(literal.to_owned(), |it| it.value());
    let words = words(&text.to_ascii_lowercase());
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let effects = words.split(|word| *word == ";").filter_map(effect).collect();
    Does { data: data(&words), effects }
}

/// Judges statements by their words. A function that a `SELECT` without `FROM` calls may write.
fn data(words: &[&str]) -> Use {
    let calls_setter = words.iter().any(|word| ["nextval", "setval", "set_config"].contains(word));
    let other_function =
        |word: &&str| word.starts_with("pg_") && !word.starts_with("pg_advisory_xact_lock");
    let writes = changes_rows(words)
        || words.contains(&"into")
        || calls_setter
        || words.iter().any(other_function);
    let reads = matches!(words.first(), Some(&("select" | "with"))) && words.contains(&"from");
    let advisory = words.iter().any(|word| word.starts_with("pg_advisory_xact_lock"));
    match () {
        () if follows(words, &["skip", "locked"]) => Use::Claims,
        () if writes || !(reads || advisory) => Use::Writes,
        () if locks_rows(words) || advisory => Use::Locks,
        () => Use::Reads,
    }
}

/// Returns the effect of one statement.
fn effect(words: &[&str]) -> Option<Effect> {
    let calls = |names: &[&str]| names.iter().any(|name| follows(words, &[name, "("]));
    let temporary = words.iter().any(|word| ["temp", "temporary", "pg_temp"].contains(word));
    let dropped = follows(words, &["on", "commit", "drop"]);
    match words {
        ["set", "local" | "transaction" | "constraints", ..] => Some(Effect::Lasts),
        ["pragma", rest @ ..] if rest.contains(&"defer_foreign_keys") => Some(Effect::Lasts),
        ["pragma", rest @ ..] => {
            ["=", "("].iter().any(|sets| rest.contains(sets)).then_some(Effect::Stays)
        }
        ["lock", "tables", ..] => Some(Effect::Stays),
        ["load", "data" | "xml", ..] => None,
        ["lock" | "declare", ..] if !follows(words, &["with", "hold"]) => Some(Effect::Lasts),
        ["create", ..] if temporary && dropped => Some(Effect::Lasts),
        ["create", ..] if temporary => Some(Effect::Stays),
        [
            "set" | "reset" | "use" | "xa" | "listen" | "unlisten" | "begin" | "start" | "commit"
            | "end" | "rollback" | "abort" | "savepoint" | "release" | "prepare" | "deallocate"
            | "discard" | "load" | "unlock" | "attach" | "detach" | "flush" | "declare",
            ..,
        ] => Some(Effect::Stays),
        ["show", ..] => Some(Effect::Recalls),
        _ if follows(words, &["into", "temp"]) || follows(words, &["into", "temporary"]) => {
            Some(Effect::Stays)
        }
        _ if calls(&[
            "pg_advisory_lock",
            "pg_advisory_lock_shared",
            "pg_try_advisory_lock",
            "pg_try_advisory_lock_shared",
            "get_lock",
        ]) =>
        {
            Some(Effect::Stays)
        }
        _ if follows(words, &["into", "@"]) || words.contains(&":=") => Some(Effect::Stays),
        _ if calls(&["set_config"]) => match words.contains(&"true") {
            true => Some(Effect::Lasts),
            false => Some(Effect::Stays),
        },
        _ if calls(&["connection_id", "pg_backend_pid"]) => Some(Effect::Names),
        _ if words.contains(&"@")
            || calls(&[
                "last_insert_id", "row_count", "found_rows", "last_insert_rowid", "changes",
                "total_changes", "currval", "lastval",
            ]) =>
        {
            Some(Effect::Recalls)
        }
        _ if words.iter().any(|word| word.contains("advisory_xact_lock")) => Some(Effect::Lasts),
        _ => (locks_rows(words) && !changes_rows(words)).then_some(Effect::Lasts),
    }
}

fn changes_rows(words: &[&str]) -> bool {
    words.iter().enumerate().any(|(at, word)| match *word {
        "insert" | "delete" | "merge" => true,
        "update" => at == 0 || !["for", "key"].contains(&words[at - 1]),
        _ => false,
    })
}

fn locks_rows(words: &[&str]) -> bool {
    ["update", "share", "no", "key"].iter().any(|lock| follows(words, &["for", lock]))
        || follows(words, &["lock", "in", "share", "mode"])
}

fn follows(words: &[&str], clause: &[&str]) -> bool {
    words.windows(clause.len()).any(|words| words == clause)
}

/// Returns the words of a text in lower case, `(`, `=`, `:=`, `;`, and `@` in front of a variable; without comments,
/// strings and quoted names.
fn words(sql: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut rest = sql;
    while let Some(first) = rest.chars().next() {
        let after = &rest[first.len_utf8()..];
        let past =
            |text: &'_ str, end: &str| text.find(end).map_or(text.len(), |at| at + end.len());
        let is_of_name = |letter: char| letter.is_alphanumeric() || letter == '_';
        let length = match first {
            '-' if after.starts_with('-') => past(rest, "\n"),
            '/' if after.starts_with('*') => past(rest, "*/"),
            '\'' | '"' | '`' => 1 + past(after, &first.to_string()),
            ':' if after.starts_with('=') => {
                words.push(":=".to_owned());
                2
            }
            '@' if after.starts_with(is_of_name) => {
                words.push("@".to_owned());
                1
            }
            '(' | '=' | ';' => {
                words.push(first.to_string());
                1
            }
            first if is_of_name(first) => {
                let length = rest.find(|letter| !is_of_name(letter)).unwrap_or(rest.len());
                words.push(rest[..length].to_owned());
                length
            }
            first => first.len_utf8(),
        };
        rest = &rest[length..];
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(sql: &str) -> Does {
        of(&format!("{sql:?}"))
    }

    #[test]
    fn a_statement_is_judged_by_its_words() {
        let cases = [
            ("SELECT a, updated_at FROM b", Use::Reads),
            ("\nSELECT a FROM b WHERE c = 'insert'", Use::Reads),
            ("WITH a AS (SELECT 1 FROM b) SELECT * FROM a", Use::Reads),
            ("SELECT a FROM b FOR UPDATE", Use::Locks),
            ("SELECT a FROM b FOR NO KEY UPDATE", Use::Locks),
            ("SELECT a FROM b WHERE id = ? LOCK IN SHARE MODE", Use::Locks),
            ("SELECT pg_advisory_xact_lock($1)", Use::Locks),
            ("SELECT a FROM b FOR UPDATE OF b SKIP LOCKED", Use::Claims),
            ("UPDATE b SET c = 1 WHERE a = (SELECT a FROM b FOR UPDATE SKIP LOCKED)", Use::Claims),
            ("SELECT record($1)", Use::Writes),
            ("SELECT a INTO c FROM b", Use::Writes),
            ("WITH a AS (DELETE FROM b RETURNING c) SELECT c FROM a", Use::Writes),
            ("SELECT nextval('a') FROM b", Use::Writes),
            ("insert into a values (1)", Use::Writes),
        ];
        for (sql, expected) in cases {
            assert_eq!(judged(sql).data, expected, "{sql}");
        }
    }

    #[test]
    fn a_statement_says_what_it_needs_of_its_connection() {
        let cases = [
            ("SELECT LAST_INSERT_ID()", Some(Effect::Recalls)),
            ("SELECT ROW_COUNT()", Some(Effect::Recalls)),
            ("SELECT FOUND_ROWS()", Some(Effect::Recalls)),
            ("SELECT @@last_insert_id", Some(Effect::Recalls)),
            ("SELECT @x", Some(Effect::Recalls)),
            ("SHOW WARNINGS", Some(Effect::Recalls)),
            ("SELECT last_insert_rowid()", Some(Effect::Recalls)),
            ("SELECT changes()", Some(Effect::Recalls)),
            ("SELECT currval('a_id_seq')", Some(Effect::Recalls)),
            ("SELECT lastval()", Some(Effect::Recalls)),
            ("SELECT CONNECTION_ID()", Some(Effect::Names)),
            ("SELECT pg_backend_pid()", Some(Effect::Names)),
            ("SELECT @x := 5", Some(Effect::Stays)),
            ("SELECT a FROM b LIMIT 1 INTO @x", Some(Effect::Stays)),
            ("SET @x = 5", Some(Effect::Stays)),
            ("SELECT GET_LOCK('a', 1)", Some(Effect::Stays)),
            ("SELECT pg_advisory_lock(1)", Some(Effect::Stays)),
            ("CREATE TEMPORARY TABLE t (a INT)", Some(Effect::Stays)),
            ("SELECT a INTO TEMP c FROM b", Some(Effect::Stays)),
            ("SELECT set_config('a', 'b', false)", Some(Effect::Stays)),
            ("-- why\nLISTEN jobs", Some(Effect::Stays)),
            ("SELECT 1; BEGIN", Some(Effect::Stays)),
            ("PRAGMA foreign_keys = OFF", Some(Effect::Stays)),
            ("SET LOCAL a = 1", Some(Effect::Lasts)),
            ("SELECT set_config('a', 'b', true)", Some(Effect::Lasts)),
            ("SELECT a FROM b FOR SHARE", Some(Effect::Lasts)),
            ("SELECT pg_try_advisory_xact_lock(1)", Some(Effect::Lasts)),
            ("CREATE TEMP TABLE t (a INT) ON COMMIT DROP", Some(Effect::Lasts)),
            ("UPDATE b SET c = 1 WHERE a = (SELECT a FROM b FOR UPDATE)", None),
            ("SELECT a, 'SET @x = 1', changes FROM b WHERE tags @> $1", None),
            ("INSERT INTO temp_log (begin, \"end\") VALUES ($1, $2)", None),
            ("PRAGMA foreign_keys", None),
        ];
        for (sql, expected) in cases {
            let found: Vec<Effect> = judged(sql).effects.into_iter().collect();
            assert_eq!(found, Vec::from_iter(expected), "{sql}");
        }
    }
}
