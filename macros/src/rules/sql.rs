//! SQL in literals, as words: what SL005 and SL011 read.

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

/// Tells whether a statement calls a function of this name.
pub(crate) fn calls(words: &[&str], name: &str) -> bool {
    words.windows(2).any(|pair| pair == [name, "("])
}

/// Returns whether each call of `set_config(name, value, is_local)` says that it is local.
pub(crate) fn local_settings(words: &[&str]) -> impl Iterator<Item = bool> {
    let settings = words.windows(2).enumerate().filter(|(_, pair)| **pair == ["set_config", "("]);
    settings.map(|(at, _)| last_argument(&words[at + 2..]) == Some("true"))
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

/// Tells whether what is created, after `CREATE`, is in the session only: by a word for it, or by its schema.
pub(crate) fn temporary(words: &[&str]) -> bool {
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

pub(crate) fn follows(words: &[&str], first: &str, second: &str) -> bool {
    words.windows(2).any(|pair| pair == [first, second])
}

/// Returns the statements that a session runs: not those of a trigger's or a function's body, from its
/// `BEGIN` to the `END` that stands alone. The text is in lower case.
pub(crate) fn statements(sql: &str) -> Vec<Vec<&str>> {
    let mut within = false;
    let mut statements = separated(sql);
    statements.retain(|words| {
        let has = |word| words.contains(&word);
        let body = std::mem::replace(
            &mut within,
            words.first() == Some(&"create")
                && ["trigger", "function", "procedure"].into_iter().any(has)
                && has("begin"),
        );
        within |= body && *words != ["end"];
        !body
    });
    statements
}

/// Returns what stands between semicolons, as words, `(`, `)`, `.`, `=`, `:=` and the `@` of a variable;
/// without comments, strings and quoted names.
fn separated(sql: &str) -> Vec<Vec<&str>> {
    let (mut statements, mut words) = (Vec::new(), Vec::new());
    let mut rest = sql;
    let mut before = ' ';
    while let Some(first) = rest.chars().next() {
        let after = &rest[first.len_utf8()..];
        let last = std::mem::replace(&mut before, first);
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
                statements.push(std::mem::take(&mut words));
                after
            }
            ':' if after.starts_with('=') => {
                words.push(":=");
                &after[1..]
            }
            // Not an operator of PostgreSQL, such as `@>`, `<@` and `@@`, nor a system variable.
            '@' if !matches!(last, '@' | '<') && after.starts_with(is_of_name) => {
                words.push("@");
                after
            }
            '(' | ')' | '.' | '=' => {
                words.push(&rest[..1]);
                after
            }
            first if is_of_name(first) => {
                let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_');
                let (word, rest) = rest.split_at(end.unwrap_or(rest.len()));
                match rest.strip_prefix('\'') {
                    Some(escaped) if word == "e" => past_escaped(escaped),
                    _ => {
                        words.push(word);
                        rest
                    }
                }
            }
            _ => after,
        };
    }
    statements.push(words);
    statements
}

fn is_of_name(char: char) -> bool {
    char.is_alphabetic() || char == '_'
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
