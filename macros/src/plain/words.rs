//! The words that mean something here, and to whom.

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Word {
    Other,
    Let,
    For,
    In,
    /// What a block comes after.
    Head,
    /// Between an operand and a type.
    As,
    Mut,
    Await,
    /// After a dot: a lease or a transaction.
    Lease,
    Transaction,
    /// After a dot: one of `sqlx`'s verbs.
    Verb,
    Fetch,
    /// What names a raw connection, or opens one.
    Door,
    /// What blocks, or may.
    Blocking,
    /// As `Blocking`, after a dot.
    BlockingMethod,
    /// What begins an item, in which nothing is looked at.
    Item,
    /// What else asks for a closer look.
    Notable,
}

/// What a word is, wherever it stands.
// By its bytes, which rustc turns into a tree of decisions: comparing strings one after the other is
// what would cost most here.
pub(super) fn word(name: &str) -> Word {
    match name.as_bytes() {
        b"let" => Word::Let,
        b"for" => Word::For,
        b"in" => Word::In,
        b"if" | b"else" | b"match" | b"while" | b"loop" => Word::Head,
        b"as" => Word::As,
        b"mut" => Word::Mut,
        b"await" => Word::Await,
        b"lease" => Word::Lease,
        b"transaction" => Word::Transaction,
        b"execute" | b"fetch_all" | b"fetch_one" | b"fetch_optional" => Word::Verb,
        b"fetch" => Word::Fetch,
        b"acquire" | b"try_acquire" | b"begin" | b"try_begin" | b"begin_with"
        | b"try_begin_with" | b"Pool" | b"PoolConnection" | b"Transaction" | b"Executor"
        | b"Acquire" | b"PgPool" | b"PgConnection" | b"PgTransaction" | b"PgListener"
        | b"SqlitePool" | b"SqliteConnection" | b"SqliteTransaction" | b"MySqlPool"
        | b"MySqlConnection" | b"MySqlTransaction" | b"AnyPool" | b"AnyConnection"
        | b"AnyTransaction" | b"PgExecutor" | b"SqliteExecutor" | b"MySqlExecutor"
        | b"AnyExecutor" => Word::Door,
        b"sleep" | b"sleep_ms" | b"park" | b"park_timeout" | b"sleep_until" | b"block_on"
        | b"block_in_place" | b"blocking" | b"ureq" | b"net" | b"TcpStream" | b"TcpListener"
        | b"UdpSocket" | b"UnixStream" | b"UnixListener" => Word::Blocking,
        b"blocking_recv" | b"blocking_send" | b"blocking_lock" | b"blocking_read"
        | b"blocking_write" | b"join" | b"output" | b"status" | b"wait" | b"wait_with_output" => {
            Word::BlockingMethod
        }
        b"fn" | b"impl" | b"trait" | b"mod" | b"macro_rules" | b"struct" | b"enum" | b"union"
        | b"const" | b"static" | b"extern" | b"use" | b"type" => Word::Item,
        b"savepoint" | b"unchecked" | b"async" | b"move" | b"return" | b"break" | b"continue"
        | b"unsafe" | b"yield" | b"gen" | b"dyn" | b"where" | b"do" | b"try" | b"become"
        | b"box" | b"macro" | b"abstract" | b"final" | b"override" | b"priv" | b"typeof"
        | b"unsized" | b"virtual" => Word::Notable,
        name if name.starts_with(b"r#") => Word::Notable,
        _ => Word::Other,
    }
}

/// Whether a literal, as it is written, may be SQL that changes the session.
pub(super) fn is_notable(literal: &str) -> bool {
    let text = literal.as_bytes();
    match text.first() {
        Some(b'"') => {}
        Some(b'r') => return true,
        _ => return false,
    }
    if text.len() < 8 || !begins_harmlessly(&text[1..7]) {
        return text.contains(&b'\\')
            || crate::sql::session_state(literal.trim_matches('"')).is_some();
    }
    let mut before = 0;
    for &byte in text {
        let lower = byte | 0x20;
        // Several statements; an escape, which may be any character; a lock, `set_config`. Beyond ASCII
        // there is another `k`.
        if matches!(byte, b';' | b'\\')
            || !byte.is_ascii()
            || (before == b'c' && lower == b'k')
            || (before == b'_' && lower == b'c')
        {
            return true;
        }
        before = if byte == b'_' { byte } else { lower };
    }
    false
}

fn begins_harmlessly(first: &[u8]) -> bool {
    matches!(
        first,
        b"SELECT"
            | b"INSERT"
            | b"UPDATE"
            | b"DELETE"
            | b"select"
            | b"insert"
            | b"update"
            | b"delete"
    )
}
