//! The struct that has the pool gets a handle on it.

use std::ops::Range;

use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{Field, Item, PatStruct};
use ustr::Ustr;

use super::edits::Edits;
use super::functions;
use super::tokens::{File, are, group, split};
use crate::audited::Audited;
use crate::index::{Def, FnOwner, TypeId};

/// The struct with the pool.
pub(super) struct Owner {
    pub id: TypeId,
    pub name: String,
    pub field: String,
    /// The type parameter of handles: `Postgres`, `Sqlite` or `MySql`.
    pub database: &'static str,
}

/// Returns the name of the struct's handle, and adds one beside the pool if there is none.
///
/// # Errors
///
/// Why it cannot be added.
pub(super) fn add(
    audited: &Audited<'_>,
    owner: &Owner,
    files: &[Option<File<'_>>],
    edits: &mut Edits,
) -> Result<String, String> {
    let info = audited.index.type_info(owner.id);
    let at = info.file.0 as usize;
    let file = files[at].as_ref().ok_or("has its pool in a file that cannot be read")?;
    let items = file.items_of(&info.item.module).into_iter().filter_map(|item| match item {
        Item::Struct(item) if item.ident == owner.name => Some(item),
        _ => None,
    });
    let structs: Vec<_> = items.collect();
    let [item] = structs.as_slice() else {
        return Err(format!(
            "has its pool in `{}`, of which there are {} in {}",
            owner.name,
            structs.len(),
            audited.files[at].shown
        ));
    };
    if let Some(name) = item.fields.iter().find(|field| is_handle(field)).and_then(name) {
        return Ok(name);
    }
    let pool = item
        .fields
        .iter()
        .find(|field| name(field).is_some_and(|name| name == owner.field))
        .ok_or_else(|| format!("needs a field `{}` of `{}`", owner.field, owner.name))?;
    if item.fields.iter().any(|field| name(field).is_some_and(|name| name == "db")) {
        let name = &owner.name;
        return Err(match owner.field.as_str() {
            "db" => format!(
                "needs a field `db` of `{name}`, which is its pool: rename that to `pool` first"
            ),
            _ => format!("needs a field `db` of `{name}`, which has another: rename that first"),
        });
    }
    for attr in item.attrs.iter().filter(|attr| attr.path().is_ident("derive")) {
        let tokens = file.within(&attr.span().byte_range());
        let known = ["#", "[", "derive", "(", "Clone", "Debug", "FromRef", ",", ")", "]"];
        if let Some(other) = tokens.iter().find(|token| !known.contains(&token.text.as_str())) {
            return Err(format!(
                "needs a field of `{}`, which derives `{}`",
                owner.name, other.text
            ));
        }
    }
    let start = pool.span().byte_range().start;
    let vis = &file.text[pool.vis.span().byte_range()];
    let vis = match pool.vis {
        syn::Visibility::Inherited => String::new(),
        _ => format!("{vis} "),
    };
    let text =
        format!("{vis}db: shortlease::Db<shortlease::{}>,\n{}", owner.database, file.indent(start));
    edits.insert(at, start, text);
    for (at, file) in files.iter().enumerate() {
        let Some(file) = file else { continue };
        fill(audited, (at, file), owner, edits)?;
    }
    Ok("db".to_owned())
}

fn name(field: &Field) -> Option<String> {
    field.ident.as_ref().map(ToString::to_string)
}

fn is_handle(field: &Field) -> bool {
    let syn::Type::Path(path) = &field.ty else { return false };
    path.path.segments.last().is_some_and(|last| last.ident == "Db" && !last.arguments.is_empty())
}

/// The places of the names of structs that patterns take apart.
#[derive(Default)]
struct Patterns {
    names: Vec<usize>,
}

impl<'ast> Visit<'ast> for Patterns {
    fn visit_pat_struct(&mut self, pattern: &'ast PatStruct) {
        let name = pattern.path.segments.last();
        self.names.extend(name.map(|name| name.span().byte_range().start));
        visit::visit_pat_struct(self, pattern);
    }
}

/// Adds the field where code makes the struct, and where it takes it apart.
fn fill(
    audited: &Audited<'_>,
    (at, file): (usize, &File<'_>),
    owner: &Owner,
    edits: &mut Edits,
) -> Result<(), String> {
    let mut patterns = Patterns::default();
    patterns.visit_file(&file.ast);
    for position in literals(audited, (at, file), owner)? {
        let group = group(&file.tokens, position + 1);
        let fields = split(group);
        let line = file.line(file.tokens[position].bytes.start);
        if fields.iter().any(|field| field.first().is_some_and(|token| token.text == ".")) {
            continue;
        }
        if patterns.names.contains(&file.tokens[position].bytes.start) {
            fields.iter().take(1).for_each(|first| {
                edits.insert(at, first[0].bytes.start, "db: _, ".to_owned());
            });
            continue;
        }
        let pool = fields
            .iter()
            .find(|field| field.first().is_some_and(|token| token.text == owner.field))
            .ok_or_else(|| {
                format!(
                    "needs a field of `{}`, which line {line} names without its pool",
                    owner.name
                )
            })?;
        let variable = match pool {
            [name] => name.text.clone(),
            [_, colon, name] if colon.text == ":" => name.text.clone(),
            [_, colon, name, rest @ ..]
                if colon.text == ":" && are(rest, &[".", "clone", "(", ")"]) =>
            {
                name.text.clone()
            }
            _ => {
                return Err(format!(
                    "needs a field of `{}`: bind its pool to a variable before line {line}",
                    owner.name
                ));
            }
        };
        let text = format!(
            "db: shortlease::Db::builder_from_pool({variable}.clone()).connect_lazy().expect(\"a \
             pool that can be shared\"), "
        );
        edits.insert(at, pool[0].bytes.start, text);
    }
    Ok(())
}

/// Returns the positions at which a struct is made or taken apart.
///
/// # Errors
///
/// The line that may do so with another struct.
fn literals(
    audited: &Audited<'_>,
    (at, file): (usize, &File<'_>),
    owner: &Owner,
) -> Result<Vec<usize>, String> {
    let text = |at: usize| file.tokens.get(at).map_or("", |token| token.text.as_str());
    let declares = |at: usize| {
        let first = file.path_start(at);
        let references =
            (1..=first).take_while(|back| ["&", "mut"].contains(&file.before(first, *back)));
        let before = file.before(first, references.count() + 1);
        matches!(before, "struct" | "impl" | "for" | ">" | "dyn" | "mod")
    };
    let enums = file.items().into_iter().filter(|item| matches!(item, Item::Enum(_)));
    let enums: Vec<Range<usize>> = enums.map(|item| item.span().byte_range()).collect();
    let of_enum =
        |at: usize| enums.iter().any(|bytes| bytes.contains(&file.tokens[at].bytes.start));
    let mut found = Vec::new();
    for position in 0..file.tokens.len() {
        let named = text(position) == owner.name || text(position) == "Self";
        if !named || of_enum(position) || text(position + 1) != "{" || declares(position) {
            continue;
        }
        match is_of(audited, (at, file), position, owner) {
            Some(true) => found.push(position),
            Some(false) => {}
            None => {
                let line = file.line(file.tokens[position].bytes.start);
                return Err(format!(
                    "needs a field of `{}`, and it is not known if line {line} of {} names that",
                    owner.name, audited.files[at].shown
                ));
            }
        }
    }
    Ok(found)
}

/// Returns true if a path of a file names the struct; nothing if that is not known.
fn is_of(
    audited: &Audited<'_>,
    (at, file): (usize, &File<'_>),
    position: usize,
    owner: &Owner,
) -> Option<bool> {
    let index = audited.index;
    let function = functions::before(audited, at, file.tokens[position].bytes.start);
    let function = function.map(|id| index.function(id));
    if file.tokens[position].text == "Self" {
        let owned = function.and_then(|info| match info.owner {
            FnOwner::Impl(id) => index.impl_info(id).target,
            _ => None,
        });
        return Some(owned == Some(owner.id));
    }
    let path = file.path(position);
    let (name, outer) = path.split_last()?;
    let resolved = |path: &[Ustr]| index.resolve(function?.module, path);
    match (resolved(&path), resolved(outer)) {
        (Some(Def::Type(found)), _) => Some(found == owner.id),
        // A variant.
        (_, Some(Def::Type(_))) => Some(false),
        _ => {
            let mut named = index.types.iter().filter(|info| info.item.name == *name);
            (named.next().is_some() && named.next().is_none()).then_some(true)
        }
    }
}
