//! Advice on each finding.

use crate::findings::{Code, Finding, Waits};

/// Returns the reason why the finding's await holds up the pool.
pub(crate) fn note(finding: &Finding) -> Option<String> {
    match finding.code {
        Code::Sa001 | Code::Sa006 | Code::Sa007 | Code::Sa009
            if finding.waits != Waits::Nothing =>
        {
            let what = finding.waits.words();
            Some(match finding.waits {
                Waits::Unknown => {
                    "the awaited future is not given the connection, so it does not wait for this \
                     connection's database call"
                        .to_owned()
                }
                _ => format!("this waits for {what}, and the connection waits with it"),
            })
        }
        Code::Sa002 => Some(
            "if all connections of the pool are held by tasks that wait for a second one, none of \
             them goes on"
                .to_owned(),
        ),
        Code::Sa005 => Some(
            "a transaction that is dropped is rolled back later: with sqlx when its connection goes \
             back to the pool, or is used next"
                .to_owned(),
        ),
        Code::Sa008 => Some(
            "a cancelled `begin()` of sqlx 0.9 can return a connection with an open transaction to \
             the pool"
                .to_owned(),
        ),
        Code::Sa010 => Some(
            "the reader of the stream decides how long the connection is held".to_owned(),
        ),
        _ => None,
    }
}

/// Returns what to change.
pub(crate) fn help(finding: &Finding) -> String {
    let guard = finding.guard.as_deref().unwrap_or("the connection");
    match finding.code {
        Code::Sa001 | Code::Sa003 if finding.is_parameter => format!(
            "await `{}` in the caller, before it takes the connection or after it gives it back",
            finding.subject_text
        ),
        Code::Sa001 | Code::Sa003 => match finding.next_use {
            Some(next) => format!(
                "end `{guard}` before line {}: put the statements from line {} to here into one \
                 lease, and those from line {} on into a second one",
                finding.line, finding.acquired.line, next.line
            ),
            None => format!(
                "`{guard}` is not used again: end its scope, or `drop({guard})`, before line {}",
                finding.line
            ),
        },
        Code::Sa002 => {
            format!("pass `{guard}` to it, or do it before line {}", finding.acquired.line)
        }
        Code::Sa004 => "do this before the connection is taken, or in `spawn_blocking`".to_owned(),
        Code::Sa005 => "commit it or roll it back on every path that does not fail".to_owned(),
        Code::Sa006 => {
            "take the pool as a parameter, and a connection where it is needed".to_owned()
        }
        Code::Sa007 => "collect the rows first (`fetch_all`), or read them in pages".to_owned(),
        Code::Sa008 => {
            "set the pool's `acquire_timeout`, and let `begin()` run to its end".to_owned()
        }
        Code::Sa009 => {
            "bind the result with `let` first: the temporary then ends with that line".to_owned()
        }
        Code::Sa010 => {
            "read a page with a connection, give it back, then yield the page".to_owned()
        }
        Code::Sa011 => {
            "remove the comment, or give it a code that is found here and a reason".to_owned()
        }
    }
}

/// Returns the address of the recipe that shows the right code, for codes that have one.
pub fn recipe(code: Code) -> Option<String> {
    let section = match code {
        Code::Sa001 | Code::Sa003 => "remote-calls-that-cannot-be-misplaced",
        Code::Sa002 => "several-reads-of-one-state",
        Code::Sa007 | Code::Sa010 => "rows-as-a-stream",
        Code::Sa008 => "a-time-limit-on-one-statement",
        _ => return None,
    };
    let repository = env!("CARGO_PKG_REPOSITORY");
    Some(format!("{repository}/blob/main/docs/cookbook.md#{section}"))
}

/// Returns the long text of `--explain`.
pub fn explain(code: Code) -> &'static str {
    match code {
        Code::Sa001 => include_str!("explain/SA001.md"),
        Code::Sa002 => include_str!("explain/SA002.md"),
        Code::Sa003 => include_str!("explain/SA003.md"),
        Code::Sa004 => include_str!("explain/SA004.md"),
        Code::Sa005 => include_str!("explain/SA005.md"),
        Code::Sa006 => include_str!("explain/SA006.md"),
        Code::Sa007 => include_str!("explain/SA007.md"),
        Code::Sa008 => include_str!("explain/SA008.md"),
        Code::Sa009 => include_str!("explain/SA009.md"),
        Code::Sa010 => include_str!("explain/SA010.md"),
        Code::Sa011 => include_str!("explain/SA011.md"),
    }
}
