//! SL003: awaits that the attribute of an item could hide in a lease.
//!
//! What rustc makes of an item in a body is read as statements, so an attribute macro on it could add any.
//! The attributes below are rustc's own, whose names an import cannot take (E0659).

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::parse::{ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::{Attribute, Item, Meta, Token};

/// The attribute on an item that may be a macro.
pub(crate) fn unknown(item: &Item) -> Option<Attribute> {
    written(item).into_iter().find(|attr| !is_known(&attr.meta) && !is_derive(attr))
}

/// Whether there is such an attribute on an item among these tokens.
pub(crate) fn any_unknown(tokens: TokenStream) -> bool {
    let mut after_hash = false;
    tokens.into_iter().any(|token| {
        let attr = match &token {
            TokenTree::Group(group) if after_hash => Some(group.stream()),
            _ => None,
        };
        after_hash = matches!(&token, TokenTree::Punct(hash) if hash.as_char() == '#');
        attr.is_some_and(|attr| !syn::parse2(attr).is_ok_and(|meta| is_known(&meta)))
    })
}

/// `#[derive(..)]`, whose name an import can take: it is written by its path.
pub(crate) fn is_derive(attr: &Attribute) -> bool {
    attr.path().is_ident("derive")
}

/// The attributes in front of an item.
pub(crate) fn of_item(item: &mut Item) -> Option<&mut Vec<Attribute>> {
    Some(match item {
        Item::Const(item) => &mut item.attrs,
        Item::Enum(item) => &mut item.attrs,
        Item::ExternCrate(item) => &mut item.attrs,
        Item::Fn(item) => &mut item.attrs,
        Item::ForeignMod(item) => &mut item.attrs,
        Item::Impl(item) => &mut item.attrs,
        Item::Macro(item) => &mut item.attrs,
        Item::Mod(item) => &mut item.attrs,
        Item::Static(item) => &mut item.attrs,
        Item::Struct(item) => &mut item.attrs,
        Item::Trait(item) => &mut item.attrs,
        Item::TraitAlias(item) => &mut item.attrs,
        Item::Type(item) => &mut item.attrs,
        Item::Union(item) => &mut item.attrs,
        Item::Use(item) => &mut item.attrs,
        _ => return None,
    })
}

fn written(item: &Item) -> Vec<Attribute> {
    let mut item = item.clone();
    match of_item(&mut item) {
        Some(attrs) => std::mem::take(attrs),
        // Syntax that is not known here.
        None => {
            let attrs = |input: ParseStream<'_>| {
                let attrs = input.call(Attribute::parse_outer)?;
                input.parse::<TokenStream>()?;
                Ok(attrs)
            };
            attrs.parse2(item.into_token_stream()).unwrap_or_default()
        }
    }
}

fn is_known(meta: &Meta) -> bool {
    const OWN: [&str; 14] = [
        "allow",
        "cfg",
        "cold",
        "deny",
        "deprecated",
        "doc",
        "expect",
        "forbid",
        "inline",
        "must_use",
        "non_exhaustive",
        "repr",
        "track_caller",
        "warn",
    ];
    match meta {
        Meta::List(list) if list.path.is_ident("cfg_attr") => {
            let metas = Punctuated::<Meta, Token![,]>::parse_terminated;
            list.parse_args_with(metas).is_ok_and(|metas| metas.iter().skip(1).all(is_known))
        }
        meta => OWN.iter().any(|name| meta.path().is_ident(name)),
    }
}
