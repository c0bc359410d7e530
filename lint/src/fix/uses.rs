//! The use that code makes of its connection, helpers included.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ops::Range;
use std::panic::catch_unwind;
use std::rc::Rc;

use super::code::VERBS;
use super::sql::{self, Does};
use super::tokens::{Token, are, group, has, list, name, within};
use crate::audited::Audited;
use crate::findings::{Finding, Use};
use crate::index::FnId;
use crate::libraries::{self, Library};
use crate::syntax::visit::each_in_block;
use crate::syntax::{Kind, Pat, Span};

/// A connection's variable, and the library it is of.
#[derive(Clone, Copy)]
pub(super) struct Held<'v> {
    /// None if it has none: then all code may use the connection.
    pub variable: Option<&'v str>,
    pub library: Option<Library>,
}

/// Answers what code does with its connection.
pub(crate) struct Uses<'a> {
    audited: &'a Audited<'a>,
    /// The tokens of the bodies of functions; none of one that is not known.
    bodies: RefCell<BTreeMap<FnId, Option<Rc<[Token]>>>>,
    /// The use that functions make of a parameter. One that calls itself may do anything.
    known: RefCell<BTreeMap<(FnId, Option<usize>), Does>>,
}

impl<'a> Uses<'a> {
    pub(crate) fn new(audited: &'a Audited<'a>) -> Uses<'a> {
        Uses { audited, bodies: RefCell::default(), known: RefCell::default() }
    }

    /// Returns the bytes of a function's body, and its tokens.
    fn body(&self, id: FnId) -> Option<(Range<usize>, Rc<[Token]>)> {
        let info = self.audited.index.function(id);
        let span = info.item.body.as_ref()?.span;
        let bytes = span.lo as usize..span.hi as usize;
        let text = &self.audited.files[info.file.0 as usize].text;
        let read = || catch_unwind(|| list(text, &bytes)).ok().flatten().map(Rc::from);
        let tokens = self.bodies.borrow_mut().entry(id).or_insert_with(read).clone()?;
        Some((bytes, tokens))
    }

    /// Returns what a finding's function does before the await and after it. In a loop, all of the loop is both.
    pub(crate) fn around(&self, finding: &Finding) -> (Use, Use) {
        let id = FnId::at(finding.function_index);
        let info = self.audited.index.function(id);
        let Some((body, _)) = self.body(id) else { return (Use::Writes, Use::Writes) };
        let acquired = finding.acquired.span;
        let mut before = acquired.hi..finding.subject.span.lo;
        let mut after = finding.span.hi;
        for repeated in loops(info.item.body.as_ref(), finding.span) {
            if repeated.lo > acquired.lo {
                before.end = before.end.max(repeated.hi);
                after = after.min(repeated.lo);
            }
        }
        let start = if finding.is_parameter { body.start } else { before.start as usize };
        let guards = &self.audited.facts(id).guards;
        let guard = guards.iter().find(|guard| guard.span == acquired);
        let library = guard.and_then(|guard| guard.library);
        let held = Held { variable: finding.guard.as_deref(), library };
        let before = self.of(id, &(start..before.end as usize), held);
        (before.data, self.of(id, &(after as usize..body.end), held).data)
    }

    /// Returns what the code in some bytes of a function does with a connection.
    pub(super) fn of(&self, id: FnId, bytes: &Range<usize>, held: Held<'_>) -> Does {
        let Some((_, tokens)) = self.body(id) else { return Does::anything() };
        let parts = within(&tokens, bytes).split(|token| [";", "{", "}"].contains(&&*token.text));
        let uses = parts.filter(|part| held.variable.is_none_or(|variable| uses(part, variable)));
        uses.map(|part| self.part(id, part, held.library)).fold(Does::nothing(), Does::and)
    }

    /// Returns true if the code in some bytes of a function runs one statement, itself or by one helper.
    pub(super) fn runs_once(&self, id: FnId, bytes: &Range<usize>, depth: usize) -> bool {
        let Some((_, tokens)) = self.body(id) else { return false };
        let part = within(&tokens, bytes);
        let once = part.iter().filter(|token| token.text == "await").count() == 1
            && !["for", "while", "loop"].iter().any(|word| has(part, word));
        let edges = self.audited.facts(id).edges.iter();
        let mut called = edges.filter(|edge| bytes.contains(&(edge.span.lo as usize)));
        let by_helper = |helper: FnId| {
            let body = self.body(helper).map(|(body, _)| body);
            depth > 0 && body.is_some_and(|body| self.runs_once(helper, &body, depth - 1))
        };
        once && called.all(|edge| by_helper(edge.callee))
    }

    fn part(&self, id: FnId, part: &[Token], library: Option<Library>) -> Does {
        let (Some(first), Some(last)) = (part.first(), part.last()) else { return Does::nothing() };
        let bytes = first.bytes.start..last.bytes.end;
        let index = self.audited.index;
        let edges = self.audited.facts(id).edges.iter();
        let edges = edges.filter(|edge| bytes.contains(&(edge.span.lo as usize)));
        let edges: Vec<_> = edges.filter(|edge| !index.is_declaration(edge.callee)).collect();
        let called = edges.iter().map(|edge| self.function(edge.callee, edge.param, library));
        let called = called.reduce(Does::and);
        // A helper is judged by its body, whatever its name.
        let helper = |token: &Token| {
            edges.iter().any(|edge| index.function(edge.callee).item.name == token.text)
        };
        let part: Vec<Token> = part.iter().filter(|token| !helper(token)).cloned().collect();
        let part = part.as_slice();
        let own = match library {
            _ if called.is_some() && !runs_statements(part) => Does::nothing(),
            Some(Library::DieselAsync | Library::SeaOrm) => {
                Does { data: by_words(part), ..Does::nothing() }
            }
            _ => {
                let found = in_literals(part).or_else(|| in_literals(&self.queries(id, part)));
                found.unwrap_or_else(Does::anything)
            }
        };
        own.and(called.unwrap_or_else(Does::nothing))
    }

    /// Returns the statements that bind the queries which some code of a function runs: those that await nothing.
    fn queries(&self, id: FnId, part: &[Token]) -> Vec<Token> {
        let runs = part.iter().any(|token| VERBS.contains(&token.text.as_str()));
        let Some((_, body)) = self.body(id).filter(|_| runs) else { return Vec::new() };
        let statements = body.split(|token| [";", "{", "}"].contains(&&*token.text));
        let bound = |statement: &&[Token]| {
            let texts: Vec<&str> =
                statement.iter().take(3).map(|token| token.text.as_str()).collect();
            let variable = match texts.as_slice() {
                ["let", "mut", variable] | ["let", variable, _] => *variable,
                _ => return false,
            };
            has(part, variable) && !has(statement, "await")
        };
        statements.filter(bound).flatten().cloned().collect()
    }

    /// Returns what a function does with the connection that it is given.
    fn function(&self, id: FnId, param: Option<usize>, library: Option<Library>) -> Does {
        if let Some(known) = self.known.borrow().get(&(id, param)) {
            return known.clone();
        }
        self.known.borrow_mut().insert((id, param), Does::anything());
        let info = self.audited.index.function(id);
        let Some((body, _)) = self.body(id) else { return Does::anything() };
        let variable = match param.map(|position| info.item.params.get(position)) {
            Some(Some(param)) => match &param.pat {
                Pat::Bind { name, .. } => Some(name.as_str()),
                _ => None,
            },
            Some(None) => None,
            None => Some("self"),
        };
        let found = self.of(id, &body, Held { variable, library });
        self.known.borrow_mut().insert((id, param), found.clone());
        found
    }
}

