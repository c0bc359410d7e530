//! A function's statements, divided into leases and what stays between them.

use std::ops::Range;

use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{Expr, ExprAssign, ExprClosure, Local, Member, Pat, PatIdent, Stmt};

use super::code;
use super::edits::Edits;
use super::functions::Found;
use super::mapped::{METHODS, Mapped};
use super::sql::{Does, Effect};
use super::tokens::{File, are, find, name, names_variable, texts};
use crate::findings::Use;

/// The name of the session in converted functions.
const SESSION: &str = "db";

/// The place that takes the connection: `let mut tx = app.pool.begin().await?;`.
pub(super) struct Opening {
    /// Its position among the statements.
    statement: usize,
    pub variable: String,
    pub transaction: bool,
    /// The place that has the pool: a parameter, or a path of fields.
    pub pool: Vec<String>,
    /// The call behind the await that makes the function's error of sqlx's: `.map_err(failed)`.
    pub mapping: Option<Range<usize>>,
}

/// Finds the statement that takes the connection.
///
/// # Errors
///
/// Why it cannot be converted.
pub(super) fn opening(
    file: &File<'_>,
    function: &Found<'_>,
    taken: usize,
) -> Result<Opening, String> {
    let line = file.line(taken);
    let other = || {
        format!(
            "does not take its connection by `let mut name = pool.begin().await?;` (line {line})"
        )
    };
    let mut statements = function.block.stmts.iter().enumerate();
    let (statement, found) = statements
        .find(|(_, statement)| statement.span().byte_range().contains(&taken))
        .ok_or_else(other)?;
    let Stmt::Local(local) = found else { return Err(other()) };
    let (Pat::Ident(bound), Some(init)) = (&local.pat, &local.init) else { return Err(other()) };
    let Expr::Try(tried) = &*init.expr else { return Err(other()) };
    let (awaited, mapping) = match &*tried.expr {
        Expr::MethodCall(call) => {
            if !METHODS.iter().any(|name| call.method == name) {
                return Err(format!(
                    "has `.{}(..)` behind `begin()` or `acquire()` (line {line})",
                    call.method
                ));
            }
            let behind = call.receiver.span().byte_range().end..call.span().byte_range().end;
            (&*call.receiver, Some(behind))
        }
        expr => (expr, None),
    };
    let Expr::Await(awaited) = awaited else { return Err(other()) };
    let Expr::MethodCall(take) = &*awaited.base else { return Err(other()) };
    let transaction = match take.method.to_string().as_str() {
        "begin" => true,
        "acquire" => false,
        name => return Err(format!("takes its connection by `{name}` (line {line})")),
    };
    let pool = path(&take.receiver).ok_or_else(|| {
        let written = &file.text[take.receiver.span().byte_range()];
        format!("takes its connection from `{written}`, which is not a variable or a field (line {line})")
    })?;
    Ok(Opening { statement, variable: bound.ident.to_string(), transaction, pool, mapping })
}

/// Returns the names of `a.b.c`.
fn path(expr: &Expr) -> Option<Vec<String>> {
    match expr {
        Expr::Path(variable) => Some(vec![variable.path.get_ident()?.to_string()]),
        Expr::Field(field) => {
            let mut names = path(&field.base)?;
            names.push(match &field.member {
                Member::Named(name) => name.to_string(),
                Member::Unnamed(index) => index.index.to_string(),
            });
            Some(names)
        }
        _ => None,
    }
}

/// Answers of the index.
pub(super) struct Proven<'a> {
    /// The use that the code in some bytes makes of the connection.
    pub does: &'a dyn Fn(&Range<usize>) -> Does,
    /// Why the statements in some bytes cannot be a lease: an await that is not given the connection.
    pub elsewhere: &'a dyn Fn(&Range<usize>) -> Option<String>,
    /// A helper that is called in some bytes and ends in another error than sqlx's.
    pub other_error: &'a dyn Fn(&Range<usize>) -> Option<String>,
    /// True if some bytes run one statement, which only reads: it needs no transaction.
    pub reads_once: &'a dyn Fn(&Range<usize>) -> bool,
    pub helper: code::Helper<'a>,
}

