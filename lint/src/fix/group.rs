//! Functions that share helpers, and those of them that are converted.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use syn::spanned::Spanned;
use ustr::Ustr;

use super::calls::{callers, calls, written};
use super::edits::Edits;
use super::functions::Found;
use super::sql::Does;
use super::tokens::File;
use super::uses::{Held, Uses};
use super::{body, either, errors, functions, helper, pool, uses};
use crate::analysis::{Facts, Guard, GuardId, Origin};
use crate::audited::Audited;
use crate::findings::Use;
use crate::index::{Def, FnId, FnOwner};
use crate::libraries::Library;
use crate::syntax::{Span, Ty};

/// The functions that a conversion reaches: callers of helpers, and helpers of callers.
pub(super) struct Group {
    pub functions: BTreeSet<FnId>,
}

/// The conversion of a group.
pub(super) struct Converted {
    pub edits: Edits,
    pub functions: BTreeSet<FnId>,
    /// The functions that stay as they are, each with the one that is why, and its reason.
    pub stay: BTreeMap<FnId, (FnId, String)>,
}

impl Group {
    pub(super) fn of(audited: &Audited<'_>, start: FnId) -> Group {
        let mut functions = BTreeSet::new();
        let mut open = vec![start];
        while let Some(id) = open.pop() {
            if functions.insert(id) {
                open.extend(callees(audited, id));
                open.extend(givers(audited, id));
            }
        }
        Group { functions }
    }