/// Returns the loops around some code.
pub(super) fn loops(body: Option<&crate::syntax::Block>, inner: Span) -> Vec<Span> {
    let mut loops = Vec::new();
    if let Some(body) = body {
        each_in_block(body, &mut |expr| {
            let repeats =
                matches!(expr.kind, Kind::For { .. } | Kind::While { .. } | Kind::Loop { .. });
            if repeats && expr.span.lo < inner.lo && inner.hi <= expr.span.hi {
                loops.push(expr.span);
            }
        });
    }
    loops
}

/// Returns true if some code uses a connection for more than to end it.
fn uses(part: &[Token], variable: &str) -> bool {
    let ends = |at: usize| {
        // `self.tx.commit()`
        let text = |at: usize| part.get(at).map_or("", |token| token.text.as_str());
        let mut last = at;
        while text(last + 1) == "." && text(last + 3) == "." {
            last += 2;
        }
        let method = part.get(last + 1..last + 4).unwrap_or_default();
        let commits = ["commit", "rollback", "close"].iter();
        let dropped = at.checked_sub(2).and_then(|from| part.get(from..at + 2));
        commits.map(|end| [".", end, "("]).any(|end| are(method, &end))
            || dropped.is_some_and(|call| are(call, &["drop", "(", variable, ")"]))
    };
    let mut named = (0..part.len()).filter(|at| name(&part[*at..=*at], variable));
    named.any(|at| !ends(at))
}