struct Statement<'a> {
    syntax: &'a Stmt,
    bytes: Range<usize>,
    /// It is given the connection.
    uses: bool,
    /// It awaits something else.
    between: bool,
    /// It is the function's value.
    is_tail: bool,
}

/// Divides a function's body, and writes its leases.
///
/// # Errors
///
/// Why it cannot be converted.
pub(super) fn convert(
    at: usize,
    file: &File<'_>,
    function: &Found<'_>,
    opening: &Opening,
    (handle, attribute): (&str, &str),
    proven: &Proven<'_>,
    edits: &mut Edits,
) -> Result<(), String> {
    let body = file.within(&function.body());
    let whole = function.sig.span().byte_range().start..function.body().end;
    if names_variable(file.within(&whole), SESSION) && handle != SESSION {
        return Err(format!("uses the name `{SESSION}` already"));
    }
    let pool = opening.pool.join(" . ");
    let pool: Vec<&str> = pool.split(' ').collect();
    if find(body, &pool).count() > 1 {
        return Err(format!("uses `{}` for more", pool.concat()));
    }
    let all = &function.block.stmts;
    let end = end(file, all, opening)?;
    let statements: Vec<Statement<'_>> = all[opening.statement + 1..end]
        .iter()
        .map(|syntax| {
            let bytes = syntax.span().byte_range();
            let tokens = file.within(&bytes);
            let uses = name(tokens, &opening.variable);
            let between = !uses && code::awaits(tokens);
            let is_tail = matches!(syntax, Stmt::Expr(_, None))
                && all.last().is_some_and(|last| std::ptr::eq(last, syntax));
            Statement { syntax, bytes, uses, between, is_tail }
        })
        .collect();
    if let Some(mapping) = &opening.mapping {
        let call = file.within(mapping);
        let mut names = Names(vec![opening.variable.clone(), SESSION.to_owned()]);
        statements.iter().for_each(|statement| names.visit_stmt(statement.syntax));
        if let Some(taken) = names.0.iter().find(|taken| name(call, taken)) {
            return Err(format!("names `{taken}` in the call behind `begin()` or `acquire()`"));
        }
    }
    let leases = statements.split(|statement| statement.between);
    let leases = leases.map(|part| trimmed(part, opening.transaction, proven));
    let leases: Vec<&[Statement<'_>]> = leases.filter(|lease| !lease.is_empty()).collect();
    let last_between = statements.iter().rfind(|statement| statement.between);
    let last_between = last_between.map_or(0, |statement| statement.bytes.start);
    if let Some(reason) = split(file, &leases, last_between, opening.transaction, proven) {
        return Err(reason);
    }
    for segment in &leases {
        let bytes = segment[0].bytes.start..segment[segment.len() - 1].bytes.end;
        let after = bytes.end..function.body().end;
        if let Some(reason) = outside(file, all, segment) {
            return Err(reason);
        }
        edits.replace(at, bytes, lease(file, segment, opening, &after, proven)?);
    }
    let statement = all[opening.statement].span().byte_range();
    let text = format!("let mut {SESSION} = {handle}.session();");
    edits.replace(at, statement, text);
    if let Some(statement) = all.get(end) {
        remove(at, file, statement.span().byte_range(), edits);
    }
    let start = function.start();
    edits.insert(at, start, format!("{attribute}\n{}", file.indent(start)));
    Ok(())
}

/// Returns why a connection's statements cannot be divided into these leases, around awaits of which the last is known.
fn split(
    file: &File<'_>,
    leases: &[&[Statement<'_>]],
    last_between: usize,
    transaction: bool,
    proven: &Proven<'_>,
) -> Option<String> {
    let mut before = Use::Nothing;
    for (position, lease) in leases.iter().enumerate() {
        let last = position + 1 == leases.len();
        let does: Vec<(usize, Does)> = lease
            .iter()
            .filter(|statement| statement.uses)
            .map(|statement| (file.line(statement.bytes.start), (proven.does)(&statement.bytes)))
            .collect();
        let first_with = |effect: Effect| does.iter().find(|(_, does)| does.has(effect));
        let refused = |effect: Effect| {
            let reason = match effect {
                Effect::Stays => "changes the session (line {line}): SL005 refuses that in a lease",
                Effect::Lasts if !transaction => {
                    "does what ends with its transaction, and begins none (line {line}): SL011 \
                     refuses that in a lease"
                }
                Effect::Recalls if position > 0 => {
                    "reads what earlier statements left in their connection (line {line}): the next \
                     lease may have another one"
                }
                Effect::Names if leases.len() > 1 => {
                    "asks for the number of its connection (line {line}): the next lease may have \
                     another one"
                }
                Effect::Unseen if !transaction && (!last || before >= Use::Writes) => {
                    "runs SQL that is not written there (line {line}): the next lease may have \
                     another connection, without what it left in the session"
                }
                _ => return None,
            };
            let (line, _) = first_with(effect)?;
            Some(reason.replace("{line}", &line.to_string()))
        };
        let effects =
            [Effect::Stays, Effect::Lasts, Effect::Recalls, Effect::Names, Effect::Unseen];
        if let Some(reason) = effects.into_iter().find_map(refused) {
            return Some(reason);
        }
        let data = does.iter().map(|(_, does)| does.data).max().unwrap_or(Use::Nothing);
        if transaction
            && lease[0].bytes.start < last_between
            && let Some(reason) = ended_early(data, file.line(lease[0].bytes.start))
        {
            return Some(reason);
        }
        before = before.max(data);
    }
    None
}

/// Returns why the statements of a transaction before another await cannot be a transaction of their own.
fn ended_early(does: Use, line: usize) -> Option<String> {
    let reason = match does {
        Use::Nothing | Use::Reads => return None,
        Use::Locks => {
            format!("locks rows before it calls out (line {line}): the locks would end there")
        }
        Use::Writes => format!(
            "may write before it calls out (line {line}): that would be committed by itself"
        ),
        Use::Claims => {
            format!("claims rows before it calls out (line {line}): the claim would end there")
        }
    };
    Some(format!("{reason}. `cargo shortlease plan` names a recipe"))
}

/// Returns the position of the statement that ends the connection's life.
fn end(file: &File<'_>, all: &[Stmt], opening: &Opening) -> Result<usize, String> {
    let variable = opening.variable.as_str();
    let mut commit = vec![variable, ".", "commit", "(", ")", ".", "await"];
    let mapping = opening.mapping.as_ref().map_or(&[][..], |bytes| file.within(bytes));
    commit.extend(texts(mapping));
    commit.extend(["?", ";"]);
    let drop = ["drop", "(", variable, ")", ";"];
    let ends = |statement: &Stmt| {
        let tokens = file.within(&statement.span().byte_range());
        are(tokens, &commit) || (!opening.transaction && are(tokens, &drop))
    };
    let found = all.iter().position(ends);
    let end = match (found, opening.transaction) {
        (Some(end), _) => end,
        (None, false) => all.len(),
        (None, true) => {
            let mapping = opening.mapping.clone().map_or("", |bytes| &file.text[bytes]);
            return Err(format!(
                "does not have `{variable}.commit().await{mapping}?;` as a statement of its own"
            ));
        }
    };
    let rest = all.get(end + 1..).unwrap_or_default();
    match rest.iter().any(|statement| name(file.within(&statement.span().byte_range()), variable)) {
        true => Err(format!("names `{variable}` again after its end")),
        false => Ok(end),
    }
}

/// The variables of patterns, and those that are set.
struct Names(Vec<String>);

impl<'ast> Visit<'ast> for Names {
    fn visit_pat_ident(&mut self, pattern: &'ast PatIdent) {
        self.0.push(pattern.ident.to_string());
        visit::visit_pat_ident(self, pattern);
    }

    fn visit_expr_assign(&mut self, set: &'ast ExprAssign) {
        self.0.extend(path(&set.left).and_then(|names| names.into_iter().next()));
        visit::visit_expr_assign(self, set);
    }

    /// Its parameters are its own.
    fn visit_expr_closure(&mut self, closure: &'ast ExprClosure) {
        self.visit_expr(&closure.body);
    }
}

/// Returns the statements from the first that uses the connection to the last. A transaction that may write goes on until its
/// commit: what fails there rolls it back.
fn trimmed<'s, 'a>(
    statements: &'s [Statement<'a>],
    transaction: bool,
    proven: &Proven<'_>,
) -> &'s [Statement<'a>] {
    let first = statements.iter().position(|statement| statement.uses);
    let last = statements.iter().rposition(|statement| statement.uses);
    let (Some(first), Some(last)) = (first, last) else { return &[] };
    let bytes = statements[first].bytes.start..statements[last].bytes.end;
    match transaction && (proven.does)(&bytes).data > Use::Reads {
        true => &statements[first..],
        false => &statements[first..=last],
    }
}

/// Returns what a lease declares or is given that cannot pass its border.
fn outside(file: &File<'_>, all: &[Stmt], segment: &[Statement<'_>]) -> Option<String> {
    let bytes = segment[0].bytes.start..segment[segment.len() - 1].bytes.end;
    let item = segment.iter().find(|statement| matches!(statement.syntax, Stmt::Item(_)));
    if let Some(item) = item {
        return Some(format!("declares an item in a lease (line {})", file.line(item.bytes.start)));
    }
    let lease = file.within(&bytes);
    all.iter().find_map(|statement| {
        let Stmt::Local(local) = statement else { return None };
        let start = statement.span().byte_range().start;
        let (variable, _) = bound(&local.pat).filter(|_| local.init.is_none())?;
        (start < bytes.end && names_variable(lease, &variable)).then(|| {
            let line = file.line(start);
            format!("declares `{variable}` without a value, and sets it in a lease (line {line})")
        })
    })
}

