//! Leases: what a call that opens one becomes.

use std::iter;

use proc_macro2::{Delimiter, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};

use super::calls::MethodCall;
use super::sequence::{Callee, End, Operand, Walk};
use super::{Code, Frame, Region};
use crate::error_type;
use crate::rules::transaction_state::Within;
use crate::syntax::lease_call::{Body, LeaseCall, LeaseKind, keeps_error, opens};
use crate::syntax::scope::{self, Meaning, Scope, lent_as};
use crate::syntax::statements::{behind_arm, behind_qualified_item, is_cut};
use crate::syntax::{arguments, behind_path, behind_turbofish, is_async_closure, without_comma};
use crate::tokens::{self, Token, enclosed, group, is_punct, is_word, parentheses, word};

/// The end of a lease, as its types say.
struct Ending {
    /// `None` if rustc is to find it.
    error: Option<TokenStream>,
    /// The type of its value, if its body names what it returns.
    value: Option<TokenStream>,
    /// The conversion of what its body ends in, in `__private`.
    ended: Option<&'static str>,
}

impl Code<'_> {
    /// Returns the lease that a call opens, if it does.
    pub(crate) fn lease_of<'t>(
        &self,
        on: &Operand<'_>,
        call: &MethodCall<'t>,
    ) -> Option<LeaseCall<'t>> {
        if !call.turbofish.is_empty() || self.frame.scope.is(Meaning::Bystander, on.root) {
            return None;
        }
        let lease = LeaseCall::read(call.name, call.group.tokens())?;
        let opens = match lease.kind {
            LeaseKind::Savepoint => self.frame.region == Region::Lease,
            _ => self.frame.region != Region::AsyncClosure,
        };
        opens.then_some(lease)
    }

    /// Returns the body of a lease that a leased function is, by its name: `async |conn| load(conn).await`.
    pub(crate) fn body_by_name(
        &self,
        on: &Operand<'_>,
        call: &MethodCall<'_>,
    ) -> Option<Vec<Token>> {
        let opens = matches!(call.name, "lease" | "transaction" | "snapshot")
            && call.turbofish.is_empty()
            && self.is_session(on);
        let path = without_comma(call.group.tokens());
        let named = behind_path(path, 0) == path.len()
            && matches!(path.last(), Some(Token::Word(..) | Token::Sign(_)));
        let span = path.last().filter(|_| opens && named)?.span();
        let conn = Ident::new("conn", Span::mixed_site().located_at(span));
        Some(tokens::list(quote_spanned!(span=> async |#conn| #(#path)*(#conn).await)))
    }

    /// Returns what is wrong with a call that would open a lease if it were written otherwise.
    pub(crate) fn mistake_of_lease(
        &self,
        on: &Operand<'_>,
        call: &MethodCall<'_>,
    ) -> Option<&'static str> {
        if !self.is_session(on) || !opens(call.name) {
            return None;
        }
        match arguments(call.group.tokens())[..] {
            [[pipe, ..]] if is_punct(Some(pipe), '|') => Some(NOT_ASYNC),
            [body, _, ..]
                if is_async_closure(body)
                    && body.iter().filter(|bar| is_punct(Some(bar), '|')).count() == 1 =>
            {
                Some(ONE_PARAMETER)
            }
            [_, body] if call.name == "transaction" && is_async_closure(body) => Some(NO_OPTIONS),
            [body, _] if call.name.starts_with("transaction") && is_async_closure(body) => {
                Some(OPTIONS_LAST)
            }
            [_, _] if matches!(call.name, "lease" | "snapshot") => Some(ONE_ARGUMENT),
            [[function @ .., Token::Group(group)]]
                if group.delimiter() == Delimiter::Parenthesis
                    && !is_async_closure(function)
                    && (word(function.last()).is_some() || is_punct(function.last(), '>')) =>
            {
                Some(CALLED)
            }
            _ => None,
        }
    }

    /// Tells whether an operand around leases is known to be a session.
    pub(super) fn is_session(&self, on: &Operand<'_>) -> bool {
        self.frame.region == Region::Handler
            && match on.path {
                [] => on.name == "session",
                [_] => self.frame.scope.is(Meaning::Session, on.name),
                _ => false,
            }
    }

    /// Walks over a lease, and over the await behind it.
    pub(crate) fn lease(
        &mut self,
        walk: &mut Walk<'_, '_>,
        lease: &LeaseCall<'_>,
        call: &MethodCall<'_>,
    ) {
        self.edits += 1;
        let start = walk.operand.start.filter(|_| walk.operand.exists);
        let around = walk.operand.root;
        let receiver: Option<TokenStream> =
            start.map(|start| walk.out.split_off(start).into_iter().collect());
        let nested = self.in_lease() && lease.kind != LeaseKind::Savepoint;
        walk.at = call.behind;
        walk.operand = Operand::value(start);
        let receiver = match receiver {
            Some(receiver) if call.awaited && !nested => receiver,
            receiver => {
                let refusal = match receiver {
                    _ if nested => NESTED,
                    None => NO_SESSION,
                    Some(_) if lease.kind == LeaseKind::Savepoint => SAVEPOINT_NOT_AWAITED,
                    Some(_) => self.joined_in.as_deref().unwrap_or(NOT_AWAITED),
                };
                let error = self.errors.in_place(call.ident.span(), refusal, self.args);
                return walk.out.extend(error);
            }
        };
        let awaits = &walk.tokens[call.behind..call.behind + 2];
        walk.at += 2;
        if let Some((span, mistake)) = mistake_of_body(lease) {
            return walk.out.extend(self.errors.in_place(span, &mistake, self.args));
        }
        let mapped = behind_maps(walk.tokens, walk.at);
        let handed_on = is_punct(walk.tokens.get(mapped), '?')
            || walk.ends(mapped)
            || lease.kind == LeaseKind::Savepoint;
        if let Some(foreign) =
            self.frame.foreign.as_deref().filter(|_| handed_on && !self.in_lease())
        {
            let error = self.errors.in_place(call.ident.span(), &not_an_error(foreign), self.args);
            return walk.out.extend(error);
        }
        let ends_let = walk.end == End::Typed && mapped == walk.tokens.len();
        let typed = self.typed.clone().filter(|_| ends_let);
        let ending = self.ending(&lease.body, handed_on, typed, call.ident.span());
        if lease.kind == LeaseKind::Savepoint {
            walk.out.extend(receiver);
            walk.out.push(call.dot.tree());
            let scope = self.frame.scope.in_savepoint(around);
            self.savepoint(lease, call, scope, &ending, walk.out);
            self.awaited(awaits, Callee::Unknown, walk.out);
        } else {
            walk.out.push(self.session_lease(lease, call, &ending, &receiver, awaits));
        }
    }

    /// `session.lease(async |conn| BODY).await` becomes
    /// `(match session.lease_in_handler::<Error>() { lending => lending.run_body(BLOCK).await })`, where BLOCK
    /// is `async { let mut conn = lending.lend_to_body(); let conn = &mut *conn; BODY }`: a block costs the
    /// compiler less than a closure. For a body that may run again it is `lending.run_again(|| BLOCK)`.
    fn session_lease(
        &mut self,
        lease: &LeaseCall<'_>,
        call: &MethodCall<'_>,
        ending: &Ending,
        receiver: &TokenStream,
        awaits: &[Token],
    ) -> TokenTree {
        let span = call.ident.span();
        let body = &lease.body;
        let Ending { error, value, .. } = ending;
        let error = error_type::written(error.as_ref());
        let open = Ident::new(lease.kind.checked(), span);
        // Ours, and hidden from the body.
        let hidden = Span::mixed_site().located_at(span);
        // The user's name, unless it is not to be used: what is said of the connection is said there.
        let conn = match body.binding() {
            Some(Token::Word(ident, name)) if !name.starts_with('_') => ident.clone(),
            _ => Ident::new("lent", hidden),
        };
        let here = conn.span();
        let lent = quote_spanned!(here=> &mut *#conn);
        let (code, braces) = self.body(lease, self.frame.scope.around_leases(), ending);
        let Body { attrs, capture, pattern, .. } = body;
        let typed = say_type(
            match body.output {
                Some(output) => tokens::stream(output),
                None => quote!(::core::result::Result<_, #error>),
            },
            hidden,
        );
        let code = match braces {
            // The edition of its braces decides when the temporaries at the end of a block are dropped.
            Some(braces) if body.has_statements() || body.is_unfinished() => {
                enclosed(Delimiter::Brace, braces, code).into()
            }
            _ => code,
        };
        let name = Ident::new("lending", hidden);
        let taken = quote_spanned!(here=> mut #conn);
        let block = quote_spanned! {hidden=>
            let #taken = #name.lend_to_body();
            #[allow(clippy::shadow_same)]
            let #(#pattern)* = #lent;
            #typed
            #code
        };
        // The edition of its words and braces decides if `move` takes whole variables, or only the fields that are used.
        let (word, around) = match (capture, braces) {
            (Some(capture), braces) => (capture.span(), braces.unwrap_or(capture.span())),
            (None, braces) => (hidden, hidden.located_at(braces.unwrap_or(hidden))),
        };
        let word = Ident::new("async", word);
        let block = enclosed(Delimiter::Brace, around, block);
        let block = quote_spanned!(hidden=> #(#attrs)* #word #capture #block);
        let value = value.as_ref();
        let (run, body) = match lease.kind {
            LeaseKind::TransactionWith => {
                let value = value.map(|value| quote_spanned!(hidden=> ::<#value, _, _>));
                (quote_spanned!(hidden=> run_again #value), quote_spanned!(hidden=> || #block))
            }
            _ => {
                let value = value.map(|value| quote_spanned!(hidden=> ::<#value, _>));
                (quote_spanned!(hidden=> run_body #value), block)
            }
        };
        // From the receiver to the await: what is said of the lease is said of all of it, and a `?` goes behind it.
        let begins = receiver.clone().into_iter().next().map_or(span, |first| first.span());
        let ends = awaits.last().map_or(span, Token::span);
        let on = Ident::new("lending", hidden.located_at(begins));
        let body = parentheses(hidden.located_at(ends), body);
        let run = quote_spanned!(hidden=> #on.#run #body #(#awaits)*);
        let run = match capture {
            None => run,
            Some(_) => quote_spanned!(hidden=> match &#name { #name => #run }),
        };
        let dot = call.dot;
        let mut options = Vec::new();
        self.sequence(lease.options, End::Other, &mut options);
        let opened = quote_spanned!(span=> #receiver #dot #open::<#error>(#(#options)*));
        // What is said of its value is said of the lease.
        let word = Ident::new("match", begins);
        let arms = enclosed(Delimiter::Brace, ends, quote_spanned!(hidden=> #name => #run));
        // In parentheses: a statement that begins with `match` would end with it.
        parentheses(hidden, quote_spanned!(hidden=> #word #opened #arms))
    }

    /// `tx.savepoint(async |sp| BODY)` becomes `tx.savepoint_in_lease::<Error, _, _>(async |sp| BODY)`.
    fn savepoint(
        &mut self,
        lease: &LeaseCall<'_>,
        call: &MethodCall<'_>,
        scope: Scope,
        ending: &Ending,
        out: &mut Vec<TokenTree>,
    ) {
        let (span, body) = (call.ident.span(), &lease.body);
        let error = error_type::written(ending.error.as_ref());
        let value = ending.value.clone().unwrap_or_else(|| quote!(_));
        let (code, braces) = self.body(lease, scope, ending);
        let Body { attrs, capture, pattern, output, .. } = body;
        let block = enclosed(Delimiter::Brace, braces.unwrap_or(span), code);
        let output = output.map(|output| quote!(-> #(#output)*));
        let method = Ident::new(lease.kind.checked(), span);
        out.extend(quote_spanned!(span=> #method::<#error, #value, _>));
        out.push(
            call.group.with(
                quote_spanned!(span=> #(#attrs)* async #capture |#(#pattern)*| #output #block),
            ),
        );
    }

    /// Walks over a body, which returns for itself. Returns its code, and the span of its braces if it has some.
    fn body(
        &mut self,
        LeaseCall { kind, body, .. }: &LeaseCall<'_>,
        mut scope: Scope,
        ending: &Ending,
    ) -> (TokenStream, Option<Span>) {
        if let Some(name) = word(body.binding()) {
            scope.forget(name);
            scope.add(Meaning::Connection, name);
        }
        let frame = Frame {
            region: Region::Lease,
            scope,
            // Its connection is leased, whatever that of the function around it is.
            either: None,
            within: match kind {
                LeaseKind::Lease => Within::Lease,
                LeaseKind::Transaction
                | LeaseKind::TransactionWith
                | LeaseKind::Snapshot
                | LeaseKind::Savepoint => Within::Transaction,
            },
            error: ending.error.clone(),
            foreign: None,
            returns: body.output.map(tokens::stream),
            in_closure: false,
            ended: ending.ended,
        };
        let outer = std::mem::replace(&mut self.frame, frame);
        let mut written = Vec::new();
        let mut braces = None;
        match body.code {
            // Someone is still typing it, and rustc has said so.
            [] => written.extend(quote!(loop {})),
            [Token::Group(block)] if block.delimiter() == Delimiter::Brace => {
                braces = Some(block.span_with());
                self.braces(block.tokens(), End::Body, &mut written);
            }
            // As a statement it would end with its first block.
            code if is_cut(code) => {
                let whole = parentheses(Span::mixed_site(), tokens::stream(code));
                self.statement(&tokens::list(whole.into()), End::Body, &mut written);
            }
            code => self.statement(code, End::Body, &mut written),
        }
        self.frame = outer;
        (written.into_iter().collect(), braces)
    }

    /// Walks over `#[leased] async |tx| BODY`, a body that another handler runs; `false` if it is something else.
    pub(crate) fn leased_closure(&mut self, walk: &mut Walk<'_, '_>) -> bool {
        let (tokens, at, start) = (walk.tokens, walk.at, walk.start());
        let Some(attr) = group(tokens.get(at + 1), Delimiter::Bracket) else { return false };
        if !names_leased(&tokens[at + 1]) || behind_qualified_item(tokens, at + 2).is_some() {
            return false;
        }
        // A comma may also be one in the types before its block.
        let next = |end: &usize| (*end < tokens.len()).then(|| behind_arm(tokens, end + 1));
        let mut ends = iter::successors(Some(behind_arm(tokens, at + 2)), next);
        let read = ends.find_map(|end| Some((end, Body::read(&tokens[at + 2..end])?)));
        let span = attr.span();
        let Some((end, body)) = read else {
            walk.out.extend(self.errors.in_place(span, NO_BODY, self.args));
            self.edits += 1;
            walk.at = behind_arm(tokens, at + 2);
            walk.operand = Operand::value(start);
            return true;
        };
        let krate = self.args.krate(span);
        let is_transaction = body.pattern.iter().any(|token| is_word(Some(token), "Tx"));
        let kind = if is_transaction { LeaseKind::Transaction } else { LeaseKind::Lease };
        let lease = LeaseCall { kind, options: &[], body };
        let Body { attrs, capture, pattern, output, .. } = &lease.body;
        let error = output.and_then(|output| error_type::of_body(output, &krate));
        let ending = Ending { error, value: None, ended: None };
        let (code, braces) = self.body(&lease, self.frame.scope.around_leases(), &ending);
        let output = output.map(|output| quote!(-> #(#output)*));
        let value = lease.body.code.last().map_or(span, Token::span);
        let block = enclosed(Delimiter::Brace, braces.unwrap_or(value), code);
        walk.out.extend(quote_spanned!(span=> #krate::__private::leased_closure));
        walk.out.push(parentheses(
            span,
            quote!(#(#attrs)* async #capture |#(#pattern)*| #output #block),
        ));
        walk.at = end;
        walk.operand = Operand::value(start);
        self.edits += 1;
        true
    }

    /// Returns the ending of a lease. It is `handed_on` by a `?`, a `return` or the end of the function, or `typed` by its
    /// `let`; a savepoint always ends in the error of the lease it is in.
    fn ending(
        &self,
        body: &Body<'_>,
        handed_on: bool,
        typed: Option<TokenStream>,
        span: Span,
    ) -> Ending {
        let Some(output) = body.output else {
            let krate = self.args.krate(span);
            let (error, ended) = match (handed_on, typed) {
                (true, _) => (self.frame.error.clone(), "__ended"),
                (false, Some(error)) => (Some(error), "__ended"),
                (false, None) => (Some(quote!(#krate::Error)), "__ended_alone"),
            };
            return Ending { ended: error.is_some().then_some(ended), error, value: None };
        };
        let span = output.first().map_or(span, Token::span);
        let krate = self.args.krate(span);
        let outcome = quote_spanned!(span=> #(#output)* as #krate::__private::Outcome);
        let error = error_type::of_body(output, &krate);
        let ended = error.is_some().then_some("__ended");
        Ending { error, value: Some(quote!(<#outcome>::Value)), ended }
    }
}

/// Tells whether the brackets of an attribute hold the path of `leased`.
fn names_leased(brackets: &Token) -> bool {
    group(Some(brackets), Delimiter::Bracket).is_some_and(|attr| {
        let path = attr.tokens();
        behind_path(path, 0) == path.len() && is_word(path.last(), "leased")
    })
}

/// Returns what is wrong with the head of a lease's body, and where.
fn mistake_of_body(lease: &LeaseCall<'_>) -> Option<(Span, String)> {
    if let Some(capture) = lease.body.capture
        && lease.kind == LeaseKind::TransactionWith
    {
        return Some((capture.span(), MOVED.to_owned()));
    }
    if let Some(attr) = lease.body.attrs.iter().find(|attr| names_leased(attr)) {
        return Some((attr.span(), CHECKED.to_owned()));
    }
    // Behind a `&mut`, a name may be that of an alias.
    if let Some(ty) = scope::type_of(lease.body.pattern)
        && !is_punct(ty.first(), '&')
        && let Some((name, lent)) =
            ty.iter().find_map(|name| Some((name, lent_as(word(Some(name))?)?)))
    {
        return Some((name.span(), not_lent(lent)));
    }
    let output = lease.body.output?;
    let instead = error_type::as_result(output)?;
    let mistake = format!("the body of a lease returns a `Result`\nhelp: write `-> {instead}`");
    Some((output.first()?.span(), mistake))
}

/// Says what a body returns, before it does: a wrong end is then an error at the end, and not of the whole block.
pub(crate) fn say_type(ty: impl ToTokens, shown: Span) -> TokenStream {
    quote_spanned! {shown=>
        #[allow(clippy::all, unreachable_code)]
        if false {
            let ended: #ty = loop {};
            return ended;
        }
    }
}

/// Returns the index behind the calls at `at` of methods that leave an error as it is.
fn behind_maps(tokens: &[Token], at: usize) -> usize {
    let Some([dot, Token::Word(_, method), ..]) = tokens.get(at..) else { return at };
    if !is_punct(Some(dot), '.') || !keeps_error(method) {
        return at;
    }
    let behind = behind_turbofish(tokens, at + 2);
    match tokens.get(behind) {
        Some(Token::Group(_)) => behind_maps(tokens, behind + 1),
        _ => at,
    }
}

fn not_lent(lent: &str) -> String {
    format!(
        "the body of a lease borrows the connection\nhelp: leave the type out: `async |conn| ..`, or write `{lent}`"
    )
}

fn not_an_error(foreign: &str) -> String {
    let of_mcp = if foreign.ends_with("ErrorData") {
        "\nhelp: or return `shortlease::rmcp::ToolError`, with the feature `rmcp`"
    } else {
        ""
    };
    let yours = match foreign == "String" || foreign.starts_with(['(', '&']) {
        true => String::new(),
        false => format!("; if it is yours, write `#[handler(error = {foreign})]`"),
    };
    format!(
        "`{foreign}` cannot be the error of this lease: it has no `From<shortlease::Error>`\nhelp: convert the error of the lease: `.await.map_err(|error| ..)?`\nhelp: or end the leases in an error of your own: `#[handler(error = MyError)]`{of_mcp}\nnote: you cannot implement `From` for another crate's type{yours}"
    )
}

const NO_BODY: &str = "SL009: `#[leased]` on an expression marks an async closure with one parameter\nhelp: write `#[leased] async |tx: &mut Tx<_>| ..`";
const NOT_ASYNC: &str = "the body of a lease is an async closure\nhelp: write `async |conn| ..`";
const NO_OPTIONS: &str = "`transaction` takes no options\nhelp: `transaction_with` does: `session.transaction_with(options, async |tx| ..)`";
const OPTIONS_LAST: &str = "the options of a transaction come before its body\nhelp: write `session.transaction_with(options, async |tx| ..)`";
const ONE_PARAMETER: &str = "the body of a lease takes one parameter, the connection\nhelp: write `async |conn| ..`; it may use the variables around it";
const CHECKED: &str = "a lease checks its body itself\nhelp: remove `#[leased]`\nnote: it is for closures that another function gives to a lease";
const ONE_ARGUMENT: &str = "a lease has one argument, its body\nhelp: write `session.lease(async |conn| ..)`\nhelp: set its limits on the session, and the options of a transaction with `transaction_with`";
const CALLED: &str = "the body of a lease is run by the lease, which gives it the connection\nhelp: write `async |conn| function(conn).await`\nhelp: or give the name of a `#[leased]` function alone";
const NESTED: &str = "SL007: a lease inside a lease\nhelp: use the connection this lease has, or `tx.savepoint(..)` in a transaction\nnote: a request that waits for a second connection while it holds one can starve the pool";
const MOVED: &str = "a body that may run again borrows what it uses\nhelp: remove `move`\nnote: each attempt would begin anew with what was moved in";
const NOT_AWAITED: &str = "SL002: this lease must be awaited right here\nhelp: add `.await`\nhelp: to limit its time, set `max_lease` on the session instead of a `timeout` around it\nnote: a lease that is stored, joined or returned holds its connection while something else runs";
const SAVEPOINT_NOT_AWAITED: &str = "SL002: this savepoint must be awaited right here\nhelp: add `.await`\nhelp: to limit its time, move it into a `#[leased]` function, and put the `timeout` around that\nnote: a savepoint that is stored or joined would be half done while something else runs";
const NO_SESSION: &str = "SL010: the session of this lease cannot be told from the code before it\nhelp: bind the session to a variable with `let`, and open the lease on that";
