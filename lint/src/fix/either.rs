//! Helpers that take any executor: they become ones that take a leased connection or one of sqlx. Callers that stay as they
//! are go on to call them.

use syn::{GenericArgument, Lifetime, PathArguments, Type, TypeParamBound};

use super::calls;
use super::code::Helper;
use super::edits::Edits;
use super::functions::{self, Found};
use super::helper::{database_named, either, fits, lease, leased_type};
use super::sql::Does;
use super::tokens::{File, Token, find, texts};
use crate::analysis::{GuardId, Origin};
use crate::audited::Audited;
use crate::index::FnId;
use crate::libraries::Library;

/// A parameter `impl PgExecutor<'_>` or the like.
pub(super) struct Executor {
    pub guard: GuardId,
    position: usize,
    pub variable: String,
    database: &'static str,
}

/// Returns the executor that a function is given a connection as, if it has one.
pub(super) fn executor(audited: &Audited<'_>, id: FnId, function: &Found<'_>) -> Option<Executor> {
    let guards = audited.facts(id).guards.iter().enumerate();
    guards.filter(|(_, guard)| !guard.certain).find_map(|(at, guard)| {
        let Origin::Param(position) = guard.origin else { return None };
        let (variable, ty) = function.params().nth(position)?;
        let (variable, database) = (variable?, database_of(ty)?);
        Some(Executor { guard: GuardId(at), position, variable, database })
    })
}

/// Makes a helper one that takes a leased connection or one of sqlx.
///
/// # Errors
///
/// Why it cannot be one.
pub(super) fn convert(
    at: usize,
    file: &File<'_>,
    function: &Found<'_>,
    executor: &Executor,
    helper: Helper<'_>,
    does: &Does,
    edits: &mut Edits,
) -> Result<(), String> {
    fits(function, does, false)?;
    let Executor { position, variable, database, .. } = executor;
    let body = file.within(&function.body());
    if body.iter().filter(|token| token.text == *variable).count() != 1 {
        return Err(format!("uses `{variable}` for more than one statement"));
    }
    let Some((_, ty)) = function.params().nth(*position) else { return Ok(()) };
    lease(at, file, function, (variable, ty), either(database), helper, edits)
}

/// Checks that the calls of a helper compile if the type of its connection is one more parameter.
///
/// # Errors
///
/// The call that would not.
pub(super) fn is_callable(
    audited: &Audited<'_>,
    files: &[Option<File<'_>>],
    id: FnId,
) -> Result<(), String> {
    for call in calls::written(audited, files, id)? {
        let Some(file) = &files[call.file] else { continue };
        if file.past_generics(call.name) != call.name + 1 {
            let line = file.line(file.tokens[call.name].bytes.start);
            return Err(format!(
                "is called with its type parameters written out ({}:{line}), and would have one more",
                audited.files[call.file].shown
            ));
        }
    }
    Ok(())
}

/// Lets a function that stays as it is give its connection to a helper that takes either: by `&mut *tx`.
///
/// # Errors
///
/// How it gives it, if that is not understood.
pub(super) fn lend(
    audited: &Audited<'_>,
    files: &[Option<File<'_>>],
    caller: FnId,
    helper: FnId,
    edits: &mut Edits,
) -> Result<(), String> {
    let unknown = || "the call is not understood".to_owned();
    let (_, function) = functions::of(audited, files, helper).ok_or_else(unknown)?;
    let takes_executor = executor(audited, helper, &function).is_some();
    let facts = audited.facts(caller);
    let calls = calls::written(audited, files, helper)?;
    for call in calls.iter().filter(|call| call.caller == caller) {
        let file = files[call.file].as_ref().ok_or_else(unknown)?;
        let name = &file.tokens[call.name].bytes;
        let edge = facts.edges.iter().find(|edge| {
            edge.callee == helper
                && (edge.span.lo as usize..edge.span.hi as usize).contains(&name.start)
        });
        let (edge, position) =
            edge.and_then(|edge| Some((edge, edge.param?))).ok_or_else(unknown)?;
        let guard = &facts.guards[edge.guard.0];
        let argument = call.argument(file, function.params().count(), position);
        let given = texts(argument);
        let variable = given.last().copied().unwrap_or_default();
        // The type of a parameter is written; what a pool gives derefs to its connection.
        let param = functions::of(audited, files, caller).and_then(|(_, caller)| {
            let Origin::Param(position) = guard.origin else { return None };
            let (name, ty) = caller.params().nth(position)?;
            leased_type(ty).filter(|_| name.as_deref() == Some(variable)).map(|(kind, _)| kind)
        });
        let is_owned = guard.origin == Origin::Acquired
            && !guard.opened
            && guard.library == Some(Library::Sqlx)
            && guard.name.is_some_and(|name| name == variable)
            && !borrows_itself(&file.tokens, variable);
        let missing = match given.as_slice() {
            _ if guard.wrapped => None,
            ["&", "mut", "*", "*", _] => Some(""),
            ["&", "mut", "*", _] if takes_executor || is_owned || param == Some("Conn") => Some(""),
            [_] if param == Some("Conn") => Some(""),
            ["&", "mut", "*", _] if param == Some("Tx") => Some("*"),
            ["&", "mut", _] if is_owned => Some("*"),
            [_] if param == Some("Tx") => Some("&mut **"),
            _ => None,
        };
        match (missing, argument.last()) {
            (Some(""), _) => {}
            (Some(missing), Some(last)) => {
                edits.insert(call.file, last.bytes.start, missing.to_owned());
            }
            (None, Some(last)) => {
                let written = &file.text[argument[0].bytes.start..last.bytes.end];
                return Err(format!("its connection is given as `{written}`"));
            }
            (_, None) => return Err(unknown()),
        }
    }
    Ok(())
}

/// Returns true if a file has `let tx = &mut tx;`, behind which the variable is a reference.
fn borrows_itself(tokens: &[Token], variable: &str) -> bool {
    let bound: [&[&str]; 2] =
        [&["let", variable, "=", "&", "mut"], &["let", "mut", variable, "=", "&", "mut"]];
    bound.iter().any(|bound| find(tokens, bound).next().is_some())
}

/// Returns the database of `impl PgExecutor<'_>` and the like.
fn database_of(ty: &Type) -> Option<&'static str> {
    let Type::ImplTrait(any) = ty else { return None };
    let [TypeParamBound::Trait(bound)] = any.bounds.iter().collect::<Vec<_>>()[..] else {
        return None;
    };
    let last = bound.path.segments.last()?;
    let PathArguments::AngleBracketed(arguments) = &last.arguments else { return None };
    let anonymous = |lifetime: &Lifetime| lifetime.ident == "_";
    let mut database = None;
    for argument in &arguments.args {
        match argument {
            GenericArgument::Lifetime(lifetime) if anonymous(lifetime) => {}
            GenericArgument::AssocType(of) if of.ident == "Database" => {
                database = database_named(&of.ty);
            }
            _ => return None,
        }
    }
    match last.ident.to_string().as_str() {
        "PgExecutor" => Some("Postgres"),
        "SqliteExecutor" => Some("Sqlite"),
        "MySqlExecutor" => Some("MySql"),
        "Executor" => database,
        _ => None,
    }
}