/// Writes the lease of some statements.
fn lease(
    file: &File<'_>,
    segment: &[Statement<'_>],
    opening: &Opening,
    after: &Range<usize>,
    proven: &Proven<'_>,
) -> Result<String, String> {
    let variable = opening.variable.as_str();
    let bytes = segment[0].bytes.start..segment[segment.len() - 1].bytes.end;
    if let Some(reason) = code::refusal(file, &bytes) {
        return Err(reason);
    }
    if let Some(reason) = (proven.elsewhere)(&bytes) {
        return Err(reason);
    }
    for token in file.within(&bytes) {
        let reason = match token.text.as_str() {
            "return" => "returns out of a lease",
            "#" => "has an attribute in a lease",
            _ => continue,
        };
        return Err(format!("{reason} (line {})", file.line(token.bytes.start)));
    }
    let in_transaction = opening.transaction && !(proven.reads_once)(&bytes);
    let verb = if in_transaction { "transaction" } else { "lease" };
    let (last, before) = segment.split_last().ok_or("has no statement")?;
    let mapped = match &opening.mapping {
        Some(call) => Mapped::new(file, call, &bytes, last.is_tail, proven.other_error)?,
        None => Mapped::default(),
    };
    let Mapped { output, behind, .. } = &mapped;
    let open = format!("{SESSION}.{verb}(async |{variable}|{output}");
    let kept = kept(file, segment, after)?;
    let indent = file.indent(bytes.start);
    let copy = |bytes: Range<usize>| {
        let mut text = String::new();
        let mut copied = bytes.start;
        for cut in mapped.cuts.iter().filter(|cut| bytes.contains(&cut.start)) {
            text += &code::passing(file, &(copied..cut.start), variable, proven.helper)?;
            copied = cut.end;
        }
        Ok::<_, String>(text + &code::passing(file, &(copied..bytes.end), variable, proven.helper)?)
    };
    let block = |lines: &[String], value: &str| block(lines, value, indent, !output.is_empty());
    let mut lines = Vec::new();
    let mut copied = bytes.start;
    for statement in before {
        lines.push(copy(copied..statement.bytes.end)?);
        copied = statement.bytes.end;
    }
    if last.is_tail {
        let value = copy(copied..last.bytes.end)?;
        return Ok(format!("{open} {}).await{behind}", block(&lines, &value)));
    }
    // A statement that ends in `.await?` gives its value to the handler.
    let value = value(file, last, &mapped.cuts).filter(|(_, given)| *given == kept);
    let (result, bound) = match value {
        Some((bytes, _)) => {
            let blanks = &file.text[copied..last.bytes.start];
            let bound = match last.syntax {
                Stmt::Local(local) => {
                    let pattern = local.pat.span().byte_range();
                    format!("let {} = ", &file.text[pattern])
                }
                _ => String::new(),
            };
            (format!("{blanks}{}", copy(bytes)?), bound)
        }
        None => {
            lines.push(copy(copied..last.bytes.end)?);
            (format!("\n{indent}Ok({})", kept.value()), kept.pattern())
        }
    };
    Ok(format!("{bound}{open} {}).await{behind}?;", block(&lines, &result)))
}

/// Writes statements and a value as a block, or a value by itself.
fn block(lines: &[String], value: &str, indent: &str, has_output: bool) -> String {
    if lines.is_empty() && !value.trim().contains(';') && !has_output {
        return value.trim().to_owned();
    }
    // Lines keep their indentation: a literal may go over several.
    format!("{{\n{indent}{}\n{indent}}}", (lines.concat() + value).trim_start())
}

/// The variables of a lease that the code behind it names, and if they may change.
#[derive(PartialEq)]
struct Kept {
    names: Vec<(String, bool)>,
}

impl Kept {
    fn value(&self) -> String {
        let names: Vec<&str> = self.names.iter().map(|(name, _)| name.as_str()).collect();
        match names.as_slice() {
            [name] => (*name).to_owned(),
            names => format!("({})", names.join(", ")),
        }
    }

    fn pattern(&self) -> String {
        let named = |(name, changes): &(String, bool)| match changes {
            true => format!("mut {name}"),
            false => name.clone(),
        };
        let names: Vec<String> = self.names.iter().map(named).collect();
        match names.as_slice() {
            [] => String::new(),
            [name] => format!("let {name} = "),
            names => format!("let ({}) = ", names.join(", ")),
        }
    }
}

fn kept(file: &File<'_>, segment: &[Statement<'_>], after: &Range<usize>) -> Result<Kept, String> {
    let mut names = Vec::new();
    for statement in segment {
        let Stmt::Local(local) = statement.syntax else { continue };
        let found = match bound(&local.pat) {
            Some(found) => found,
            None => {
                let line = file.line(statement.bytes.start);
                return Err(format!("binds a pattern in a lease (line {line})"));
            }
        };
        if name(file.within(after), &found.0) {
            if names.iter().any(|(name, _)| *name == found.0) {
                return Err(format!("binds `{}` twice in one lease", found.0));
            }
            if borrows(file, local, segment) {
                return Err(format!(
                    "may borrow from a variable of its lease in `{}` (line {}): write its type, or clone",
                    found.0,
                    file.line(statement.bytes.start)
                ));
            }
            if let Some(whole) =
                part_of(file, local).filter(|whole| names.iter().any(|(name, _)| name == whole))
            {
                return Err(format!(
                    "may move `{}` out of `{whole}`, and needs both behind the lease (line {})",
                    found.0,
                    file.line(statement.bytes.start)
                ));
            }
            names.push(found);
        }
    }
    Ok(Kept { names })
}

