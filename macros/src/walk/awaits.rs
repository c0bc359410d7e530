//! Awaits, and the `async` blocks and closures that they may stand in.

use proc_macro2::{Delimiter, Ident, Span, TokenStream, TokenTree};
use quote::quote_spanned;

use super::sequence::{Callee, End, Operand, Walk};
use super::{Code, Region};
use crate::error_type;
use crate::syntax::{behind_parameters, past_path_generics};
use crate::tokens::{self, Group, Token, group, is_pair, is_punct, is_word};

/// Returns the check of an await, in `__private`: all are the same, but for what their errors say.
pub(crate) fn check(callee: Callee) -> &'static str {
    match callee {
        Callee::Unknown => "__in_lease",
        Callee::Waits => "__waits_in_lease",
        Callee::TakesConnection => "__takes_lease",
        Callee::TakesSession => "__opens_in_lease",
        Callee::Joins => "__joins_in_lease",
        Callee::Verb => "__runs_in_lease",
        Callee::AsyncClosure => "__closure_in_lease",
    }
}

impl Code<'_> {
    /// Writes `.await`, and the check before it: `.__in_lease().await`.
    pub(crate) fn awaited(&mut self, awaits: &[Token], callee: Callee, out: &mut Vec<TokenTree>) {
        let [_, word] = awaits else { return };
        if !self.in_lease() || self.refused {
            return tokens::write(awaits, out);
        }
        self.edits += 1;
        let span = word.span();
        let end = out.last().map_or(span, TokenTree::span);
        if let Some(connection) = &self.frame.either {
            let on = connection_type(span);
            out.extend(
                quote_spanned!(span=> .__in_helper::<#connection>().__on::<#connection>(#on)),
            );
        } else {
            // On `await`: the type error then marks that word.
            out.extend(method(check(callee), span, end));
        }
        tokens::write(awaits, out);
    }

    /// Converts the error of what an await gave to the error type, if a body ends with it.
    pub(crate) fn ended(&mut self, walk: &mut Walk<'_, '_>, span: Span) {
        if self.in_lease()
            && !self.refused
            && walk.ends(walk.at)
            && let Some(ended) = self.frame.ended
        {
            walk.out.extend(method(ended, span, span));
        }
    }

    /// Has rustc say that an await is missing, where a body ends in a call that is given the connection.
    pub(crate) fn unawaited(&mut self, walk: &mut Walk<'_, '_>) {
        if walk.operand.callee == Callee::TakesConnection
            && self.in_lease()
            && !self.refused
            && self.frame.ended.is_some()
            && walk.ends(walk.at)
            && let Some(last) = walk.tokens.last()
        {
            walk.out.extend(method("__ended_unawaited", last.span(), last.span()));
            self.edits += 1;
        }
    }

    /// Walks over `async { .. }`, an async closure, or an `async fn`.
    pub(crate) fn asynchronous<'t>(&mut self, walk: &mut Walk<'t, '_>) {
        let (tokens, at) = (walk.tokens, walk.at);
        let next = at + 1 + usize::from(is_word(tokens.get(at + 1), "move"));
        if let Some(braces) = group(tokens.get(next), Delimiter::Brace) {
            self.async_block(walk, next, braces);
            walk.at = next + 1;
            walk.operand = Operand::value(None);
            return;
        }
        self.keyword(walk, "async");
        walk.pass(next - walk.at);
        walk.operand = Operand::default();
        if !is_punct(tokens.get(next), '|') {
            return;
        }
        let region = self.frame.region;
        if region == Region::Lease {
            self.frame.region = Region::AsyncClosure;
        }
        let behind = behind_closure(tokens, at, next);
        let closure = &tokens[next..behind];
        // Its leases end in its own error.
        let outer = output(closure).filter(|_| region == Region::Handler).map(|output| {
            let error = error_type::of_body(output, &self.args.krate(tokens[at].span()));
            (std::mem::replace(&mut self.frame.error, error), self.frame.foreign.take())
        });
        match closure {
            [head @ .., Token::Group(braces)] if outer.is_some() => {
                self.sequence(head, End::Other, walk.out);
                let block = self
                    .within(braces, |code, inner| code.braces(braces.tokens(), End::Body, inner));
                walk.out.push(block);
            }
            closure => {
                self.sequence(closure, End::Other, walk.out);
            }
        }
        if let Some(outer) = outer {
            (self.frame.error, self.frame.foreign) = outer;
        }
        self.frame.region = region;
        walk.at = behind;
        walk.operand = Operand::value(None);
    }

    /// Walks over an `async` block, whose braces stand at `next`.
    fn async_block(&mut self, walk: &mut Walk<'_, '_>, next: usize, braces: &Group) {
        let span = walk.tokens[walk.at].span();
        let first = walk.out.len();
        let end = walk.end_of_operand();
        self.keyword(walk, "async");
        walk.pass(next - walk.at);
        let region = self.frame.region;
        if region == Region::Lease && end == End::Spawned {
            // A future that others wait for is no database future, and its awaits are not this lease's.
            self.frame.region = Region::AsyncClosure;
        }
        let outer = (
            std::mem::take(&mut self.frame.ended),
            std::mem::replace(&mut self.frame.in_closure, true),
        );
        let block =
            self.within(braces, |code, inner| code.braces(braces.tokens(), End::Body, inner));
        (self.frame.ended, self.frame.in_closure) = outer;
        walk.out.push(block);
        if self.in_lease() {
            self.edits += 1;
            let future = walk.out.split_off(first).into_iter().collect();
            walk.out.extend(called(
                self.frame.either.as_ref(),
                &self.args.krate(span),
                span,
                &future,
            ));
        }
        self.frame.region = region;
    }
}

