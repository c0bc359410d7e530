//! SL003: attributes in a lease, which could add statements to it, awaits among them.
//!
//! Allowed are rustc's own, whose names an import cannot take (E0659), and `derive` with std's own derives, all
//! written by shortlease's path.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use quote::{ToTokens, quote_spanned};
use syn::parse::Parser;
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{Meta, Path, Token};

use super::Code;
use crate::tokens::{self, Group, Token, group, is_punct};

impl Code<'_> {
    /// Walks over `#[..]`, which may be `on_item`, and returns the index behind it.
    pub(crate) fn attribute(
        &mut self,
        tokens: &[Token],
        at: usize,
        on_item: bool,
        out: &mut Vec<TokenTree>,
    ) -> usize {
        let brackets = at + 1 + usize::from(is_punct(tokens.get(at + 1), '!'));
        let Some(attr) = group(tokens.get(brackets), Delimiter::Bracket) else {
            tokens::write(&tokens[at..=at], out);
            return at + 1;
        };
        tokens::write(&tokens[at..brackets], out);
        let behind = brackets + 1;
        out.push(match self.in_lease() {
            true => self.attribute_in_lease(attr, on_item),
            false => attr.tree(),
        });
        behind
    }

    fn attribute_in_lease(&mut self, attr: &Group, on_item: bool) -> TokenTree {
        let written = match attr.tokens() {
            [Token::Group(fragment)] if fragment.delimiter() == Delimiter::None => {
                fragment.stream()
            }
            _ => attr.stream(),
        };
        match syn::parse2::<Meta>(written) {
            Ok(Meta::List(list)) if list.path.is_ident("derive") => {
                self.edits += 1;
                return attr.with(self.derives(&list.path, list.tokens));
            }
            Ok(meta) if is_known(&meta) || is_tool(&meta) && !on_item => {}
            Ok(meta) => self.refuse_attribute(meta.path(), "attribute"),
            Err(_) => self.refuse_attribute(attr.stream(), "attribute"),
        }
        attr.tree()
    }

    fn derives(&mut self, derive: &Path, names: TokenStream) -> TokenStream {
        let parse = Punctuated::<Path, Token![,]>::parse_terminated;
        let krate = self.args.krate(derive.span());
        let Ok(names) = parse.parse2(names.clone()) else {
            return quote_spanned!(derive.span()=> #krate::__private::derive(#names));
        };
        let mut derives = Vec::new();
        for path in &names {
            match path.segments.last().map(|last| &last.ident) {
                Some(name) if is_of_std(path) => {
                    let krate = self.args.krate(path.span());
                    derives.push(quote_spanned!(path.span()=> #krate::__private::#name));
                }
                _ => {
                    self.refuse_attribute(path, "derive");
                    derives.push(path.to_token_stream());
                }
            }
        }
        quote_spanned!(derive.span()=> #krate::__private::derive(#(#derives),*))
    }

    fn refuse_attribute(&mut self, path: impl ToTokens, kind: &str) {
        let name: String = path.to_token_stream().to_string().split_whitespace().collect();
        self.errors.on(
            path,
            format!(
                "SL003: the {kind} `{name}` is not allowed inside a lease\nhelp: move the item out of the lease\nnote: what it expands to could hold an `.await` that nothing checks"
            ),
        );
    }
}

/// Tells whether it is one of std's derives.
fn is_of_std(path: &Path) -> bool {
    const DERIVES: [&str; 9] =
        ["Clone", "Copy", "Debug", "Default", "Eq", "Hash", "Ord", "PartialEq", "PartialOrd"];
    let of_std = path.segments.first().is_some_and(|first| {
        path.segments.len() == 1 || first.ident == "std" || first.ident == "core"
    });
    let last = path.segments.last().map(|last| last.ident.to_string());
    of_std && last.is_some_and(|last| DERIVES.contains(&last.as_str()))
}

fn is_known(meta: &Meta) -> bool {
    const OWN: [&str; 14] = [
        "allow", "cfg", "cold", "deny", "deprecated", "doc", "expect", "forbid", "inline",
        "must_use", "non_exhaustive", "repr", "track_caller", "warn",
    ];
    match meta {
        Meta::List(list) if list.path.is_ident("cfg_attr") => {
            let metas = Punctuated::<Meta, Token![,]>::parse_terminated;
            list.parse_args_with(metas).is_ok_and(|metas| metas.iter().skip(1).all(is_known))
        }
        meta => OWN.iter().any(|name| meta.path().is_ident(name)),
    }
}

/// Tells whether it is an attribute of a tool, such as `rustfmt::skip`.
fn is_tool(meta: &Meta) -> bool {
    let first = meta.path().segments.first().map(|first| first.ident.to_string());
    meta.path().segments.len() > 1
        && first.is_some_and(|first| ["clippy", "diagnostic", "rustfmt"].contains(&first.as_str()))
}
