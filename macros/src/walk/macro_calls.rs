//! SL003: macro calls in a lease, whose expansion could hide an await.
//!
//! A macro is expanded once more, or only, inside a closure that is not async, where an await does not compile. A
//! call that is a statement, or gives a place, stays as it is written, and a probe stands before it: dead code that
//! rustc checks and never runs. A call that gives a value is evaluated in such a closure.

use proc_macro2::{Delimiter, Ident, Span, TokenStream, TokenTree};
use quote::{quote, quote_spanned};

use super::sequence::End;
use super::{Code, Region};
use crate::error_type;
use crate::rules::{raw_access, sql};
use crate::syntax::lease_call::{LeaseCall, is_verb};
use crate::syntax::macro_call::{
    MacroCall, Used, declares_nothing, diverges, gives_value, is_concurrent, is_function_like,
    lends_arguments, seems_value,
};
use crate::syntax::scope::Meaning;
use crate::syntax::{self, NamedCall, named_calls};
use crate::tokens::{self, Token, is_punct, word};

impl Code<'_> {
    /// Walks over a macro call that stands in an expression, or is one. Returns if what it gives is a statement of
    /// sqlx.
    pub(crate) fn macro_value(
        &mut self,
        call: &MacroCall<'_>,
        used: Used<'_>,
        end: End,
        out: &mut Vec<TokenTree>,
    ) -> bool {
        let placed = std::mem::take(&mut self.placed) || used.placed;
        let gives = sql::is_macro(call.name);
        if gives && (self.frame.region != Region::Handler || self.verb) {
            self.refuse_sql_of(call);
        }
        if !self.in_lease() {
            if is_concurrent(call.name) && has_lease(call.body.tokens()) {
                let outer = self.joined_in.replace(joined(call.name));
                let body = self.within(call.body, |code, inner| {
                    code.sequence(call.body.tokens(), End::Other, inner);
                });
                self.joined_in = outer;
                out.extend(call.with(&body));
                return gives;
            }
            self.refuse_raw_access(call);
            out.extend(call.written());
            return gives;
        }
        let Some(written) = self.passed(call, end, out) else { return gives };
        if diverges(call.name) {
            let span = Span::mixed_site().located_at(call.span());
            out.extend(match call.name {
                "bail" => {
                    let result = self.result(call);
                    let krate = self.args.krate(call.span());
                    // One that goes on gives `()`.
                    let left =
                        quote_spanned!(span=> #krate::__private::LeavesTheFunctionUnlessTrusted);
                    quote_spanned! {span=> {
                        return (|| -> #result {
                            #[allow(unreachable_code, clippy::all)]
                            return { let _: #left = { #written; }; loop {} };
                        })()
                    }}
                }
                _ => quote_spanned!(span=> { (|| -> ! { #written; })() }),
            });
            return gives;
        }
        // Where no probe can stand, a name must do.
        let as_value =
            gives_value(call) || self.declares && seems_value(call.name) && !used.written;
        if lends_arguments(call.name) || placed && !as_value {
            if self.declares {
                self.refuse(call, &unprobed(call.name), out);
                return gives;
            }
            let hidden = Span::mixed_site().located_at(call.span());
            let verb = used.verb;
            let value = quote_spanned!(hidden=> let _ = #written #(#verb)*;);
            let probe = self.probe(call, &value);
            self.probes.push(probe);
            out.extend(written);
            return gives;
        }
        let span = Span::mixed_site().located_at(call.span());
        let krate = self.args.krate(call.span());
        let value = match call.body.delimiter() {
            // They may be several, which stand in a block.
            Delimiter::Brace if used.alone => quote_spanned!(span=> { #written }),
            _ => written,
        };
        let given = quote_spanned!(span=> #krate::__private::NoReturnFromMacroUnlessTrusted);
        let arguments = quote_spanned! {span=>
            #krate::__private::PhantomData, || -> #given<_> { #given(#value, ()) }
        };
        // As if it were the user's: what rustc says of the value is said where it is used.
        let here = call.span();
        let arguments = tokens::parentheses(here, arguments);
        let value = quote_spanned!(here=> #krate::__private::macro_value #arguments);
        out.extend(match used.lent {
            // rustc would take the type behind the reference for the value's, which may be one that derefs to it.
            true => quote_spanned!(here=> (#value,).0),
            false => value,
        });
        gives
    }

    /// Returns the index behind the verb that a value is run by, if only calls of methods come before it and none of them
    /// awaits or leaves.
    pub(crate) fn behind_verb(&self, tokens: &[Token], from: usize) -> Option<usize> {
        let mut at = from;
        loop {
            let [dot, Token::Word(_, method), Token::Group(group), ..] = tokens.get(at..)? else {
                return None;
            };
            if !is_punct(Some(dot), '.') || leaving(group.tokens()).is_some() {
                return None;
            }
            at += 3;
            if is_verb(method) {
                return self.frame.scope.lends(Meaning::Connection, group.tokens()).then_some(at);
            }
        }
    }

    /// Walks over a macro call that is a statement; `false` if the tokens are something else.
    pub(crate) fn macro_statement(&mut self, tokens: &[Token], out: &mut Vec<TokenTree>) -> bool {
        let Some(call) = MacroCall::read(tokens) else { return false };
        let behind = &tokens[call.len()..];
        if matches!(behind, [Token::Word(_, word), ..] if word != "as") {
            // Its semicolon is missing, and rustc has said so: as it came, it says the same again.
            tokens::write(&tokens[..call.len()], out);
            self.statement(behind, End::Other, out);
            return true;
        }
        let ends = match behind {
            [] => call.body.delimiter() == Delimiter::Brace || diverges(call.name),
            [semicolon] => is_punct(Some(semicolon), ';'),
            _ => false,
        };
        if !ends {
            return false;
        }
        if declares_nothing(&call) || diverges(call.name) {
            let used = Used { alone: true, ..Used::default() };
            self.macro_value(&call, used, End::Other, out);
            let semicolon = behind.is_empty().then(|| quote!(;));
            out.extend(semicolon.into_iter().flatten());
            tokens::write(behind, out);
            return true;
        }
        if sql::is_macro(call.name) {
            self.refuse_sql_of(&call);
        }
        if let Some(written) = self.passed(&call, End::Other, out) {
            let probed = match call.body.delimiter() {
                // At the end of a block it may give a value.
                Delimiter::Brace if behind.is_empty() => quote!(let _ = { #written };),
                Delimiter::Brace => written.clone(),
                _ => quote!(#written;),
            };
            let probe = self.probe(&call, &probed);
            self.probes.push(probe);
            out.extend(written);
        }
        tokens::write(behind, out);
        true
    }

    /// Writes a call that is trusted or refused, or one of std whose arguments may await. Returns any other, which is to be
    /// proved not to leave the body.
    fn passed(
        &mut self,
        call: &MacroCall<'_>,
        end: End,
        out: &mut Vec<TokenTree>,
    ) -> Option<TokenStream> {
        self.edits += 1;
        if self.args.trusts(call.name) {
            out.extend(call.written());
        } else if let Some(refusal) = refusal(call, end) {
            self.refuse(call, &refusal, out);
        } else if leaving(call.body.tokens()).is_some() || call.name == "vec" && call.is_of_std() {
            self.as_of_std(call, out);
        } else {
            self.refuse_raw_access(call);
            return Some(self.looked_through(call));
        }
        None
    }

    /// Walks over an arm that is nothing but a macro that leaves the function; `false` if it is something else.
    pub(crate) fn diverging(&mut self, tokens: &[Token], out: &mut Vec<TokenTree>) -> bool {
        let call = MacroCall::read(tokens);
        let Some(call) = call.filter(|call| call.len() == tokens.len() && diverges(call.name))
        else {
            return false;
        };
        self.macro_value(&call, Used::default(), End::Other, out);
        true
    }

    /// Reports a mistake. The call stays, with its arguments as other code: rustc finds no more of them.
    fn refuse(&mut self, call: &MacroCall<'_>, refusal: &str, out: &mut Vec<TokenTree>) {
        self.errors.at(call.span(), refusal);
        if is_concurrent(call.name) {
            return out.extend(self.not_run(call));
        }
        let outer = std::mem::replace(&mut self.refused, true);
        let body = self.within(call.body, |code, inner| {
            code.sequence(call.body.tokens(), End::Other, inner);
        });
        self.refused = outer;
        out.extend(call.with(&body));
    }

    /// Returns a call that is refused. If several of its arguments borrow the connection, it is code that is never
    /// reached, where rustc does not say that too.
    fn not_run(&self, call: &MacroCall<'_>) -> TokenStream {
        let written = call.written();
        let mut lent = 0;
        syntax::each_word(call.body.tokens(), &mut |name| {
            lent += usize::from(self.frame.scope.is(Meaning::Connection, name));
        });
        if lent < 2 || leaving(call.body.tokens()).is_some() {
            return written;
        }
        let span = Span::mixed_site().located_at(call.span());
        let value = quote_spanned! {span=>
            async { #[allow(unreachable_code)] let value = { loop {} #written }; value }.await
        };
        match call.body.delimiter() {
            Delimiter::Brace => quote_spanned!(span=> { #value }),
            _ => value,
        }
    }

    /// Writes a macro of std by shortlease's path, with its arguments as any other code.
    fn as_of_std(&mut self, call: &MacroCall<'_>, out: &mut Vec<TokenTree>) {
        let span = call.span();
        let krate = self.args.krate(span);
        let name = Ident::new(call.name, span);
        let content = call.body.tokens();
        let mut inner = Vec::new();
        self.sequence(content, End::Other, &mut inner);
        let is_assertion = matches!(call.name, "assert" | "debug_assert");
        if is_assertion && syntax::arguments(content).len() == 1 {
            // Without a message, it prints the code of its argument: as written, and not as rewritten.
            let written = call.body.stream();
            let comma = (!is_punct(content.last(), ',')).then(|| quote!(,));
            inner.extend(quote_spanned! {span=>
                #comma "assertion failed: {}", #krate::__private::stringify!(#written)
            });
        }
        let bang = call.bang;
        out.extend(quote_spanned!(span=> #krate::__private::#name #bang));
        out.push(call.body.with(inner.into_iter().collect()));
    }

    /// Returns a call with the verbs in its arguments rewritten, if it is one that only pins them.
    fn looked_through(&mut self, call: &MacroCall<'_>) -> TokenStream {
        if !matches!(call.name, "pin" | "pin_mut") {
            return call.written();
        }
        let body = self.within(call.body, |code, inner| {
            code.sequence(call.body.tokens(), End::Other, inner);
        });
        call.with(&body)
    }

    /// Returns dead code with a macro call in it, in a closure that is not async and of a type that no `return` in
    /// the expansion could have.
    fn probe(&self, call: &MacroCall<'_>, code: &TokenStream) -> TokenStream {
        let span = Span::mixed_site().located_at(call.span());
        let krate = self.args.krate(call.span());
        // Behind a loop that never ends, it moves and gives nothing that the call moves and gives.
        let checked = if call.name == "ensure" {
            let result = self.result(call);
            quote_spanned!(span=> return (|| -> #result { loop {} #code })();)
        } else {
            let given = quote_spanned!(span=> #krate::__private::NoReturnFromMacroUnlessTrusted);
            // In a loop, a macro may `continue` or `break`.
            quote_spanned!(span=> (|| -> #given<()> { loop {} loop { #code }; #given((), ()) })();)
        };
        quote_spanned!(span=>
            #[allow(
                unreachable_code, unused, clippy::all,
                overflowing_literals, arithmetic_overflow, unconditional_panic
            )]
            loop { break; #checked }
        )
    }

    /// Returns the type that a macro returns from the function around it.
    fn result(&self, call: &MacroCall<'_>) -> TokenStream {
        let span = Span::mixed_site().located_at(call.span());
        let error = error_type::written(self.frame.error.as_ref());
        match &self.frame.returns {
            _ if self.frame.in_closure => quote!(_),
            Some(returns) => returns.clone(),
            None => quote_spanned!(span=> ::core::result::Result<_, #error>),
        }
    }

    fn refuse_sql_of(&mut self, call: &MacroCall<'_>) {
        // Only the first argument with text in it: before it stands a type, after it what is bound.
        call.body
            .tokens()
            .split(|token| is_punct(Some(token), ','))
            .any(|argument| self.refuse_sql(argument));
    }

    fn refuse_raw_access(&mut self, call: &MacroCall<'_>) {
        if let Some((span, method)) = raw_access_in(call.body.tokens())
            && !self.args.allows("SL006")
        {
            self.errors.at(span, raw_access::call(method, self.in_lease()));
        }
    }
}

/// Returns what is wrong with a call, if anything shows in its tokens.
fn refusal(call: &MacroCall<'_>, end: End) -> Option<String> {
    let name = call.name;
    if is_concurrent(name) {
        return Some(format!(
            "SL003: `{name}!` cannot run statements of one connection at once\nhelp: await them one after the other"
        ));
    }
    if end == End::Pattern {
        return Some(format!(
            "SL003: `{name}!` is not allowed in a pattern or a type inside a lease\nhelp: write out what it stands for, or trust the macro: `trust({name})`"
        ));
    }
    let leaving = leaving(call.body.tokens())?;
    let function_like = is_function_like(name) && call.is_of_std();
    (!function_like).then(|| match leaving {
        LABEL => format!(
            "SL003: a label is not allowed among the arguments of `{name}!` inside a lease\nhelp: write out how it leaves the loop, or trust the macro: `trust({name})`"
        ),
        leaving => format!(
            "SL003: `{leaving}` is not allowed among the arguments of `{name}!` inside a lease\nhelp: bind the value with `let` before the call\nnote: a macro decides what becomes of its arguments, so they cannot be checked"
        ),
    })
}

fn joined(name: &str) -> String {
    format!(
        "SL002: a lease must be awaited where it is opened, and not in `{name}!`\nhelp: await the leases one after the other, or run each in a task of its own\nnote: a lease that is joined holds its connection while something else runs"
    )
}

/// Tells whether a lease is opened among a macro's arguments.
fn has_lease(tokens: &[Token]) -> bool {
    let opens = |call: NamedCall<'_>| LeaseCall::read(call.name, call.arguments.tokens()).is_some();
    let hides = |token: &Token| matches!(token, Token::Group(group) if has_lease(group.tokens()));
    named_calls(tokens).any(opens) || tokens.iter().any(hides)
}

fn unprobed(name: &str) -> String {
    format!(
        "SL003: `{name}!` is written to or borrowed from, in a statement with names or conditions of its own\nhelp: put the code into a block of its own, or bind the value with `let` first"
    )
}

/// Returns the method among a macro's arguments that takes a raw connection.
fn raw_access_in(tokens: &[Token]) -> Option<(Span, &str)> {
    let takes = |call: &NamedCall<'_>| {
        let arguments = syntax::arguments(call.arguments.tokens()).len();
        let receiver = call.at.checked_sub(1).and_then(|on| word(tokens.get(on)));
        raw_access::is_method(call.name, arguments, receiver.unwrap_or_default())
    };
    named_calls(tokens).find(takes).map(|call| (call.ident.span(), call.name))
}

/// Returns what in the arguments of a macro awaits or leaves the body, which a closure cannot.
fn leaving(tokens: &[Token]) -> Option<&'static str> {
    let mut after_value = false;
    tokens.iter().enumerate().find_map(|(at, token)| {
        // Without a value before it, it is a sigil of tracing.
        let tries = after_value && is_punct(Some(token), '?');
        after_value = !matches!(token, Token::Sign(_));
        match token {
            Token::Group(group) => leaving(group.tokens()),
            Token::Word(_, word) => match word.as_str() {
                "await" => Some(".await"),
                // tracing has a field of this name.
                "return" if !is_punct(tokens.get(at + 1), '=') => Some("return"),
                "break" => Some("break"),
                "continue" => Some("continue"),
                _ => None,
            },
            _ if is_label(tokens, at) => Some(LABEL),
            _ => tries.then_some("?"),
        }
    })
}

/// The kind of argument that names a loop.
const LABEL: &str = "'";

/// Tells whether a whole argument begins here that is a label: of a loop that the macro may leave.
fn is_label(tokens: &[Token], at: usize) -> bool {
    let ends = |next: Option<&Token>| next.is_none() || is_punct(next, ',');
    is_punct(tokens.get(at), '\'')
        && word(tokens.get(at + 1)).is_some_and(|name| !matches!(name, "static" | "_"))
        && ends(at.checked_sub(1).and_then(|before| tokens.get(before)))
        && ends(tokens.get(at + 2))
}
