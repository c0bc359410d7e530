//! A handle takes the place of the pool: in a struct, or in a parameter and in all calls that give it.

use syn::Type;
use syn::spanned::Spanned;

use super::calls::{self, Call};
use super::edits::Edits;
use super::functions;
use super::tokens::{File, texts};
use super::{handle, owner};
use crate::audited::Audited;
use crate::index::FnId;
use crate::syntax::Ty;

/// Returns the expression of the handle, in the function that takes its connection from a pool.
///
/// # Errors
///
/// Why there cannot be one.
pub(super) fn replace(
    audited: &Audited<'_>,
    files: &[Option<File<'_>>],
    id: FnId,
    pool: &[String],
    edits: &mut Edits,
) -> Result<String, String> {
    match pool {
        [name] => {
            parameter(audited, files, id, name, edits)?;
            Ok(name.clone())
        }
        path => field_of(audited, files, id, path, edits),
    }
}

/// Returns the handle beside a pool that is a field: `app.db` for `app.pool`.
fn field_of(
    audited: &Audited<'_>,
    files: &[Option<File<'_>>],
    id: FnId,
    pool: &[impl AsRef<str>],
    edits: &mut Edits,
) -> Result<String, String> {
    let path: Vec<&str> = pool.iter().map(AsRef::as_ref).collect();
    let (field, owner) = path.split_last().ok_or("has no pool")?;
    let found = owner::of(audited, id, owner, field)?;
    let handle = handle::add(audited, &found, files, edits)?;
    Ok(format!("{}.{handle}", owner.join(".")))
}

/// Makes a parameter a handle.
fn parameter(
    audited: &Audited<'_>,
    files: &[Option<File<'_>>],
    id: FnId,
    name: &str,
    edits: &mut Edits,
) -> Result<(), String> {
    let info = audited.index.function(id);
    let at = info.file.0 as usize;
    let found = functions::of(audited, files, id);
    let (file, function) = found.ok_or("is a trait's own method, or comes from a macro")?;
    if function.of_trait.is_some() {
        return Err(format!("is a trait's, and has its pool in the parameter `{name}`"));
    }
    let params: Vec<_> = function.params().collect();
    let position = params.iter().position(|(variable, _)| variable.as_deref() == Some(name));
    let position = position.ok_or_else(|| {
        format!("has its pool in `{name}`, which is neither a parameter nor a field")
    })?;
    let ty = params[position].1;
    let mut written = ty.span().byte_range();
    let (reference, pool) = match (ty, &info.item.params[position].ty) {
        (Type::Reference(ty), Ty::Ref(pool))
            if ty.mutability.is_none() && ty.lifetime.is_none() =>
        {
            (1, &**pool)
        }
        (_, pool) => (0, pool),
    };
    let database = owner::database(pool).ok_or_else(|| {
        let ty = &file.text[written.clone()];
        format!(
            "has its pool in a `{ty}`: only a `PgPool` and the like, or `&` of it, become handles"
        )
    })?;
    written.start += reference;
    edits.replace(at, written, format!("shortlease::Db<shortlease::{database}>"));
    for call in calls::written(audited, files, id)? {
        pass(audited, files, &call, (params.len(), position), edits)?;
    }
    Ok(())
}

/// Gives the handle in a call, in the place of the pool.
fn pass(
    audited: &Audited<'_>,
    files: &[Option<File<'_>>],
    call: &Call,
    (params, position): (usize, usize),
    edits: &mut Edits,
) -> Result<(), String> {
    let Some(file) = &files[call.file] else { return Ok(()) };
    let argument = call.argument(file, params, position);
    let texts = texts(argument);
    let borrowed = texts.strip_prefix(&["&"]);
    let pool = borrowed.unwrap_or(&texts);
    let cloned = pool.strip_suffix(&[".", "clone", "(", ")"]);
    let pool = cloned.unwrap_or(pool);
    match pool {
        [_, ".", ..] if is_path(pool) && borrowed.or(cloned).is_some() => {
            let path: Vec<&str> = pool.iter().step_by(2).copied().collect();
            let handle = field_of(audited, files, call.caller, &path, edits)?;
            let first = usize::from(borrowed.is_some());
            let last = first + pool.len() - 1;
            let bytes = argument[first].bytes.start..argument[last].bytes.end;
            edits.replace(call.file, bytes, handle);
            Ok(())
        }
        [name] => {
            let (_, line, caller) = audited.place(call.caller);
            let (_, function) = functions::of(audited, files, call.caller).ok_or_else(|| {
                format!("is called by `{caller}` (line {line}), a trait's own method")
            })?;
            let body = file.within(&function.body());
            if body.iter().filter(|token| token.text == *name).count() > 1 {
                return Err(format!("is called by `{caller}`, which uses `{name}` for more"));
            }
            parameter(audited, files, call.caller, name, edits)
        }
        _ => {
            let (shown, line) =
                (&audited.files[call.file].shown, file.line(file.tokens[call.name].bytes.start));
            Err(format!(
                "is given a pool that is not `&owner.pool` or `owner.pool.clone()` ({shown}:{line})"
            ))
        }
    }
}

/// Returns true for `a.b.c`.
fn is_path(texts: &[&str]) -> bool {
    texts.len() % 2 == 1 && texts.iter().skip(1).step_by(2).all(|text| *text == ".")
}