/// Returns the variable of which a `let` may move a part: `let name = user.name;`, but for numbers.
fn part_of(file: &File<'_>, local: &Local) -> Option<String> {
    const COPIED: [&str; 10] =
        ["i16", "i32", "i64", "u32", "u64", "usize", "f64", "bool", "Uuid", "char"];
    if let Pat::Type(typed) = &local.pat
        && COPIED.contains(&&file.text[typed.ty.span().byte_range()])
    {
        return None;
    }
    let Expr::Field(_) = &*local.init.as_ref()?.expr else { return None };
    path(&local.init.as_ref()?.expr)?.into_iter().next()
}

/// Returns true if a variable's value may borrow from another variable of its lease.
fn borrows(file: &File<'_>, local: &Local, segment: &[Statement<'_>]) -> bool {
    let Some(init) = &local.init else { return false };
    let value = file.within(&init.expr.span().byte_range());
    let typed = match &local.pat {
        Pat::Type(typed) => texts(file.within(&typed.ty.span().byte_range())),
        _ => vec!["_"],
    };
    let is_borrowed = |text: &&str| ["&", "_", "impl", "dyn", "'"].contains(text);
    if !typed.iter().any(is_borrowed) || code::awaits(value) || is_owned(&init.expr) {
        return false;
    }
    let variables = segment.iter().filter_map(|statement| match statement.syntax {
        Stmt::Local(local) => bound(&local.pat),
        _ => None,
    });
    variables.into_iter().any(|(variable, _)| {
        let texts = texts(value);
        let mut named = (0..texts.len()).filter(|at| texts[*at] == variable);
        named.any(|at| {
            let is_method = matches!(&texts[at + 1..], [".", method, "(" | ":", ..] if !method.starts_with("into_"));
            is_method || at > 0 && ["&", "mut"].contains(&texts[at - 1])
        })
    })
}

