//! Advice on each finding.

use crate::allow;
use crate::findings::{Code, Finding, GuardKind, Use, Waits};

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
                _ => {
                    let second = match finding.takes_another && finding.waits != Waits::Connection {
                        true => "; it also takes a second connection (SA002)",
                        false => "",
                    };
                    format!("this waits for {what}, and the connection waits with it{second}")
                }
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

const COLLECT: &str = "collect the rows first (`fetch_all`), or read them in pages";

/// Returns what to change.
pub(crate) fn help(finding: &Finding) -> String {
    let guard = finding.guard.as_deref().unwrap_or("the connection");
    match finding.code {
        Code::Sa007 => COLLECT.to_owned(),
        Code::Sa001 | Code::Sa003 if finding.between_rows => COLLECT.to_owned(),
        Code::Sa001 | Code::Sa003 if finding.is_parameter => format!(
            "await `{}` in the caller, before it takes the connection or after it gives it back",
            finding.subject_text
        ),
        Code::Sa001 | Code::Sa003 => match finding.next_use {
            Some(_) if finding.before == Use::Nothing => format!(
                "take `{guard}` after line {}: no statement before it uses it",
                finding.line
            ),
            Some(next) => {
                let (first, second) =
                    (scope(finding, finding.before), scope(finding, finding.after));
                let rest = match finding.after {
                    Use::Nothing => String::new(),
                    _ if first == second => {
                        format!(", and those from line {} on into a second one", next.line)
                    }
                    _ => format!(", and those from line {} on into a `{second}`", next.line),
                };
                let loss = loss(finding).map_or(String::new(), |loss| format!("; {loss}"));
                format!(
                    "end `{guard}` before line {}: put the statements from line {} to here into \
                     one `{first}`{rest}{loss}",
                    finding.line, finding.acquired.line
                )
            }
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
            format!(
                "remove the comment, or mend it: {}. It allows a code that is found here, with a reason",
                allow::fault(&finding.subject_text)
            )
        }
    }
}

/// Returns the scope that some of a finding's statements become.
pub(crate) fn scope(finding: &Finding, part: Use) -> &'static str {
    match finding.guard_kind == GuardKind::Transaction && part >= Use::Writes {
        true => "db.transaction",
        false => "db.lease",
    }
}

/// Returns what a transaction loses if it is ended before the await.
pub(crate) fn loss(finding: &Finding) -> Option<&'static str> {
    if finding.guard_kind != GuardKind::Transaction {
        return None;
    }
    match finding.before {
        Use::Nothing | Use::Reads => None,
        Use::Locks => {
            Some("the locks end with the first: check later if the rows are still the same")
        }
        Use::Writes => Some(
            "the first is committed before the await, and stays committed if what is awaited fails",
        ),
        Use::Claims => {
            Some("the locks end with the first: claim the rows with a time, then complete them")
        }
    }
}

/// Returns the address of the recipe that fits a code, for codes that have one.
pub fn recipe(code: Code) -> Option<String> {
    let section = match code {
        Code::Sa001 | Code::Sa003 => "cookbook.md#remote-calls-that-cannot-be-misplaced",
        Code::Sa002 => "cookbook.md#several-reads-of-one-state",
        Code::Sa006 => "migration.md#a-transaction-held-by-an-extractor",
        Code::Sa007 | Code::Sa010 => "recipes.md#pages-instead-of-a-stream",
        Code::Sa008 => "cookbook.md#a-time-limit-on-one-statement",
        _ => return None,
    };
    Some(address(section))
}

/// Returns the address of the recipe that fits the code around a finding.
pub(crate) fn recipe_of(finding: &Finding) -> Option<String> {
    match shape(finding) {
        Some(section) => Some(address(section)),
        // Those of the code are about other services.
        None if is_idle(finding) => None,
        None => recipe(finding.code),
    }
}

/// Returns true if only time, a lock or another task is waited for.
fn is_idle(finding: &Finding) -> bool {
    matches!(finding.waits, Waits::Sleep | Waits::Lock | Waits::Channel | Waits::Join)
        && finding.code == Code::Sa003
}

fn shape(finding: &Finding) -> Option<&'static str> {
    let idle = matches!(finding.waits, Waits::Sleep | Waits::Lock | Waits::Channel);
    let in_transaction = finding.guard_kind == GuardKind::Transaction;
    match (finding.before, finding.after) {
        _ if !finding.is_between_statements() => None,
        _ if finding.between_rows => Some("recipes.md#pages-instead-of-a-stream"),
        (Use::Claims, _) => Some("recipes.md#a-job-queue-claim-call-complete"),
        _ if finding.is_middleware => Some("recipes.md#authentication-middleware"),
        _ if idle => None,
        (Use::Writes, Use::Nothing | Use::Reads) if in_transaction => {
            Some("recipes.md#an-outbox-commit-only-if-the-mail-was-sent")
        }
        (Use::Writes, _) if in_transaction => Some("recipes.md#compensation"),
        (Use::Reads | Use::Locks | Use::Writes, Use::Writes | Use::Claims) => {
            Some("recipes.md#read-call-write")
        }
        _ => None,
    }
}

fn address(section: &str) -> String {
    format!("{}/blob/main/docs/{section}", env!("CARGO_PKG_REPOSITORY"))
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
