//! The struct that has the pool gets a handle on it.

use std::ops::Range;

use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{Field, Item, PatStruct};

use super::edits::Edits;
use super::tokens::{File, are, group, split};

/// The struct with the pool.
pub(super) struct Owner {
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
    owner: &Owner,
    files: &[Option<File<'_>>],
    edits: &mut Edits,
) -> Result<String, String> {
    let mut structs = Vec::new();
    for (at, file) in files.iter().enumerate() {
        let Some(file) = file else { continue };
        structs.extend(file.items().into_iter().filter_map(|item| match item {
            Item::Struct(item) if item.ident == owner.name => Some((at, file, item)),
            _ => None,
        }));
    }
    let [(at, file, item)] = structs.as_slice() else {
        return Err(format!(
            "has its pool in `{}`, of which there are {}",
            owner.name,
            structs.len()
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
    edits.insert(*at, start, text);
    for (at, file) in files.iter().enumerate() {
        let Some(file) = file else { continue };
        fill(at, file, owner, edits)?;
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
fn fill(at: usize, file: &File<'_>, owner: &Owner, edits: &mut Edits) -> Result<(), String> {
    let mut patterns = Patterns::default();
    patterns.visit_file(&file.ast);
    for position in literals(file, &owner.name) {
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
fn literals(file: &File<'_>, name: &str) -> Vec<usize> {
    let own: Vec<Range<usize>> = file
        .items()
        .into_iter()
        .filter_map(|item| {
            let Item::Impl(of) = item else { return None };
            let syn::Type::Path(path) = &*of.self_ty else { return None };
            let is_own = path.path.segments.last().is_some_and(|last| last.ident == name);
            is_own.then(|| of.span().byte_range())
        })
        .collect();
    let tokens = &file.tokens;
    let opens = |at: usize| tokens.get(at + 1).is_some_and(|token| token.text == "{");
    let declares = |at: usize| {
        let before = file.before(file.path_start(at), 1);
        matches!(before, "struct" | "impl" | "for" | ">" | "dyn" | "mod")
    };
    (0..tokens.len())
        .filter(|at| opens(*at) && !declares(*at))
        .filter(|at| {
            let token = &tokens[*at];
            token.text == name
                || (token.text == "Self" && own.iter().any(|own| own.contains(&token.bytes.start)))
        })
        .collect()
}
