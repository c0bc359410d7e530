use std::fmt::Display;

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::LitStr;

use crate::args::Args;

/// All mistakes of one item, reported together.
#[derive(Default)]
pub(crate) struct Errors {
    all: Option<syn::Error>,
    placed: bool,
}

impl Errors {
    /// Spans all of `tokens`.
    pub(crate) fn on(&mut self, tokens: impl ToTokens, message: impl Display) {
        self.push(syn::Error::new_spanned(tokens, message));
    }

    pub(crate) fn at(&mut self, span: Span, message: impl Display) {
        self.push(syn::Error::new(span, message));
    }

    pub(crate) fn push(&mut self, error: syn::Error) {
        match &mut self.all {
            Some(all) => all.combine(error),
            none => *none = Some(error),
        }
    }

    /// An error to stand where the mistake does.
    pub(crate) fn place(&mut self, span: Span, message: String, args: &Args) -> TokenStream {
        self.placed = true;
        let path = args.krate(span);
        let message = LitStr::new(&message, span);
        quote_spanned!(span=> #path::__private::compile_error!(#message))
    }

    /// Whether an item has errors in it.
    pub(crate) fn placed(&self) -> bool {
        self.placed
    }

    pub(crate) fn any(&self) -> bool {
        self.all.is_some() || self.placed
    }

    /// As `syn` writes them, but for `core`, which a crate may call itself: its `compile_error!` could be
    /// silent.
    pub(crate) fn into_tokens(self, args: &Args) -> TokenStream {
        let Some(all) = self.all else { return TokenStream::new() };
        let mut tokens = all.to_compile_error().into_iter();
        let mut written = TokenStream::new();
        while let Some(first) = tokens.next() {
            // `::core`
            let path = args.krate(first.span());
            tokens.by_ref().take(2).for_each(drop);
            // `::compile_error! { .. }`
            let rest = tokens.by_ref().take(5);
            written.extend(quote!(#path::__private));
            written.extend(rest);
        }
        written
    }
}