/// Returns the call of a method without arguments.
fn method(name: &str, span: Span, end: Span) -> [TokenTree; 3] {
    let name = Ident::new(name, span).into();
    [tokens::dot(span), name, tokens::parentheses(end, TokenStream::new())]
}

/// Returns the type that a closure says it returns.
fn output(closure: &[Token]) -> Option<&[Token]> {
    let arrow = behind_parameters(closure, 0).filter(|at| is_pair(closure, *at, ['-', '>']))?;
    let is_block = |at: &usize| group(closure.get(*at), Delimiter::Brace).is_some();
    Some(&closure[arrow + 2..(arrow..closure.len()).find(is_block)?])
}

/// Returns the database future of an `async` block: on a connection that is leased, or on `either`.
pub(crate) fn called(
    either: Option<&Ident>,
    krate: &TokenStream,
    span: Span,
    future: &TokenStream,
) -> TokenStream {
    match either {
        Some(connection) => {
            let on = connection_type(span);
            quote_spanned!(span=> #krate::__private::call_on::<#connection, _>(#on, #future))
        }
        None => quote_spanned!(span=> #krate::__private::call(#future)),
    }
}

/// Returns the variable that knows the type of a helper's connection, whatever has the name of that type in the body.
pub(crate) fn connection_type(span: Span) -> Ident {
    Ident::new("on", Span::mixed_site().located_at(span))
}

/// Returns where a closure ends, or earlier, never later: with its braces, or before a comma, a semicolon or a brace,
/// which may be that of a `match` around it. Nothing is around one that begins its argument.
fn behind_closure(tokens: &[Token], begins: usize, pipe: usize) -> usize {
    let body = behind_parameters(tokens, pipe).unwrap_or(tokens.len());
    let is_block = |at: &usize| group(tokens.get(*at), Delimiter::Brace).is_some();
    let braces = (body..tokens.len()).find(is_block).unwrap_or(tokens.len());
    // A type comes before a block, and has commas of its own.
    if braces == body || is_pair(tokens, body, ['-', '>']) {
        return tokens.len().min(braces + 1);
    }
    let is_argument = begins.checked_sub(1).is_none_or(|before| is_punct(tokens.get(before), ','));
    let limit = if is_argument { tokens.len() } else { braces };
    let mut at = body;
    while at < limit && !is_punct(tokens.get(at), ',') && !is_punct(tokens.get(at), ';') {
        at = past_path_generics(tokens, at);
    }
    at.min(limit)
}
