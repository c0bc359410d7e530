use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote_spanned};
use syn::parse::{Parse, ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::{Path, Token, Type, parenthesized};

use crate::item::Role;

/// What stands in the parentheses of an attribute.
#[derive(Default)]
pub(crate) struct Args {
    krate: Option<Path>,
    pub(crate) error: Option<Type>,
    pub(crate) trust: Vec<Ident>,
    pub(crate) boxed: bool,
}

enum Arg {
    Crate(Path),
    Error(Ident, Box<Type>),
    Trust(Vec<Ident>),
    Boxed(Ident),
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
                        "`error` has no use here, because a leased function keeps its own error type -- remove it",
                    ));
                }
                Arg::Trust(names) => args.trust.extend(names),
                Arg::Boxed(_) if role == Role::Leased => args.boxed = true,
                Arg::Boxed(name) => {
                    return Err(syn::Error::new(
                        name.span(),
                        "`boxed` has no use here, because only leased functions change their return type -- remove it",
                    ));
                }
            }
        }
        Ok(args)
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
            "boxed" => Ok(Arg::Boxed(name)),
            other => Err(syn::Error::new(
                name.span(),
                format!(
                    "`{other}` is not an argument of this attribute, which knows only a few -- use `error = ..`, `trust(..)`, `boxed` or `crate = ..`"
                ),
            )),
        }
    }
}
