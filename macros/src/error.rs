use std::fmt::Display;

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote_spanned};
use syn::LitStr;

use crate::args::Args;

/// Collects the mistakes of one item, to be reported together.
#[derive(Default)]
pub(crate) struct Errors {
    behind: Vec<Mistake>,
    /// The one that is reported for all that are found.
    instead: Option<Mistake>,
    in_place: bool,
}

/// A mistake, by its first and its last token.
#[derive(Clone)]
struct Mistake {
    start: Span,
    end: Span,
    message: String,
}

impl Mistake {
    fn at(span: Span, message: String) -> Self {
        Mistake { start: span, end: span, message }
    }
}

impl Errors {
    /// Reports a mistake, which all of `tokens` are.
    pub(crate) fn on(&mut self, tokens: impl ToTokens, message: impl Display) {
        self.push(&syn::Error::new_spanned(tokens, message));
    }

    pub(crate) fn at(&mut self, span: Span, message: impl Display) {
        self.behind.push(Mistake::at(span, message.to_string()));
    }

    pub(crate) fn push(&mut self, error: &syn::Error) {
        for error in error {
            // Of each mistake, `syn` gives its first and its last token away by these tokens only.
            let mut tokens = error.to_compile_error().into_iter();
            let start = tokens.next().map_or_else(Span::call_site, |token| token.span());
            let end = tokens.last().map_or(start, |token| token.span());
            self.behind.push(Mistake { start, end, message: error.to_string() });
        }
    }

    /// Returns an error that takes the place of the mistake, so that rustc adds none of its own.
    pub(crate) fn in_place(&mut self, span: Span, message: &str, args: &Args) -> TokenStream {
        self.in_place = true;
        match &self.instead {
            Some(mistake) => compile_error(mistake, args),
            None => compile_error(&Mistake::at(span, message.to_owned()), args),
        }
    }

    /// Has the first mistake so far reported in place of those to come, which may be none.
    pub(crate) fn stop(&mut self) {
        self.instead = self.behind.first().cloned();
    }

    pub(crate) fn any(&self) -> bool {
        self.in_place || !self.behind.is_empty()
    }

    /// Returns the errors that stand behind the item.
    pub(crate) fn into_tokens(self, args: &Args) -> TokenStream {
        let behind = match self.instead {
            Some(_) if self.in_place => Vec::new(),
            Some(mistake) => vec![mistake],
            None => self.behind,
        };
        let write = |mistake: &Mistake| {
            let error = compile_error(mistake, args);
            quote_spanned!(mistake.end=> #error;)
        };
        behind.iter().map(write).collect()
    }
}

/// Writes an error by shortlease's path: what a crate calls `core` may have a `compile_error!` that says nothing.
fn compile_error(Mistake { start, end, message }: &Mistake, args: &Args) -> TokenStream {
    let path = args.krate(*start);
    let message = LitStr::new(message, *end);
    let call = quote_spanned!(*end=> compile_error!(#message));
    quote_spanned!(*start=> #path::__private::#call)
}