/// Returns true for a value that borrows from none of its parts.
fn is_owned(expr: &Expr) -> bool {
    const METHODS: [&str; 17] = [
        "len", "is_empty", "clone", "cloned", "copied", "to_string", "to_owned", "into_owned",
        "to_vec", "count", "sum", "is_some", "is_none", "is_some_and", "any", "contains",
        "rows_affected",
    ];
    match expr {
        Expr::MethodCall(call) => METHODS.iter().any(|name| call.method == name),
        Expr::Macro(call) => {
            ["format", "json", "matches"].iter().any(|name| call.mac.path.is_ident(name))
        }
        Expr::Try(tried) => is_owned(&tried.expr),
        Expr::Binary(_) | Expr::Unary(_) | Expr::Cast(_) | Expr::Lit(_) => true,
        _ => false,
    }
}

/// Returns the variable of a plain pattern, and if it may change.
fn bound(pat: &Pat) -> Option<(String, bool)> {
    match pat {
        Pat::Ident(found) if found.subpat.is_none() && found.by_ref.is_none() => {
            Some((found.ident.to_string(), found.mutability.is_some()))
        }
        Pat::Type(typed) => bound(&typed.pat),
        _ => None,
    }
}

/// Returns the bytes of `EXPR.await` in a statement `EXPR.await?;` or `let name = EXPR.await?;`, and the name.
fn value(
    file: &File<'_>,
    statement: &Statement<'_>,
    cuts: &[Range<usize>],
) -> Option<(Range<usize>, Kept)> {
    let (expr, names) = match statement.syntax {
        Stmt::Local(local) => (&*local.init.as_ref()?.expr, vec![bound(&local.pat)?]),
        Stmt::Expr(expr, Some(_)) => (expr, Vec::new()),
        _ => return None,
    };
    let Expr::Try(tried) = expr else { return None };
    let mut bytes = tried.expr.span().byte_range();
    if let Some(cut) = cuts.iter().find(|cut| cut.end == bytes.end) {
        bytes.end = cut.start;
    }
    let tokens = file.within(&bytes);
    let ends = tokens.last().is_some_and(|token| token.text == "await");
    ends.then_some((bytes, Kept { names }))
}

/// Removes a statement with its line.
fn remove(at: usize, file: &File<'_>, bytes: Range<usize>, edits: &mut Edits) {
    let start = file.text[..bytes.start].trim_end_matches([' ', '\t']).len();
    let rest = &file.text[bytes.end..];
    let alone = file.text[..start].ends_with('\n') && rest.starts_with('\n');
    let end = bytes.end + usize::from(alone);
    edits.replace(at, start..end, String::new());
}