    /// Converts what can be. A helper that a function which stays gives its connection to serves both, and a function whose
    /// helper stays does so too: that is gone through until nothing more stays.
    pub(super) fn convert(
        &self,
        audited: &Audited<'_>,
        files: &[Option<File<'_>>],
        uses: &Uses<'_>,
    ) -> Converted {
        let mut made: BTreeMap<(FnId, bool), Result<Edits, String>> = BTreeMap::new();
        let mut stay: BTreeMap<FnId, (FnId, String)> = BTreeMap::new();
        loop {
            let shared = shared(audited, &stay);
            let (mut edits, mut functions) = (Edits::default(), BTreeSet::new());
            let mut more = BTreeMap::new();
            for id in &self.functions {
                if let Some((_, reason)) = stay.get(id) {
                    for helper in callees(audited, *id).filter(|helper| shared.contains_key(helper))
                    {
                        if let Err(but) = either::lend(audited, files, *id, helper, &mut edits) {
                            let (shown, line, name) = audited.place(*id);
                            let reason = format!(
                                "serves `{name}` ({shown}:{line}) too, which {reason}: {but}"
                            );
                            more.insert(helper, (helper, reason));
                        }
                    }
                    continue;
                }
                if let Some(why) = callees(audited, *id).find_map(|helper| stay.get(&helper)) {
                    more.insert(*id, why.clone());
                    continue;
                }
                let serves = shared.get(id);
                let one = made.entry((*id, serves.is_some())).or_insert_with(|| {
                    let mut edits = Edits::default();
                    convert(audited, files, uses, *id, serves.is_some(), &mut edits).map(|()| edits)
                });
                match (one, serves) {
                    // It is converted already.
                    (Ok(one), _) if one.by_file.is_empty() => {}
                    (Ok(one), _) => {
                        functions.insert(*id);
                        edits.extend(one.clone());
                    }
                    (Err(reason), None) => drop(more.insert(*id, (*id, reason.clone()))),
                    (Err(reason), Some(other)) => {
                        let (shown, line, name) = audited.place(*other);
                        let reason = format!("{reason}, and serves `{name}` ({shown}:{line}) too");
                        more.insert(*id, (*id, reason));
                    }
                }
            }
            if more.is_empty() {
                return Converted { edits, functions, stay };
            }
            stay.extend(more);
        }
    }
}

/// Returns the helpers that functions which stay need, each with one that does.
fn shared(audited: &Audited<'_>, stay: &BTreeMap<FnId, (FnId, String)>) -> BTreeMap<FnId, FnId> {
    let mut shared = BTreeMap::new();
    let mut open: Vec<(FnId, FnId)> = stay.keys().map(|id| (*id, *id)).collect();
    while let Some((other, id)) = open.pop() {
        for helper in callees(audited, id).filter(|helper| !stay.contains_key(helper)) {
            if shared.insert(helper, other).is_none() {
                open.push((other, helper));
            }
        }
    }
    shared
}

/// Returns the functions that this one gives a connection.
fn callees(audited: &Audited<'_>, id: FnId) -> impl Iterator<Item = FnId> {
    audited.facts(id).edges.iter().map(|edge| edge.callee)
}

/// Returns the functions that give this one a connection.
fn givers(audited: &Audited<'_>, id: FnId) -> impl Iterator<Item = FnId> {
    let gives = move |facts: &Facts| facts.edges.iter().any(|edge| edge.callee == id);
    audited
        .facts
        .iter()
        .enumerate()
        .filter(move |(_, facts)| gives(facts))
        .map(|(at, _)| FnId::at(at))
}

fn convert(
    audited: &Audited<'_>,
    files: &[Option<File<'_>>],
    uses: &Uses<'_>,
    id: FnId,
    serves_both: bool,
    edits: &mut Edits,
) -> Result<(), String> {
    let info = audited.index.function(id);
    let at = info.file.0 as usize;
    let (file, function) = functions::of(audited, files, id).ok_or(match files[at] {
        None => "is in a file that cannot be read",
        Some(_) => "is a trait's own method, or comes from a macro",
    })?;
    if is_leased(audited, id) {
        let is_done = audited.facts(id).candidates.is_empty()
            && callees(audited, id).all(|helper| is_leased(audited, helper));
        return if is_done { Ok(()) } else { Err("is code of shortlease already".to_owned()) };
    }
    if let Some(name) = function.strange_attribute(file.text.contains("rmcp")) {
        return Err(format!(
            "has the attribute `{name}`, which may change it: convert it by hand, with `#[handler]` above that"
        ));
    }
    let guards: Vec<(usize, &Guard)> =
        audited.facts(id).guards.iter().enumerate().filter(|(_, guard)| guard.certain).collect();
    let [(position, guard)] = guards.as_slice() else {
        return Err(match guards.len() {
            0 => match either::executor(audited, id, &function) {
                Some(executor) => {
                    only_talks_to_the_database(audited, id, executor.guard)?;
                    either::is_callable(audited, files, id)?;
                    let guard = executor.guard;
                    let helper = |byte: usize| gives(audited, id, guard, byte);
                    let does = uses.of(id, &function.body(), sqlx(Some(&executor.variable)));
                    return either::convert(at, file, &function, &executor, &helper, &does, edits);
                }
                None => generic(audited, file, &function, id),
            },
            several => several_of(file, &guards, several),
        });
    };
    let helper = |byte: usize| gives(audited, id, GuardId(*position), byte);
    match guard.origin {
        Origin::Acquired if guard.library == Some(Library::Sqlx) && !guard.wrapped => {
            let opening = body::opening(file, &function, guard.span.lo as usize)?;
            let ending = match opening.mapping {
                Some(_) => None,
                None => Some(errors::of(audited, id)?),
            };
            let is_called = function.of_trait.is_some()
                || !written(audited, files, id).is_ok_and(|calls| calls.is_empty());
            let handle = pool::replace(audited, files, id, &opening.pool, edits)?;
            let held = sqlx(Some(&opening.variable));
            let does = |bytes: &Range<usize>| uses.of(id, bytes, held);
            let elsewhere = |bytes: &Range<usize>| elsewhere(audited, file, id, bytes);
            let other_error = |bytes: &Range<usize>| other_error(audited, id, bytes);
            let reads_once = |bytes: &Range<usize>| {
                let only_reads = Does { data: Use::Reads, ..Does::nothing() };
                uses.runs_once(id, bytes, 4)
                    && uses.of(id, bytes, held) == only_reads
                    && !called(audited, id, bytes).any(|id| takes_transaction(audited, files, id))
            };
            let proven = body::Proven {
                does: &does,
                elsewhere: &elsewhere,
                other_error: &other_error,
                reads_once: &reads_once,
                helper: &helper,
            };
            let arguments = ending.as_ref().map_or("", |ending| ending.arguments.as_str());
            let attribute = format!("#[shortlease::handler{arguments}]");
            body::convert(at, file, &function, &opening, (&handle, &attribute), &proven, edits)?;
            match ending {
                Some(ending) if ending.is_replaced() && !is_called => {
                    errors::replace(at, file, &function, edits)?;
                }
                Some(errors::Ending { takes: errors::ErrorType::Lacks(id), .. }) => {
                    errors::implement(audited, files, id, edits)?;
                }
                _ => {}
            }
            Ok(())
        }
        Origin::Param(param) => {
            only_talks_to_the_database(audited, id, GuardId(*position))?;
            let variable = function.params().nth(param).and_then(|(variable, _)| variable);
            let does = uses.of(id, &function.body(), sqlx(variable.as_deref()));
            if serves_both {
                either::is_callable(audited, files, id)?;
            } else if info.item.receiver.is_none() {
                written(audited, files, id)?;
            }
            helper::convert(at, file, &function, (param, serves_both), &helper, &does, edits)
        }
        Origin::Acquired => Err("takes its connection from another library".to_owned()),
        _ => Err("is given its connection by a framework or a closure".to_owned()),
    }
}

/// Returns why some statements cannot be a lease: an await in them that is not given the connection.
fn elsewhere(
    audited: &Audited<'_>,
    file: &File<'_>,
    id: FnId,
    bytes: &Range<usize>,
) -> Option<String> {
    let spans = audited.facts(id).candidates.iter().map(|other| other.span);
    let first = spans.filter(|span| bytes.contains(&(span.lo as usize))).min()?;
    let body = audited.index.function(id).item.body.as_ref();
    let in_loop =
        uses::loops(body, first).iter().any(|repeated| bytes.contains(&(repeated.lo as usize)));
    let place = if in_loop { "inside a loop that uses" } else { "within a statement of" };
    let line = file.line(first.lo as usize);
    Some(format!("awaits something else {place} its connection (line {line})"))
}

/// Returns a helper that is called in some bytes of a function and ends in another error than that of sqlx.
fn other_error(audited: &Audited<'_>, id: FnId, bytes: &Range<usize>) -> Option<String> {
    let is_other = |id: &FnId| {
        !errors::of(audited, *id).is_ok_and(|ending| ending.takes == errors::ErrorType::Sqlx)
    };
    called(audited, id, bytes).find(is_other).map(|id| audited.place(id).2)
}

/// Returns the helpers that are given a connection in some bytes of a function.
fn called(audited: &Audited<'_>, id: FnId, bytes: &Range<usize>) -> impl Iterator<Item = FnId> {
    let edges = audited.facts(id).edges.iter();
    edges.filter(|edge| bytes.contains(&(edge.span.lo as usize))).map(|edge| edge.callee)
}

/// Returns true if a helper takes a transaction, and no connection without one.
fn takes_transaction(audited: &Audited<'_>, files: &[Option<File<'_>>], id: FnId) -> bool {
    let Some((_, function)) = functions::of(audited, files, id) else { return true };
    function.params().any(|(_, ty)| helper::leased_type(ty).is_some_and(|(kind, _)| kind == "Tx"))
}

/// Returns a connection of sqlx with its variable.
fn sqlx(variable: Option<&str>) -> Held<'_> {
    Held { variable, library: Some(Library::Sqlx) }
}

