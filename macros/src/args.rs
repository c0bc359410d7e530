use std::cell::Cell;

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::ext::IdentExt;
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
    /// True if they could not be read: nobody knows what they trust.
    trusts_all: bool,
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
                input.parse::<Option<Token![,]>>()?;
            }
            read
        };
        let read = all.parse2(tokens);
        if read.is_err() {
            // It is not to be said again.
            args.written = TokenStream::new();
            args.trusts_all = true;
        }
        (args, read)
    }

    fn read_one(&mut self, role: Role, input: ParseStream<'_>) -> syn::Result<()> {
        let unnamed = |error: syn::Error| {
            let message = format!("an argument begins with its name\n{}", known(role));
            syn::Error::new(error.span(), message)
        };
        let name = input.call(Ident::parse_any).map_err(unnamed)?;
        let only = |of: Role, attribute: &str, why: &str| {
            let message =
                format!("`{name}` is an argument of `#[{attribute}]` only: {why}\nhelp: remove it");
            if role == of { Ok(()) } else { Err(syn::Error::new(name.span(), message)) }
        };
        let form = match name.to_string().as_str() {
            "crate" => {
                let form = "`crate` is a path\nhelp: write `crate = path::to::shortlease`";
                self.krate = Some(value(input, Path::parse_mod_style, form)?);
                form
            }
            "error" => {
                only(Role::Handler, "handler", "a leased function keeps its own error type")?;
                let form = "`error` is a type\nhelp: write `error = MyError`, without quotes";
                self.error = Some(value(input, Type::parse, form)?);
                form
            }
            "on" => {
                only(Role::Leased, "leased", "a handler opens its leases itself")?;
                let form = "`on` is the name of a parameter\nhelp: write `on = conn`";
                self.on = Some(value(input, Ident::parse, form)?);
                form
            }
            "boxed" => {
                only(Role::Leased, "leased", "a handler keeps its return type")?;
                self.boxed = true;
                "`boxed` has no value\nhelp: write `boxed`"
            }
            "__again" if role == Role::Leased => {
                self.again = Some(list(input, Ident::parse, "")?);
                ""
            }
            "trust" => {
                let form = "`trust` takes the names of macros\nhelp: write `trust(my_macro)`, without a path, `!` or quotes";
                self.trust.extend(list(input, Ident::parse, form)?.into_iter().map(Escape::new));
                form
            }
            "allow" => {
                let form =
                    "`allow` takes a rule and a reason\nhelp: write `allow(SL004 = \"reason\")`";
                for (code, reason) in list(input, with_reason, form)? {
                    self.allow.push(Escape::new(allowed(code, reason)?));
                }
                form
            }
            other => {
                let message =
                    format!("`{other}` is not an argument of this attribute\n{}", known(role));
                return Err(syn::Error::new(name.span(), message));
            }
        };
        match input.is_empty() || input.peek(Token![,]) {
            true => Ok(()),
            false => Err(input.error(form)),
        }
    }

    /// Tells whether a macro is to be left alone inside leases.
    pub(crate) fn trusts(&self, name: &str) -> bool {
        self.trusts_all || Escape::take(&self.trust, name)
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

/// Returns the help that names the arguments of an attribute.
fn known(role: Role) -> &'static str {
    match role {
        Role::Handler => "help: use `error = ..`, `trust(..)`, `allow(..)` or `crate = ..`",
        Role::Leased => "help: use `on = ..`, `boxed`, `trust(..)`, `allow(..)` or `crate = ..`",
    }
}

/// Reads `= value`. `form` says how it is written.
fn value<T>(
    input: ParseStream<'_>,
    value: fn(ParseStream<'_>) -> syn::Result<T>,
    form: &str,
) -> syn::Result<T> {
    let read = input.parse::<Token![=]>().and_then(|_| value(input));
    read.map_err(|error| syn::Error::new(error.span(), form))
}

/// Reads `(item, ..)`. `form` says how it is written.
fn list<T>(
    input: ParseStream<'_>,
    item: fn(ParseStream<'_>) -> syn::Result<T>,
    form: &str,
) -> syn::Result<Vec<T>> {
    let read = || {
        let items;
        parenthesized!(items in input);
        Ok(Punctuated::<T, Token![,]>::parse_terminated_with(&items, item)?.into_iter().collect())
    };
    read().map_err(|error: syn::Error| syn::Error::new(error.span(), form))
}

/// Reads `SL004 = "reason"`.
fn with_reason(input: ParseStream<'_>) -> syn::Result<(Ident, Option<TokenTree>)> {
    let code = input.parse()?;
    let reason = match input.parse::<Option<Token![=]>>()? {
        Some(_) => input.parse()?,
        None => None,
    };
    Ok((code, reason))
}

/// Returns the code of a rule that may be switched off for this reason.
fn allowed(code: Ident, reason: Option<TokenTree>) -> syn::Result<Ident> {
    let known = |code: &str| ["SL004", "SL005", "SL006", "SL011"].contains(&code);
    let upper = code.to_string().to_uppercase();
    let reason = reason.and_then(|reason| syn::parse2::<LitStr>(reason.into()).ok());
    let message = match reason {
        _ if !known(&upper) => format!(
            "`{code}` cannot be allowed: only SL004, SL005, SL006 and SL011 can\nhelp: remove it\nnote: the guarantee rests on the other rules"
        ),
        _ if code != upper => format!("`{code}` is no rule\nhelp: write `{upper}`"),
        Some(reason) if !reason.value().trim().is_empty() => return Ok(code),
        _ => format!("`{code}` is allowed without a reason\nhelp: write `{code} = \"reason\"`"),
    };
    Err(syn::Error::new(code.span(), message))
}
