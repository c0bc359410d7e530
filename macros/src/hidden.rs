//! SL003: awaits that a macro could hide in a lease.
//!
//! Every macro call there is evaluated inside a closure that is not async, where an await of its
//! expansion cannot compile. Arguments that await or leave the body are evaluated before it, in
//! their order; that needs them to be readable as expressions, which `Shape` knows for known macros.

use proc_macro2::{Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::parse::discouraged::Speculative;
use syn::parse::{ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{Attribute, Block, Expr, Local, Macro, MacroDelimiter, Pat, Stmt, Token, token};

use crate::attributes;
use crate::model::awaits;
use crate::sql;

/// How a macro reads its arguments, and what it does to the function around it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    /// Expressions between commas, the format string among them.
    Values,
    /// As `Values`, and it never returns.
    Diverging,
    /// As `Values`, and it may return an error from the function.
    Returning,
    /// As `Values`, and it always returns an error from the function.
    Bailing,
    /// JSON, with expressions for values.
    Json,
    /// An expression, a comma, and a pattern.
    Matches,
    /// `tokio::pin!` and its like: it declares what it is given.
    Pin,
    /// As `Values`, and what it gives borrows from them.
    Format,
    /// `thread_local!`: it declares items.
    Items,
    /// `vec!`: what its values are coerced to depends on where it stands.
    Vec,
}

/// The macros whose arguments can be read.
fn shape(mac: &Macro) -> Option<Shape> {
    Some(match name(mac).as_str() {
        // std
        "format" | "print" | "println" | "eprint" | "eprintln" | "write" | "writeln" | "assert"
        | "assert_eq" | "assert_ne" | "debug_assert" | "debug_assert_eq" | "debug_assert_ne"
        | "dbg" => Shape::Values,
        "vec" if is_of_std(mac) => Shape::Vec,
        "vec" => Shape::Values,
        "format_args" => Shape::Format,
        "thread_local" => Shape::Items,
        "panic" | "unreachable" | "todo" | "unimplemented" => Shape::Diverging,
        "matches" | "assert_matches" => Shape::Matches,
        // tracing and log
        "trace" | "debug" | "info" | "warn" | "error" | "event" | "span" | "trace_span"
        | "debug_span" | "info_span" | "warn_span" | "error_span" | "log" => Shape::Values,
        // sqlx
        "query"
        | "query_as"
        | "query_scalar"
        | "query_unchecked"
        | "query_as_unchecked"
        | "query_scalar_unchecked"
        | "query_file"
        | "query_file_as"
        | "query_file_scalar" => Shape::Values,
        // serde_json, anyhow, eyre
        "json" => Shape::Json,
        "anyhow" | "eyre" => Shape::Values,
        "ensure" => Shape::Returning,
        "bail" => Shape::Bailing,
        // tokio, futures
        "pin" | "pin_mut" => Shape::Pin,
        _ => return None,
    })
}

/// Whether its path may be that of a macro of std: another crate's is often written with the crate.
fn is_of_std(mac: &Macro) -> bool {
    let mut path = mac.path.segments.iter().rev().skip(1);
    path.next().is_none_or(|of| of.ident == "std" || of.ident == "alloc") && path.next().is_none()
}

/// The last word of a macro's path.
pub(crate) fn name(mac: &Macro) -> String {
    mac.path.segments.last().map(|last| last.ident.to_string()).unwrap_or_default()
}

fn is_called(mac: &Macro, names: &[&str]) -> bool {
    names.contains(&name(mac).as_str())
}

/// Macros that run several futures at once, which one connection cannot.
pub(crate) fn is_concurrent(mac: &Macro) -> bool {
    is_called(mac, &["join", "try_join", "select", "select_biased"])
}

/// Whether what its expansion is cannot be told: a value, or a place that could be written to.
pub(crate) fn is_unknown(mac: &Macro) -> bool {
    shape(mac).is_none()
}

/// Macros that declare a guard, which a closure would drop at once.
pub(crate) fn is_guard(mac: &Macro) -> bool {
    is_called(mac, &["defer", "defer_on_success", "defer_on_unwind"])
}

/// The arguments that can be read, in their order.
pub(crate) fn arguments(mac: &Macro) -> Vec<Expr> {
    let mut arguments = Vec::new();
    if let Some(shape) = shape(mac) {
        read(shape, mac.tokens.clone(), &mut |value| {
            arguments.push(value);
            TokenStream::new()
        });
    }
    arguments
}

/// The argument that awaits or leaves the body and that the macro evaluates only where it fails: here it
/// would be evaluated always.
pub(crate) fn postponed(mac: &Macro) -> Option<Expr> {
    let judged = match name(mac).as_str() {
        "assert" | "debug_assert" | "ensure" => 1,
        "assert_eq" | "assert_ne" | "debug_assert_eq" | "debug_assert_ne" => 2,
        _ => return None,
    };
    arguments(mac).into_iter().skip(judged).find(leaves)
}

/// Whether it is one of the checked queries of `sqlx`.
pub(crate) fn is_query(mac: &Macro) -> bool {
    sql::is_macro(&name(mac))
}

/// The `await` in it that cannot be checked, if there is one.
pub(crate) fn unreadable(mac: &Macro) -> Option<Ident> {
    awaits(match shape(mac) {
        Some(Shape::Pin) => return None,
        Some(shape) => read(shape, mac.tokens.clone(), &mut |_| TokenStream::new()),
        None => mac.tokens.clone(),
    })
}

/// The macro call, unable to hide an await. `rewrite` is given each argument that is evaluated
/// before it.
pub(crate) fn evaluate(
    attrs: &[Attribute],
    mac: &Macro,
    statement: bool,
    krate: &TokenStream,
    mut rewrite: impl FnMut(&mut Expr),
) -> Expr {
    let shape = shape(mac);
    if shape == Some(Shape::Pin)
        && let Some(pinned) = pin(attrs, mac, statement, krate, &mut rewrite)
    {
        return Expr::Verbatim(pinned);
    }
    if let Some(known) = as_of_std(shape, mac, krate, &mut rewrite) {
        return Expr::Verbatim(quote!(#(#attrs)* #known));
    }
    let (mut values, mut names) = (Vec::<TokenStream>::new(), Vec::new());
    // Our closures, by their span: lints have nothing to say about them.
    let span = Span::mixed_site().located_at(mac.path.span());
    let borrows = borrows(mac);
    let mut mac = mac.clone();
    if let Some(shape) = shape {
        // What stands before an argument that goes ahead goes ahead too, where that can be told apart.
        let mut ahead = arguments(&mac).iter().rposition(leaves).map_or(0, |last| last + 1);
        let moves = moves(&mac);
        let mut formats = moves || matches!(shape, Shape::Json | Shape::Matches);
        mac.tokens = read(shape, mac.tokens, &mut |mut value| {
            let format = matches!(value, Expr::Lit(_) | Expr::Macro(_)) && !formats;
            formats |= format;
            let inert = format || if moves { is_literal(&value) } else { is_inert(&value) };
            let stays = ahead == 0 || inert && !leaves(&value);
            ahead = ahead.saturating_sub(1);
            if stays {
                return value.into_token_stream();
            }
            let name = format_ident!("__argument_{}", names.len(), span = Span::mixed_site());
            rewrite(&mut value);
            names.push(name.clone());
            if borrows && is_place(&value) {
                values.push(quote_spanned!(span=> &#value));
                return quote_spanned!(span=> *#name);
            }
            values.push(value.into_token_stream());
            name.into_token_stream()
        });
    }
    // In braces it may be statements, which stand in a block.
    let braced = matches!(mac.delimiter, MacroDelimiter::Brace(_));
    let given = if braced { quote_spanned!(span=> { #mac }) } else { quote!(#mac) };
    let end = statement.then(|| quote_spanned!(span=> ;));
    // Closures of a type that no `return` in the macro could have: it would leave the closure only.
    let given_type = quote_spanned!(span=> #krate::__private::NoReturnFromMacro);
    let run = quote_spanned! {span=>
        #[allow(unreachable_code)]
        (|| -> #given_type<()> { #mac; #given_type((), ()) })();
    };
    // By a call: what it gives is no place, so that what is written to it is not lost in silence.
    let give = quote_spanned!(span=> #krate::__private::given(|| -> #given_type<_> {
        #given_type(#given, ())
    }));
    let call = match shape {
        // `return` and not `?`: as the macro wrote it, whose error may be of any type.
        Some(Shape::Returning) => quote_spanned! {span=>
            if let ::core::result::Result::Err(error) =
                (|| -> ::core::result::Result<#given_type<()>, _> {
                    #mac;
                    ::core::result::Result::Ok(#given_type((), ()))
                })()
            {
                return ::core::result::Result::Err(error);
            }
        },
        Some(Shape::Bailing) => quote_spanned! {span=>
            return (|| {
                #[allow(clippy::diverging_sub_expression)]
                let _: ::core::convert::Infallible = { #mac; };
            })() #end
        },
        Some(Shape::Diverging) => {
            quote_spanned!(span=> { #run #krate::__private::unreachable!() })
        }
        _ if statement => run,
        _ => give,
    };
    // A match and not a `let`: what the values borrow from must live as long as the call.
    let call = match values.is_empty() {
        true => call,
        false => quote_spanned!(span=> match (#(#values,)*) { (#(#names,)*) => { #call } }),
    };
    // A block that starts a statement is all of it, and `matches!(..) && ..` goes on.
    Expr::Verbatim(match statement || braced {
        true => quote_spanned!(span=> #(#attrs)* { #call }),
        false => quote_spanned!(span=> #(#attrs)* (#call)),
    })
}

/// Whether a macro only looks at its arguments: a place among them is not moved out of.
fn borrows(mac: &Macro) -> bool {
    !is_called(mac, &["vec", "dbg", "anyhow", "eyre", "write", "writeln"])
}

/// Whether a macro takes what its arguments are at that moment.
fn moves(mac: &Macro) -> bool {
    is_called(mac, &["vec", "dbg"])
}

fn is_literal(value: &Expr) -> bool {
    matches!(value, Expr::Lit(_))
}

/// Whether nothing happens when it is evaluated, and nothing could be written to what it names before a macro
/// looks at it.
fn is_inert(value: &Expr) -> bool {
    match value {
        Expr::Reference(reference) => is_inert(&reference.expr),
        Expr::Field(field) => is_inert(&field.base),
        Expr::Unary(unary) => is_inert(&unary.expr),
        Expr::Paren(paren) => is_inert(&paren.expr),
        Expr::Group(group) => is_inert(&group.expr),
        other => matches!(other, Expr::Lit(_) | Expr::Path(_) | Expr::Closure(_)),
    }
}

/// Whether an expression names a place, which `match` would move out of.
fn is_place(value: &Expr) -> bool {
    match value {
        Expr::Field(_) | Expr::Index(_) => true,
        Expr::Unary(unary) => matches!(unary.op, syn::UnOp::Deref(_)),
        _ => false,
    }
}

/// A macro that cannot stand in a closure, as std's, whatever else has that name here.
fn as_of_std(
    shape: Option<Shape>,
    mac: &Macro,
    krate: &TokenStream,
    rewrite: &mut dyn FnMut(&mut Expr),
) -> Option<TokenStream> {
    let span = mac.path.span();
    match shape? {
        Shape::Format => {
            let values = Punctuated::<Expr, Token![,]>::parse_terminated;
            let mut values = mac.parse_body_with(values).ok()?;
            // The first is text, or does not compile.
            values.iter_mut().skip(1).for_each(rewrite);
            Some(quote_spanned!(span=> #krate::__private::format_args!(#values)))
        }
        Shape::Vec => {
            let values = read(Shape::Vec, mac.tokens.clone(), &mut |mut value| {
                rewrite(&mut value);
                value.into_token_stream()
            });
            Some(quote_spanned!(span=> #krate::__private::vec![#values]))
        }
        // In a closure, where no attribute can put an await.
        Shape::Items if attributes::any_unknown(mac.tokens.clone()) => None,
        Shape::Items => {
            let items = &mac.tokens;
            Some(quote_spanned!(span=> #krate::__private::thread_local! { #items }))
        }
        _ => None,
    }
}

/// `pin!(name)` and `pin! { let name = future; }` as statements, `pin!(future)` as a value: what the
/// macros of std, tokio and futures do, by std's.
fn pin(
    attrs: &[Attribute],
    mac: &Macro,
    statement: bool,
    krate: &TokenStream,
    rewrite: &mut dyn FnMut(&mut Expr),
) -> Option<TokenStream> {
    let span = mac.path.span();
    if !statement {
        let mut value: Expr = mac.parse_body().ok()?;
        rewrite(&mut value);
        return Some(match import(mac) {
            Some(pin) => quote_spanned! {span=> #(#attrs)* #krate::__private::pin!({
                let _ = || ::core::mem::drop(#pin!(()));
                #value
            })},
            None => quote_spanned!(span=> #(#attrs)* #krate::__private::pin!(#value)),
        });
    }
    let names = Punctuated::<Ident, Token![,]>::parse_terminated;
    if let Ok(names) = mac.parse_body_with(names) {
        let names = names.iter();
        let attrs = quote!(#(#attrs)* #[allow(unused_mut)]);
        let used = import(mac).map(|pin| {
            let name = Ident::new("unused", Span::mixed_site());
            quote_spanned! {span=>
                #[allow(unused)]
                let _ = || { let #name = (); #pin!(#name); };
            }
        });
        return Some(quote_spanned! {span=>
            #used
            #(#attrs let mut #names = #krate::__private::pin!(#names));*
        });
    }
    let stmts = mac.parse_body_with(Block::parse_within).ok()?;
    let pinned = stmts.into_iter().map(|stmt| match stmt {
        Stmt::Local(Local { pat: Pat::Ident(pat), init: Some(mut init), .. }) => {
            rewrite(&mut init.expr);
            let (name, future) = (pat.ident, init.expr);
            Some(quote_spanned!(span=> #(#attrs)* let mut #name = #krate::__private::pin!(#future)))
        }
        _ => None,
    });
    let pinned = pinned.collect::<Option<Vec<_>>>()?;
    Some(quote!(#(#pinned);*))
}

/// Whether it is `pin! { let name = future; }`, which needs no semicolon to be a statement.
pub(crate) fn declares(mac: &Macro) -> bool {
    let stmts = mac.parse_body_with(Block::parse_within).unwrap_or_default();
    shape(mac) == Some(Shape::Pin) && matches!(stmts.first(), Some(Stmt::Local(_)))
}

/// The name of a macro that an import may have brought in: replaced, it would leave that unused.
fn import(mac: &Macro) -> Option<&Ident> {
    mac.path.get_ident()
}

/// The arguments with every value in them replaced by what `take` makes of it.
fn read(shape: Shape, tokens: TokenStream, take: Take<'_>) -> TokenStream {
    let copy = tokens.clone();
    let reader = |input: ParseStream<'_>| match shape {
        Shape::Matches => {
            let value = take(input.parse()?);
            let pattern: TokenStream = input.parse()?;
            Ok(quote!(#value #pattern))
        }
        Shape::Json => json(input, take),
        Shape::Items => input.parse(),
        _ => values(input, take),
    };
    reader.parse2(tokens).unwrap_or(copy)
}

type Take<'a> = &'a mut dyn FnMut(Expr) -> TokenStream;

/// Values between commas, some of them named (`name = value`) or marked with one of tracing's sigils
/// (`%value`, `name = ?value`).
fn values(input: ParseStream<'_>, take: Take<'_>) -> syn::Result<TokenStream> {
    let mut tokens = TokenStream::new();
    while !input.is_empty() {
        match value(input) {
            Some(Expr::Assign(assign)) => {
                let (name, equals, value) = (&assign.left, &assign.eq_token, take(*assign.right));
                tokens.extend(quote!(#name #equals #value));
            }
            Some(value) => tokens.extend(take(value)),
            None => {
                let token: TokenTree = input.parse()?;
                tokens.extend([token]);
            }
        }
    }
    Ok(tokens)
}

/// JSON with values in it.
fn json(input: ParseStream<'_>, take: Take<'_>) -> syn::Result<TokenStream> {
    let mut tokens = TokenStream::new();
    while !input.is_empty() {
        if input.peek(token::Brace) || input.peek(token::Bracket) {
            let TokenTree::Group(group) = input.parse()? else { continue };
            let inner = (|input: ParseStream<'_>| json(input, take)).parse2(group.stream())?;
            let mut rebuilt = Group::new(group.delimiter(), inner);
            rebuilt.set_span(group.span());
            tokens.extend([TokenTree::Group(rebuilt)]);
        } else if let Some(value) = value(input) {
            tokens.extend(take(value));
        } else {
            let token: TokenTree = input.parse()?;
            tokens.extend([token]);
        }
    }
    Ok(tokens)
}

/// The expression that stands next, if one does, up to a separator.
fn value(input: ParseStream<'_>) -> Option<Expr> {
    let ahead = input.fork();
    let value = ahead.parse().ok()?;
    let ended = ahead.is_empty() || ahead.peek(Token![,]) || ahead.peek(Token![;]);
    ended.then(|| {
        input.advance_to(&ahead);
        value
    })
}

/// Whether evaluating it can wait for something or leave the body, which a closure cannot.
fn leaves(value: &Expr) -> bool {
    struct Leaves(bool);
    impl<'ast> Visit<'ast> for Leaves {
        fn visit_expr(&mut self, expr: &'ast Expr) {
            match expr {
                Expr::Await(_)
                | Expr::Try(_)
                | Expr::Return(_)
                | Expr::Break(_)
                | Expr::Continue(_) => self.0 = true,
                Expr::Closure(_) | Expr::Async(_) => {}
                Expr::Macro(mac) => self.0 |= tokens_leave(mac.mac.tokens.clone()),
                other => visit::visit_expr(self, other),
            }
        }
    }
    let mut leaves = Leaves(false);
    leaves.visit_expr(value);
    leaves.0
}

/// As [`leaves`], for the arguments of a macro in it, as far as their tokens show.
fn tokens_leave(tokens: TokenStream) -> bool {
    let mut after_value = false;
    tokens.into_iter().any(|token| {
        // Where no value stands before it, it is a sigil of tracing.
        let tried =
            after_value && matches!(&token, TokenTree::Punct(punct) if punct.as_char() == '?');
        after_value = !matches!(token, TokenTree::Punct(_));
        tried
            || match token {
                TokenTree::Ident(ident) => ["await", "return"].iter().any(|word| ident == word),
                TokenTree::Group(group) => tokens_leave(group.stream()),
                _ => false,
            }
    })
}