/// Returns why a function that holds several connections is not converted. A loop is read twice, and so are its guards.
fn several_of(file: &File<'_>, guards: &[(usize, &Guard)], several: usize) -> String {
    let mut lines: Vec<usize> =
        guards.iter().map(|(_, guard)| file.line(guard.span.lo as usize)).collect();
    lines.dedup();
    match lines.as_slice() {
        [line] => format!("takes its connection in a loop (line {line})"),
        lines => {
            let lines: Vec<String> = lines.iter().map(ToString::to_string).collect();
            format!("holds {several} connections (lines {})", lines.join(" and "))
        }
    }
}

/// Returns true if the code at a byte of a function is that of a call which is given the guard.
fn gives(audited: &Audited<'_>, id: FnId, guard: GuardId, byte: usize) -> bool {
    audited.facts(id).edges.iter().any(|edge| {
        edge.guard == guard && (edge.span.lo as usize..edge.span.hi as usize).contains(&byte)
    })
}

/// Returns why a function that is given a connection by a parameter of another type is not converted.
fn generic(audited: &Audited<'_>, file: &File<'_>, function: &Found<'_>, id: FnId) -> String {
    let edges = givers(audited, id).flat_map(|giver| &audited.facts(giver).edges);
    let position = edges.filter(|edge| edge.callee == id).find_map(|edge| edge.param);
    match position.and_then(|position| function.params().nth(position)) {
        Some((_, ty)) => format!(
            "takes `{}`: take a `&mut PgConnection` or the like there first",
            &file.text[ty.span().byte_range()]
        ),
        None => "is given a connection in a way that is not known".to_owned(),
    }
}

/// Returns true for a function with an attribute of shortlease, or with a parameter that only a lease gives.
fn is_leased(audited: &Audited<'_>, id: FnId) -> bool {
    let info = audited.index.function(id);
    let is_ours = |path: &[Ustr]| match audited.index.resolve(info.module, path) {
        Some(Def::External(full)) => full.first().is_some_and(|root| root == "shortlease"),
        _ => false,
    };
    let lent = |ty: &Ty| match ty {
        Ty::Ref(inner) => matches!(&**inner, Ty::Path(path) if is_ours(&path.names)),
        _ => false,
    };
    info.item.attrs.iter().any(|path| is_ours(path))
        || info.item.params.iter().any(|param| lent(&param.ty))
}

fn only_talks_to_the_database(
    audited: &Audited<'_>,
    id: FnId,
    guard: GuardId,
) -> Result<(), String> {
    let info = audited.index.function(id);
    if info.owner != FnOwner::Free {
        let FnOwner::Impl(owner) = info.owner else { return Err("is a trait's".to_owned()) };
        if audited.index.impl_info(owner).item.trait_path.is_some() {
            return Err("is a trait's".to_owned());
        }
    }
    let other = audited.facts(id).candidates.iter().find(|candidate| candidate.guard == guard);
    if let Some(other) = other {
        let file = &audited.files[info.file.0 as usize];
        let line = file.line(other.span.lo);
        return Err(format!("awaits something else (line {line}): move that to its caller first"));
    }
    // A call without the connection would not compile any more.
    let given = |caller: FnId, span: Span| {
        audited.facts(caller).edges.iter().any(|edge| edge.callee == id && edge.span == span)
    };
    for caller in callers(audited, id) {
        if calls(audited.facts(caller)).any(|(callee, span)| callee == id && !given(caller, span)) {
            let caller = audited.place(caller).2;
            return Err(format!(
                "is called by `{caller}` with something that is not a connection, such as a pool: take one \
                 there first"
            ));
        }
    }
    Ok(())
}
