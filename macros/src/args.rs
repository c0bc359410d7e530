use std::cell::Cell;

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::parse::{Parse, ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::{Attribute, LitStr, Path, Token, Type, parenthesized, parse_quote};

/// Which of the two attributes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Handler,
    Leased,
}

/// The arguments of an attribute.
#[derive(Default)]
pub(crate) struct Args {
    /// All of them as they came, if they could be read.
    written: TokenStream,
    krate: Option<Path>,
    pub(crate) error: Option<Type>,
    pub(crate) boxed: bool,
    /// The parameter that carries the lease.
    pub(crate) on: Option<Ident>,
    trust: Vec<Escape>,
    allow: Vec<Escape>,
    /// Words for what stood around the function, if this attribute has come out of another one of ours.
    pub(crate) again: Option<Vec<Ident>>,
}

/// A way out of a rule, named; it must be needed.
struct Escape {
    name: Ident,
    used: Cell<bool>,
}

impl Args {
    /// Reads the arguments of an attribute. Those behind a mistake count too: with `crate = ..` its error can be written.
    pub(crate) fn read(role: Role, tokens: TokenStream) -> (Self, syn::Result<()>) {
        let mut args = Args { written: tokens.clone(), ..Args::default() };
        let all = |input: ParseStream<'_>| {
            let mut read = Ok(());
            while !input.is_empty() {
                read = read.and(args.read_one(role, input));
                while read.is_err() && !input.is_empty() && !input.peek(Token![,]) {
                    input.parse::<TokenTree>()?;
                }
                if !input.is_empty() {
                    input.parse::<Token![,]>()?;
                }
            }
            read
        };
        let read = all.parse2(tokens);
        if read.is_err() {
            // It is not to be said again.
            args.written = TokenStream::new();
        }
        (args, read)
    }

    fn read_one(&mut self, role: Role, input: ParseStream<'_>) -> syn::Result<()> {
        if input.parse::<Option<Token![crate]>>()?.is_some() {
            input.parse::<Token![=]>()?;
            self.krate = Some(input.call(Path::parse_mod_style)?);
            return Ok(());
        }
        let name: Ident = input.parse()?;
        let only = |of: Role, attribute: &str, why: &str| {
            let message =
                format!("`{name}` is an argument of `#[{attribute}]` only: {why}\nhelp: remove it");
            if role == of { Ok(()) } else { Err(syn::Error::new(name.span(), message)) }
        };
        match name.to_string().as_str() {
            "error" => {
                only(Role::Handler, "handler", "a leased function keeps its own error type")?;
                input.parse::<Token![=]>()?;
                if input.peek(LitStr) {
                    let message = "`error` is a type, and not a text\nhelp: write it without quotes: `error = MyError`";
                    return Err(input.error(message));
                }
                self.error = Some(input.parse()?);
            }
            "on" => {
                only(Role::Leased, "leased", "a handler opens its leases itself")?;
                input.parse::<Token![=]>()?;
                self.on = Some(input.parse()?);
            }
            "boxed" => {
                only(Role::Leased, "leased", "a handler keeps its return type")?;
                self.boxed = true;
            }
            "__again" if role == Role::Leased => self.again = Some(words(input, Ident::parse)?),
            "trust" => self.trust.extend(Escape::list(input, Ident::parse)?),
            "allow" => self.allow.extend(Escape::list(input, reasoned)?),
            other => {
                let message = format!(
                    "`{other}` is not an argument of this attribute\nhelp: use `error = ..`, `on = ..`, `trust(..)`, `allow(..)`, `boxed` or `crate = ..`"
                );
                return Err(syn::Error::new(name.span(), message));
            }
        }
        Ok(())
    }

    /// Tells whether a macro is to be left alone inside leases.
    pub(crate) fn trusts(&self, name: &str) -> bool {
        Escape::take(&self.trust, name)
    }

    /// Tells whether a rule is switched off.
    pub(crate) fn allows(&self, code: &str) -> bool {
        Escape::take(&self.allow, code)
    }

    /// Returns the attribute again, for another that reads its arguments, and these words.
    pub(crate) fn again(&self, words: Option<Vec<Ident>>) -> Attribute {
        self.trust.iter().chain(&self.allow).for_each(|escape| escape.used.set(true));
        let (krate, written) = (self.krate(Span::call_site()), &self.written);
        let words = words.map(|words| quote!(__again(#(#words),*),));
        parse_quote!(#[#krate::leased(#words #written)])
    }

    /// Returns the mistakes that escapes are which nothing needed.
    pub(crate) fn unused(&self) -> Vec<syn::Error> {
        if self.again.is_some() {
            // Another function of the item may need them.
            return Vec::new();
        }
        let unused = |escapes: &[Escape], message: fn(&Ident) -> String| {
            let unused = escapes.iter().filter(|escape| !escape.used.get());
            unused
                .map(|escape| syn::Error::new(escape.name.span(), message(&escape.name)))
                .collect()
        };
        let mut errors: Vec<_> = unused(&self.trust, |name| {
            format!("SL003: unused `trust`: no lease in here calls `{name}!`\nhelp: remove it")
        });
        errors.extend::<Vec<_>>(unused(&self.allow, |name| {
            format!("{name}: unused `allow`: nothing in here violates {name}\nhelp: remove it")
        }));
        errors
    }

    /// The path to shortlease, spanned as what it is written for.
    pub(crate) fn krate(&self, span: Span) -> TokenStream {
        let Some(path) = &self.krate else { return quote_spanned!(span=> ::shortlease) };
        let respan = |mut token: TokenTree| {
            token.set_span(span.resolved_at(token.span()));
            token
        };
        path.to_token_stream().into_iter().map(respan).collect()
    }
}

impl Escape {
    /// Reads `(name, ..)`.
    fn list(
        input: ParseStream<'_>,
        name: fn(ParseStream<'_>) -> syn::Result<Ident>,
    ) -> syn::Result<Vec<Self>> {
        let escape = |name| Escape { name, used: Cell::new(false) };
        Ok(words(input, name)?.into_iter().map(escape).collect())
    }

    fn take<N: ?Sized>(escapes: &[Escape], name: &N) -> bool
    where
        Ident: PartialEq<N>,
    {
        let found = escapes.iter().find(|escape| escape.name == *name);
        found.inspect(|escape| escape.used.set(true)).is_some()
    }
}

/// Reads `(word, ..)`.
fn words(
    input: ParseStream<'_>,
    word: fn(ParseStream<'_>) -> syn::Result<Ident>,
) -> syn::Result<Vec<Ident>> {
    let words;
    parenthesized!(words in input);
    let words = Punctuated::<Ident, Token![,]>::parse_terminated_with(&words, word)?;
    Ok(words.into_iter().collect())
}

/// Reads `SL004 = "reason"`.
fn reasoned(input: ParseStream<'_>) -> syn::Result<Ident> {
    let code: Ident = input.parse()?;
    if !["SL004", "SL005", "SL006", "SL011"].iter().any(|known| code == known) {
        return Err(syn::Error::new(
            code.span(),
            format!(
                "`{code}` cannot be allowed: only SL004, SL005, SL006 and SL011 can\nhelp: remove it\nnote: the guarantee rests on the other rules"
            ),
        ));
    }
    let missing =
        format!("`{code}` is allowed without a reason\nhelp: write `{code} = \"reason\"`");
    let reason: Option<LitStr> = match input.parse::<Option<Token![=]>>()? {
        Some(_) => input.parse().ok(),
        None => None,
    };
    match reason {
        Some(reason) if !reason.value().trim().is_empty() => Ok(code),
        _ => Err(syn::Error::new(code.span(), missing)),
    }
}
