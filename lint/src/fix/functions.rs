//! Functions in a file's tree, found by the place of their name.

use std::ops::Range;

use syn::spanned::Spanned;
use syn::{Attribute, Block, FnArg, ImplItem, Item, Pat, Signature, Type, Visibility};

use super::tokens::File;
use crate::audited::Audited;
use crate::index::FnId;

/// One function.
pub(super) struct Found<'a> {
    pub attrs: &'a [Attribute],
    pub vis: &'a Visibility,
    pub sig: &'a Signature,
    pub block: &'a Block,
    /// If it implements a trait's: the attributes of that implementation.
    pub of_trait: Option<&'a [Attribute]>,
}

impl Found<'_> {
    /// Returns where an attribute goes: in front of all others but the documentation.
    pub(super) fn start(&self) -> usize {
        let other = self.attrs.iter().find(|attr| !attr.path().is_ident("doc"));
        match (other, self.vis) {
            (Some(attr), _) => attr.span().byte_range().start,
            (None, Visibility::Inherited) => self.sig.span().byte_range().start,
            (None, vis) => vis.span().byte_range().start,
        }
    }

    /// Returns an attribute that may change what the function is. `#[handler]` goes above those of rmcp.
    pub(super) fn strange_attribute(&self, uses_rmcp: bool) -> Option<String> {
        const KNOWN: [&str; 8] =
            ["doc", "allow", "expect", "warn", "must_use", "inline", "debug_handler", "instrument"];
        const OF_RMCP: [&str; 2] = ["tool", "prompt"];
        let mut attrs = self.attrs.iter().chain(self.of_trait.unwrap_or_default());
        let attr = attrs.find(|attr| {
            let last = attr.path().segments.last().map(|segment| segment.ident.to_string());
            !last.is_some_and(|name| {
                KNOWN.contains(&name.as_str()) || uses_rmcp && OF_RMCP.contains(&name.as_str())
            })
        })?;
        attr.path().segments.last().map(|segment| segment.ident.to_string())
    }

    /// Returns the parameters' variables and types, `self` not counted. One that is a pattern has no variable.
    pub(super) fn params(&self) -> impl Iterator<Item = (Option<String>, &Type)> {
        self.sig.inputs.iter().filter_map(|input| match input {
            FnArg::Typed(typed) => match &*typed.pat {
                Pat::Ident(ident) => Some((Some(ident.ident.to_string()), &*typed.ty)),
                _ => Some((None, &*typed.ty)),
            },
            FnArg::Receiver(_) => None,
        })
    }

    pub(super) fn body(&self) -> Range<usize> {
        self.block.span().byte_range()
    }
}

/// Finds a function in its file.
pub(super) fn of<'a>(
    audited: &Audited<'_>,
    files: &'a [Option<File<'a>>],
    id: FnId,
) -> Option<(&'a File<'a>, Found<'a>)> {
    let info = audited.index.function(id);
    let file = files[info.file.0 as usize].as_ref()?;
    let name = info.item.name_span.lo as usize;
    let is_it = |sig: &Signature| sig.ident.span().byte_range().start == name;
    let found = file.items().into_iter().find_map(|item| match item {
        Item::Fn(item) if is_it(&item.sig) => Some(Found {
            attrs: &item.attrs,
            vis: &item.vis,
            sig: &item.sig,
            block: &item.block,
            of_trait: None,
        }),
        Item::Impl(of) => of.items.iter().find_map(|item| match item {
            ImplItem::Fn(item) if is_it(&item.sig) => Some(Found {
                attrs: &item.attrs,
                vis: &item.vis,
                sig: &item.sig,
                block: &item.block,
                of_trait: of.trait_.as_ref().map(|_| &*of.attrs),
            }),
            _ => None,
        }),
        _ => None,
    })?;
    Some((file, found))
}

/// Returns the function of a file that a byte is in, or the last one before it.
pub(super) fn before(audited: &Audited<'_>, file: usize, byte: usize) -> Option<FnId> {
    let functions = audited.index.functions.iter().enumerate();
    let before = functions.filter(|(_, info)| {
        info.file.0 as usize == file && info.item.name_span.lo as usize <= byte
    });
    before.max_by_key(|(_, info)| info.item.name_span.lo).map(|(at, _)| FnId::at(at))
}
