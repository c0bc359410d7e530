//! The server's limit for one statement. A shorter one stays, be it of the URL, the role, the database or the server.

/// The setting by which a session knows our limit, in milliseconds, so that it is there after a reset too.
pub(super) const OURS: &str = "shortlease.statement_timeout";

/// An expression that lowers the limit to the milliseconds `ours`; if they are NULL, it stays.
macro_rules! lower {
    (local: $local:literal) => {
        concat!(
            "set_config('statement_timeout', (1000 * extract(epoch FROM least( \
             nullif(current_setting('statement_timeout')::interval, interval '0'), \
             interval '1 ms' * ours)))::bigint::text, ",
            $local,
            ")"
        )
    };
}

/// A row with the limit that the session knows as `ours`. NULL if it knows none.
macro_rules! ours {
    () => {
        "(SELECT current_setting('shortlease.statement_timeout', true)::bigint AS ours) AS limits"
    };
}

pub(super) use {lower, ours};
