//! The code of a lease: leases, the awaits in them, and the verbs.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::{quote, quote_spanned};

use crate::code::{Code, End, MethodCall, Operand, Region};
use crate::lease_call::{Body, LeaseCall, LeaseKind, is_verb};
use crate::rules::transaction_state::Within;
use crate::scope::Scope;
use crate::tokens::{self, group, is_pair, is_punct, is_word, list, parentheses};

impl Code<'_> {
    /// Returns the lease that a call opens, if it does.
    pub(crate) fn lease_of(
        &self,
        call: &MethodCall<'_>,
        turbofish: &[TokenTree],
    ) -> Option<LeaseCall> {
        let kind = LeaseKind::of(call.name)?;
        let opens = match kind {
            LeaseKind::Savepoint => self.region == Region::Lease,
            _ => self.region != Region::AsyncClosure,
        };
        if !opens || !turbofish.is_empty() {
            return None;
        }
        Some(LeaseCall { kind, body: Body::read(tokens::without_comma(&call.arguments))? })
    }

    /// Writes a lease, and with it the await that is to come behind it; `false` if there was no await to write.
    pub(crate) fn lease(
        &mut self,
        lease: LeaseCall,
        call: &MethodCall<'_>,
        dot: &TokenTree,
        awaits: &[TokenTree],
        out: &mut Vec<TokenTree>,
    ) -> bool {
        let LeaseCall { kind, body } = lease;
        let span = call.name.span();
        let receiver = tokens::operand_start(out).map(|start| out.split_off(start));
        let nested = self.in_lease() && kind != LeaseKind::Savepoint;
        let refusal = match (&receiver, call.awaited) {
            _ if nested => Some(NESTED),
            (None, _) => Some(NO_SESSION),
            (Some(_), false) => Some(NOT_AWAITED),
            (Some(_), true) => None,
        };
        let (Some(receiver), None) = (receiver, refusal) else {
            self.changed = true;
            out.extend(self.errors.in_place(span, refusal.unwrap_or(NO_SESSION), self.args));
            return false;
        };
        self.changed = true;
        if kind == LeaseKind::Savepoint {
            out.extend(receiver);
            out.push(dot.clone());
            self.savepoint(body, call, out);
            self.awaited(awaits, false, out);
            return true;
        }
        let [dot, word] = awaits else { return false };
        let receiver: TokenStream = receiver.into_iter().collect();
        let lease = self.session_lease(kind, body, call, &receiver, &quote!(#dot #word));
        out.push(lease);
        true
    }

    /// `session.lease(async |conn| BODY).await` becomes
    /// `(match session.lease_in_handler::<Error>() { lending => lending.run_body(BLOCK).await })`, where BLOCK
    /// is `async { let mut conn = lending.lend_to_body(); let conn = &mut *conn; BODY }`: a block costs the
    /// compiler less than a closure.
    fn session_lease(
        &mut self,
        kind: LeaseKind,
        body: Body,
        call: &MethodCall<'_>,
        receiver: &TokenStream,
        awaits: &TokenStream,
    ) -> TokenTree {
        let span = call.name.span();
        let open = Ident::new(kind.checked(), span);
        // Ours, and hidden from the body.
        let hidden = Span::mixed_site().located_at(span);
        // The user's name, unless it is not to be used: what is said of the connection is said there.
        let named = body.binding().filter(|name| !name.to_string().starts_with('_')).cloned();
        let conn = named.unwrap_or_else(|| Ident::new("lent", hidden));
        let here = conn.span();
        let lent = quote_spanned!(here=> &mut *#conn);
        let (error, value) = match &body.output {
            None => (self.error.clone(), None),
            Some(output) => {
                let [error, value] = self.outcome(output);
                (error, Some(quote_spanned!(hidden=> ::<#value, _>)))
            }
        };
        let scope = Scope::default();
        let (code, braces) = self.body(kind, &body, scope);
        let Body { attrs, capture, pattern, .. } = &body;
        let pattern: TokenStream = pattern.iter().cloned().collect();
        let name = Ident::new("lending", hidden);
        let taken = quote_spanned!(here=> mut #conn);
        let mut block = Group::new(
            Delimiter::Brace,
            quote_spanned! {hidden=>
                let #taken = #name.lend_to_body();
                let #pattern = #lent;
                #code
            },
        );
        block.set_span(braces.map_or(hidden, |braces| hidden.located_at(braces)));
        let run = quote_spanned! {hidden=>
            #name.run_body #value (#(#attrs)* async #capture #block) #awaits
        };
        let run = match capture {
            None => run,
            Some(_) => quote_spanned!(hidden=> match &#name { #name => #run }),
        };
        let opened = quote_spanned!(span=> #receiver.#open::<#error>());
        // In parentheses: a statement that begins with `match` would end with it.
        parentheses(hidden, quote_spanned!(hidden=> match #opened { #name => #run }))
    }

    /// `tx.savepoint(async |sp| BODY)` becomes `tx.savepoint_in_lease::<Error, _, _>(async |sp| BODY)`.
    fn savepoint(&mut self, body: Body, call: &MethodCall<'_>, out: &mut Vec<TokenTree>) {
        let span = call.name.span();
        let [error, value] = match &body.output {
            None => [self.error.clone(), quote!(_)],
            Some(output) => self.outcome(output),
        };
        let (code, braces) = self.body(LeaseKind::Savepoint, &body, self.scope.clone());
        let Body { attrs, capture, pattern, output, .. } = &body;
        let mut block = Group::new(Delimiter::Brace, code);
        block.set_span(braces.unwrap_or(span));
        let output = output.as_ref().map(|output| quote!(-> #(#output)*));
        let method = Ident::new(LeaseKind::Savepoint.checked(), span);
        out.extend(quote_spanned!(span=> #method::<#error, #value, _>));
        let closure =
            quote_spanned!(span=> #(#attrs)* async #capture |#(#pattern)*| #output #block);
        out.push(tokens::regroup(call.group, Delimiter::Parenthesis, closure));
    }

    /// Walks over a body, which returns for itself. Returns its code, and the span of its braces if it has some.
    fn body(
        &mut self,
        kind: LeaseKind,
        body: &Body,
        mut scope: Scope,
    ) -> (TokenStream, Option<Span>) {
        if let Some(name) = body.binding() {
            scope.forget(&name.to_string());
            scope.add_connection(name.to_string());
        }
        let converts = body.output.is_none() && self.error.to_string() != "_";
        let returns = body.output.as_ref().map(|output| quote!(#(#output)*));
        let within = match kind {
            LeaseKind::Lease => Within::Lease,
            LeaseKind::Transaction | LeaseKind::Savepoint => Within::Transaction,
        };
        let outer = (
            std::mem::replace(&mut self.within, within),
            std::mem::replace(&mut self.region, Region::Lease),
            std::mem::replace(&mut self.scope, scope),
            std::mem::replace(&mut self.returns, returns),
            std::mem::replace(&mut self.converts, converts),
            std::mem::replace(&mut self.in_closure, false),
        );
        let end = if converts { End::Body } else { End::Other };
        let (tokens, braces) = match &body.code[..] {
            [TokenTree::Group(braces)] if braces.delimiter() == Delimiter::Brace => {
                (list(braces.stream()), Some(braces.span()))
            }
            // As a statement it would end with its first block.
            code if crate::statements::is_cut(code) => {
                (vec![parentheses(Span::mixed_site(), code.iter().cloned().collect())], None)
            }
            code => (code.to_vec(), None),
        };
        let written = match braces {
            Some(_) => self.braces(tokens, end),
            None => {
                let mut written = Vec::new();
                let probes = std::mem::take(&mut self.probes);
                self.statement(&tokens, end, &mut written);
                self.probes = probes;
                written
            }
        };
        (self.within, self.region, self.scope, self.returns, self.converts, self.in_closure) =
            outer;
        (written.into_iter().collect(), braces)
    }

    /// Returns the error and the value of a body that names what it returns.
    fn outcome(&self, output: &[TokenTree]) -> [TokenStream; 2] {
        let span = output.first().map_or_else(Span::call_site, TokenTree::span);
        let krate = self.args.krate(span);
        let outcome = quote_spanned!(span=> #(#output)* as #krate::__private::Outcome);
        [quote!(<#outcome>::Error), quote!(<#outcome>::Value)]
    }

    /// Writes `.await`, and the check before it: `.in_lease().await`. If a body `ends` with it, what it gives is
    /// converted to the error type.
    pub(crate) fn awaited(&mut self, awaits: &[TokenTree], ends: bool, out: &mut Vec<TokenTree>) {
        if !self.in_lease() || self.refused {
            out.extend(awaits.iter().cloned());
            return;
        }
        let [dot, word] = awaits else { return };
        let span = word.span();
        // On `await`: the type error then marks that word.
        let call = |name: &str| {
            [
                tokens::dot(span),
                Ident::new(name, span).into(),
                parentheses(span, TokenStream::new()),
            ]
        };
        out.extend(call(CHECK));
        out.extend([dot.clone(), word.clone()]);
        if ends {
            out.extend(call(ENDED));
        }
    }

    /// Returns the name of the method that a verb becomes on the leased connection, or on what may be one.
    pub(crate) fn verb_of(
        &self,
        name: &str,
        on: &Operand,
        arguments: &[&[TokenTree]],
        turbofish: &[TokenTree],
    ) -> Option<String> {
        let [argument] = arguments else { return None };
        if !self.in_lease() || !is_verb(name) || !turbofish.is_empty() {
            return None;
        }
        let root = tokens::root(argument);
        match root {
            Some(root) if self.scope.is_connection(&root) => Some(format!("__{name}")),
            _ if on.is_statement => Some(format!("__{name}_on")),
            _ => None,
        }
    }

    /// Walks over `async { .. }`, an async closure, or an `async fn`.
    pub(crate) fn asynchronous(
        &mut self,
        tokens: &[TokenTree],
        at: usize,
        end: End,
        operand: &mut Operand,
        out: &mut Vec<TokenTree>,
    ) -> usize {
        let moves = usize::from(is_word(tokens.get(at + 1), "move"));
        let next = at + 1 + moves;
        let words = &tokens[at..next];
        if let Some(braces) = group(tokens.get(next), Delimiter::Brace) {
            // A future that others wait for is no database future, and its awaits are not this lease's.
            let region = self.region;
            if region == Region::Lease && end == End::Spawned {
                self.region = Region::AsyncClosure;
            }
            let outer = (
                std::mem::replace(&mut self.converts, false),
                std::mem::replace(&mut self.in_closure, true),
            );
            let code = self.braces(list(braces.stream()), End::Other);
            (self.converts, self.in_closure) = outer;
            let checked = self.region == Region::Lease;
            self.region = region;
            let block = tokens::regroup(braces, Delimiter::Brace, code.into_iter().collect());
            if checked {
                let span = tokens[at].span();
                let krate = self.args.krate(span);
                out.extend(quote_spanned!(span=> #krate::__private::call));
                out.push(parentheses(span, quote!(#(#words)* #block)));
            } else {
                out.extend(words.iter().cloned());
                out.push(block);
            }
            *operand = Operand::value();
            return next + 1;
        }
        out.extend(words.iter().cloned());
        *operand = Operand::default();
        if !is_punct(tokens.get(next), '|') {
            return next;
        }
        let region = self.region;
        if region == Region::Lease {
            self.region = Region::AsyncClosure;
        }
        let behind = behind_closure(tokens, next);
        self.sequence(&tokens[next..behind], End::Other, out);
        self.region = region;
        *operand = Operand::value();
        behind
    }
}

/// Returns where a closure ends, or earlier, never later: with its braces, or before a comma, a semicolon or a brace,
/// which may be that of a `match` around it.
fn behind_closure(tokens: &[TokenTree], pipe: usize) -> usize {
    let close = (pipe + 1..tokens.len()).find(|at| is_punct(tokens.get(*at), '|'));
    let body = close.map_or(tokens.len(), |close| close + 1);
    let ends = |at: &usize| {
        let token = tokens.get(*at);
        is_punct(token, ',') || is_punct(token, ';') || group(token, Delimiter::Brace).is_some()
    };
    let end = (body..tokens.len()).find(ends).unwrap_or(tokens.len());
    let braced = end == body || is_pair(tokens, body, ['-', '>']);
    if braced && group(tokens.get(end), Delimiter::Brace).is_some() { end + 1 } else { end }
}

/// The check of an await, in `__private`.
const CHECK: &str = "__in_lease";
/// The conversion of what a body ends in, in `__private`.
const ENDED: &str = "__ended";

const NESTED: &str = "SL007: a lease inside a lease\nhelp: use the connection this lease has, or `tx.savepoint(..)` in a transaction\nnote: a request that waits for a second connection while it holds one can starve the pool";
const NOT_AWAITED: &str = "SL002: this lease must be awaited right here\nhelp: add `.await`\nnote: a lease that is stored, joined or returned holds its connection while something else runs";
const NO_SESSION: &str = "SL010: the session of this lease cannot be told from the code before it\nhelp: bind the session to a variable with `let`, and open the lease on that";