/// Returns true if some code may run statements itself, beside the helpers that it calls.
fn runs_statements(part: &[Token]) -> bool {
    const WORDS: [&str; 10] = [
        "sqlx", "query", "query_as", "query_scalar", "execute", "fetch_one", "fetch_all",
        "fetch_optional", "exec", "load",
    ];
    part.iter().any(|token| WORDS.contains(&token.text.as_str()))
}

/// Judges code by its SQL, if there is any.
fn in_literals(part: &[Token]) -> Option<Does> {
    const NO_SQL: [&str; 14] = [
        "bind", "get", "try_get", "context", "with_context", "expect", "ok_or", "ok_or_else",
        "trace", "debug", "info", "warn", "error", "println",
    ];
    let mut found: Option<Does> = None;
    let mut at = 0;
    while let Some(token) = part.get(at) {
        at += 1;
        if NO_SQL.contains(&token.text.as_str()) {
            let macro_call = part.get(at).is_some_and(|next| next.text == "!");
            let open = at + usize::from(macro_call);
            let is_open = part.get(open).is_some_and(|next| next.text == "(");
            let skipped = if is_open { group(part, open) } else { &[] };
            if !skipped.is_empty() && !has(skipped, "await") {
                at = open + 1 + skipped.len();
            }
        } else if token.text.contains('"') {
            found = Some(found.unwrap_or_else(Does::nothing).and(sql::of(&token.text)));
        }
    }
    found
}

/// Judges code on diesel-async or sea-orm by the names of its methods.
fn by_words(part: &[Token]) -> Use {
    const READS: [&str; 10] = [
        "first", "load", "get_result", "get_results", "one", "all", "count", "find", "find_by_id",
        "paginate",
    ];
    let called = |at: usize| part.get(at + 1).is_some_and(|next| ["(", ":"].contains(&&*next.text));
    let calls: Vec<&str> =
        (0..part.len()).filter(|at| called(*at)).map(|at| part[at].text.as_str()).collect();
    let has = |words: &[&str]| calls.iter().any(|call| words.contains(call));
    let writes = calls.iter().any(|call| {
        libraries::writes(call)
            || ["insert", "update", "delete", "save", "replace_into", "copy_from"]
                .iter()
                .any(|word| call.starts_with(word))
    });
    match () {
        () if has(&["skip_locked"]) => Use::Claims,
        () if writes || !has(&READS) => Use::Writes,
        () if has(&["for_update", "for_no_key_update", "lock", "lock_exclusive"]) => Use::Locks,
        () => Use::Reads,
    }
}
