use std::cell::Cell;

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote_spanned};
use syn::parse::{Parse, ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::{LitStr, Path, Token, Type, parenthesized};

/// Which of the two attributes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Handler,
    Leased,
}

/// The arguments of an attribute.
#[derive(Default)]
pub(crate) struct Args {
    krate: Option<Path>,
    pub(crate) error: Option<Type>,
    pub(crate) boxed: bool,
    /// The parameter that carries the lease.
    pub(crate) on: Option<Ident>,
    trust: Vec<Escape>,
    allow: Vec<Escape>,
}

/// A way out of a rule, named; it must be needed.
struct Escape {
    name: Ident,
    used: Cell<bool>,
}

enum Arg {
    Crate(Path),
    Error(Ident, Box<Type>),
    Trust(Vec<Ident>),
    Allow(Vec<Ident>),
    Boxed(Ident),
    On { word: Ident, name: Ident },
}

impl Args {
    pub(crate) fn parse(role: Role, tokens: TokenStream) -> syn::Result<Self> {
        let parsed = Punctuated::<Arg, Token![,]>::parse_terminated.parse2(tokens)?;
        let mut args = Args::default();
        for arg in parsed {
            match arg {
                Arg::Crate(path) => args.krate = Some(path),
                Arg::Error(_, ty) if role == Role::Handler => args.error = Some(*ty),
                Arg::Error(name, _) => {
                    return Err(syn::Error::new(
                        name.span(),
                        "`error` is an argument of `#[handler]` only: a leased function keeps its own error type\nhelp: remove it",
                    ));
                }
                Arg::Trust(names) => args.trust.extend(names.into_iter().map(Escape::new)),
                Arg::Allow(codes) => args.allow.extend(codes.into_iter().map(Escape::new)),
                Arg::Boxed(_) if role == Role::Leased => args.boxed = true,
                Arg::On { name, .. } if role == Role::Leased => args.on = Some(name),
                Arg::On { word, .. } => {
                    return Err(syn::Error::new(
                        word.span(),
                        "`on` is an argument of `#[leased]` only: a handler opens its leases itself\nhelp: remove it",
                    ));
                }
                Arg::Boxed(name) => {
                    return Err(syn::Error::new(
                        name.span(),
                        "`boxed` is an argument of `#[leased]` only: a handler keeps its return type\nhelp: remove it",
                    ));
                }
            }
        }
        Ok(args)
    }

    /// The path to shortlease, without which its errors could not be written.
    pub(crate) fn of_unreadable(tokens: TokenStream) -> Self {
        let krate = |input: ParseStream<'_>| {
            let mut krate = None;
            while !input.is_empty() {
                if input.peek(Token![crate])
                    && input.peek2(Token![=])
                    && let Arg::Crate(path) = input.parse()?
                {
                    krate = Some(path);
                } else {
                    input.parse::<TokenTree>()?;
                }
            }
            Ok(krate)
        };
        Args { krate: krate.parse2(tokens).unwrap_or_default(), ..Args::default() }
    }

    /// Tells whether a macro is to be left alone inside leases.
    pub(crate) fn trusts(&self, name: &str) -> bool {
        Escape::take(&self.trust, name)
    }

    /// Tells whether a rule is switched off.
    pub(crate) fn allows(&self, code: &str) -> bool {
        Escape::take(&self.allow, code)
    }

    /// Returns the mistakes that escapes are which nothing needed.
    pub(crate) fn unused(&self) -> Vec<syn::Error> {
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
    fn new(name: Ident) -> Self {
        Escape { name, used: Cell::new(false) }
    }

    fn take<N: ?Sized>(escapes: &[Escape], name: &N) -> bool
    where
        Ident: PartialEq<N>,
    {
        let found = escapes.iter().find(|escape| escape.name == *name);
        found.inspect(|escape| escape.used.set(true)).is_some()
    }
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

impl Parse for Arg {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        if input.peek(Token![crate]) {
            input.parse::<Token![crate]>()?;
            input.parse::<Token![=]>()?;
            return Ok(Arg::Crate(input.call(Path::parse_mod_style)?));
        }
        let name: Ident = input.parse()?;
        match name.to_string().as_str() {
            "error" => {
                input.parse::<Token![=]>()?;
                Ok(Arg::Error(name, input.parse()?))
            }
            "trust" => {
                let names;
                parenthesized!(names in input);
                let names = Punctuated::<Ident, Token![,]>::parse_terminated(&names)?;
                Ok(Arg::Trust(names.into_iter().collect()))
            }
            "allow" => {
                let codes;
                parenthesized!(codes in input);
                let codes =
                    Punctuated::<Ident, Token![,]>::parse_terminated_with(&codes, reasoned)?;
                Ok(Arg::Allow(codes.into_iter().collect()))
            }
            "boxed" => Ok(Arg::Boxed(name)),
            "on" => {
                input.parse::<Token![=]>()?;
                Ok(Arg::On { word: name, name: input.parse()? })
            }
            other => Err(syn::Error::new(
                name.span(),
                format!(
                    "`{other}` is not an argument of this attribute\nhelp: use `error = ..`, `on = ..`, `trust(..)`, `allow(..)`, `boxed` or `crate = ..`"
                ),
            )),
        }
    }
}
