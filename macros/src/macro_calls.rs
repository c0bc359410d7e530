//! SL003: macro calls in a lease, whose expansion could hide an await.
//!
//! A macro is expanded once more, or only, inside a closure that is not async, where an await does not compile. A
//! call that is a statement, or gives a place, stays as it is written, and a probe stands before it: dead code that
//! rustc checks and never runs. A call that gives a value is evaluated in such a closure.

use proc_macro2::{Delimiter, Ident, Span, TokenStream, TokenTree};
use quote::{quote, quote_spanned};

use crate::code::{self, Code, End, Operand, Region};
use crate::macro_call::{
    MacroCall, borrows, gives_value, is_concurrent, is_function_like, leaves, read, returns,
};
use crate::rules::{raw_access, sql};
use crate::tokens::{self, ident, is_punct, list, regroup};

impl Code<'_> {
    /// Walks over a macro call that stands in an expression, or is one. `behind` is what follows.
    pub(crate) fn macro_value(
        &mut self,
        call: &MacroCall<'_>,
        behind: &[TokenTree],
        end: End,
        out: &mut Vec<TokenTree>,
    ) -> Operand {
        let placed = std::mem::take(&mut self.placed) || code::is_placed(behind, out);
        let gives = match sql::is_macro(&call.name) {
            true => Operand::statement(),
            false => Operand::value(),
        };
        if sql::is_macro(&call.name) && (self.region != Region::Handler || self.verb) {
            self.refuse_sql_of(call);
        }
        if !self.in_lease() || end == End::Types {
            self.refuse_raw_access(call.body.stream());
            out.extend(call.written());
            return gives;
        }
        if self.args.trusts(&call.name) {
            out.extend(call.written());
            return gives;
        }
        if let Some(refusal) = self.refusal(call, end) {
            self.refuse(call, &refusal, out);
            return gives;
        }
        if awaits(call.body.stream()) || call.name == "vec" && call.is_of_std() {
            self.as_of_std(call, out);
            return gives;
        }
        self.refuse_raw_access(call.body.stream());
        let written = self.looked_through(call);
        if leaves(&call.name) {
            let probe = self.probe(call, &written, &quote!(;));
            let span = call.span();
            out.extend(quote_spanned!(span=> { #probe #written }));
            return gives;
        }
        if borrows(&call.name) || placed && !gives_value(&call.name) {
            if self.declares {
                self.refuse(call, &unprobed(&call.name), out);
                return gives;
            }
            let hidden = Span::mixed_site().located_at(call.span());
            let probe = self.probe(call, &quote_spanned!(hidden=> let _ = #written), &quote!(;));
            self.probes.extend(probe);
            out.extend(written);
            return gives;
        }
        let span = Span::mixed_site().located_at(call.span());
        let krate = self.args.krate(call.span());
        // In braces they may be statements, which stand in a block.
        let value = match call.body.delimiter() {
            Delimiter::Brace => quote_spanned!(span=> { #written }),
            _ => written,
        };
        let given = quote_spanned!(span=> #krate::__private::NoReturnFromMacro);
        out.extend(quote_spanned!(span=> #krate::__private::macro_value));
        out.push(tokens::parentheses(
            span,
            quote_spanned!(span=> || -> #given<_> { #given(#value, ()) }),
        ));
        gives
    }

    /// Walks over a macro call that is a statement; `false` if the tokens are something else.
    pub(crate) fn macro_statement(
        &mut self,
        tokens: &[TokenTree],
        out: &mut Vec<TokenTree>,
    ) -> bool {
        let Some((call, behind)) = read(tokens) else { return false };
        let ends = match &tokens[behind..] {
            [] => call.body.delimiter() == Delimiter::Brace || leaves(&call.name),
            [semicolon] => is_punct(Some(semicolon), ';'),
            _ => false,
        };
        if !ends {
            return false;
        }
        let semicolon = &tokens[behind..];
        if sql::is_macro(&call.name) {
            self.refuse_sql_of(&call);
        }
        if self.args.trusts(&call.name) {
            out.extend(tokens.iter().cloned());
            return true;
        }
        if let Some(refusal) = self.refusal(&call, End::Other) {
            self.refuse(&call, &refusal, out);
            out.extend(semicolon.iter().cloned());
            return true;
        }
        if awaits(call.body.stream()) {
            self.as_of_std(&call, out);
            out.extend(semicolon.iter().cloned());
            return true;
        }
        self.refuse_raw_access(call.body.stream());
        let written = self.looked_through(&call);
        let end = match call.body.delimiter() {
            Delimiter::Brace => TokenStream::new(),
            _ => quote!(;),
        };
        let probe = self.probe(&call, &written, &end);
        self.probes.extend(probe);
        out.extend(written);
        out.extend(semicolon.iter().cloned());
        true
    }

    /// Walks over an arm that is nothing but a macro that leaves the function; `false` if it is something else.
    pub(crate) fn diverging(&mut self, tokens: &[TokenTree], out: &mut Vec<TokenTree>) -> bool {
        let Some((call, behind)) = read(tokens) else { return false };
        if behind != tokens.len() || !leaves(&call.name) {
            return false;
        }
        self.macro_value(&call, &[], End::Other, out);
        true
    }

    /// Reports a mistake. The call stays, with its arguments as other code: rustc finds no more of them.
    fn refuse(&mut self, call: &MacroCall<'_>, refusal: &str, out: &mut Vec<TokenTree>) {
        self.errors.at(call.span(), refusal);
        if is_concurrent(&call.name) {
            out.extend(call.written());
            return;
        }
        let mut inner = Vec::new();
        let outer = std::mem::replace(&mut self.refused, true);
        self.sequence(&list(call.body.stream()), End::Other, &mut inner);
        self.refused = outer;
        let body = regroup(call.body, call.body.delimiter(), inner.into_iter().collect());
        let (path, bang) = (&call.path, &call.bang);
        out.extend(quote!(#(#path)* #bang #body));
    }

    /// Returns what is wrong with a call, if anything shows in its tokens.
    fn refusal(&self, call: &MacroCall<'_>, end: End) -> Option<String> {
        let name = &call.name;
        if is_concurrent(name) {
            return Some(format!(
                "SL003: `{name}!` cannot run statements of one connection at once\nhelp: await them one after the other"
            ));
        }
        if end == End::Pattern {
            return Some(format!(
                "SL003: `{name}!` is not allowed in a pattern inside a lease\nhelp: write the pattern out, or trust the macro: `trust({name})`"
            ));
        }
        let leaving = leaving(call.body.stream())?;
        let function_like = is_function_like(name) && call.is_of_std();
        (!function_like).then(|| {
            format!(
                "SL003: `{leaving}` is not allowed among the arguments of `{name}!` inside a lease\nhelp: bind the value with `let` before the call\nnote: a macro decides what becomes of its arguments, so they cannot be checked"
            )
        })
    }

    /// Writes a macro of std by shortlease's path, with its arguments as any other code.
    fn as_of_std(&mut self, call: &MacroCall<'_>, out: &mut Vec<TokenTree>) {
        let span = call.span();
        let krate = self.args.krate(span);
        let name = Ident::new(&call.name, span);
        let content = list(call.body.stream());
        let mut inner = Vec::new();
        self.sequence(&content, End::Other, &mut inner);
        let is_assertion = matches!(call.name.as_str(), "assert" | "debug_assert");
        if is_assertion && tokens::arguments(&content).len() == 1 {
            // Without a message, it prints the code of its argument: as written, and not as rewritten.
            let written = call.body.stream();
            let comma = (!is_punct(content.last(), ',')).then(|| quote!(,));
            inner.extend(quote_spanned! {span=>
                #comma "assertion failed: {}", #krate::__private::stringify!(#written)
            });
        }
        let bang = &call.bang;
        out.extend(quote_spanned!(span=> #krate::__private::#name #bang));
        out.push(regroup(call.body, call.body.delimiter(), inner.into_iter().collect()));
    }

    /// Returns a call with the verbs in its arguments rewritten, if it is one that only pins them.
    fn looked_through(&mut self, call: &MacroCall<'_>) -> TokenStream {
        if !matches!(call.name.as_str(), "pin" | "pin_mut") {
            return call.written();
        }
        let content = list(call.body.stream());
        let inner = self.braces(content, End::Other);
        let body = regroup(call.body, call.body.delimiter(), inner.into_iter().collect());
        let (path, bang) = (&call.path, &call.bang);
        quote!(#(#path)* #bang #body)
    }

    /// Returns dead code with a macro call in it, in a closure that is not async and of a type that no `return` in
    /// the expansion could have.
    fn probe(&self, call: &MacroCall<'_>, written: &TokenStream, end: &TokenStream) -> TokenStream {
        let span = Span::mixed_site().located_at(call.span());
        let krate = self.args.krate(call.span());
        let closure = if returns(&call.name) {
            let error = &self.error;
            match &self.returns {
                _ if self.in_closure => {
                    quote_spanned!(span=> || -> ::core::result::Result<_, _> {
                        #written #end ::core::result::Result::Ok(loop {})
                    })
                }
                Some(returns) => quote_spanned!(span=> || -> #returns { #written #end loop {} }),
                None => {
                    quote_spanned!(span=> || -> ::core::result::Result<_, #error> {
                        #written #end ::core::result::Result::Ok(loop {})
                    })
                }
            }
        } else {
            let given = quote_spanned!(span=> #krate::__private::NoReturnFromMacro);
            quote_spanned!(span=> || -> #given<()> { #written #end #given((), ()) })
        };
        quote_spanned!(span=> #[allow(unreachable_code, unused, clippy::all)] loop { break; (#closure)(); })
    }

    fn refuse_sql_of(&mut self, call: &MacroCall<'_>) {
        // Only the first argument with text in it: before it stands a type, after it what is bound.
        let tokens = list(call.body.stream());
        tokens.split(|token| is_punct(Some(token), ',')).any(|argument| self.refuse_sql(argument));
    }

    fn refuse_raw_access(&mut self, tokens: TokenStream) {
        if let Some(method) = raw_access_in(&list(tokens))
            && !self.args.allows("SL006")
        {
            self.errors.at(method.span(), raw_access::call(&method.to_string()));
        }
    }
}

fn unprobed(name: &str) -> String {
    format!(
        "SL003: what `{name}!` gives is written to or borrowed from, behind names that this statement declares\nhelp: put the code into a block of its own, or bind the value with `let` first"
    )
}

/// Returns the method among a macro's arguments that takes a raw connection.
fn raw_access_in(tokens: &[TokenTree]) -> Option<&Ident> {
    tokens.windows(3).enumerate().find_map(|(at, three)| match three {
        [dot, TokenTree::Ident(method), TokenTree::Group(arguments)]
            if is_punct(Some(dot), '.') && arguments.delimiter() == Delimiter::Parenthesis =>
        {
            let arguments = tokens::arguments(&list(arguments.stream())).len();
            let receiver = at.checked_sub(1).and_then(|on| ident(tokens.get(on)));
            let receiver = receiver.map(ToString::to_string).unwrap_or_default();
            raw_access::is_method(&method.to_string(), arguments, &receiver).then_some(method)
        }
        _ => None,
    })
}

/// Tells whether there is an await in tokens, or something that leaves the body.
fn awaits(tokens: TokenStream) -> bool {
    leaving(tokens).is_some()
}

/// Returns what in the arguments of a macro awaits or leaves the body, which a closure cannot.
fn leaving(tokens: TokenStream) -> Option<&'static str> {
    let mut after_value = false;
    for token in tokens {
        // Without a value before it, it is a sigil of tracing.
        let tries = after_value && is_punct(Some(&token), '?');
        after_value = !matches!(token, TokenTree::Punct(_));
        if tries {
            return Some("?");
        }
        let found = match token {
            TokenTree::Ident(word) => match word.to_string().as_str() {
                "await" => Some(".await"),
                "return" => Some("return"),
                "break" => Some("break"),
                "continue" => Some("continue"),
                _ => None,
            },
            TokenTree::Group(group) => leaving(group.stream()),
            _ => None,
        };
        if found.is_some() {
            return found;
        }
    }
    None
}
