//! Reads patterns.

use super::{Reader, member};
use crate::syntax::types::{name, names, ty};
use crate::syntax::{Names, Pat};

impl Reader<'_> {
    pub(in crate::syntax) fn pat(&mut self, pat: &syn::Pat) -> Pat {
        match pat {
            syn::Pat::Ident(node) => {
                let bound = name(&node.ident);
                let sub = node.subpat.as_ref().map(|(_, sub)| Box::new(self.pat(sub)));
                let constant = node.by_ref.is_none()
                    && node.mutability.is_none()
                    && sub.is_none()
                    && bound.starts_with(char::is_uppercase);
                if constant {
                    return Pat::Path(Names::from_iter([bound]));
                }
                Pat::Bind {
                    name: bound,
                    by_ref: node.by_ref.is_some(),
                    sub,
                    span: self.at(node.ident.span()),
                }
            }
            syn::Pat::Tuple(node) => {
                Pat::Tuple(node.elems.iter().map(|pat| self.pat(pat)).collect())
            }
            syn::Pat::TupleStruct(node) => Pat::TupleStruct {
                path: names(&node.path),
                elems: node.elems.iter().map(|pat| self.pat(pat)).collect(),
            },
            syn::Pat::Struct(node) => Pat::Struct {
                path: names(&node.path),
                fields: node
                    .fields
                    .iter()
                    .map(|field| (member(&field.member), self.pat(&field.pat)))
                    .collect(),
            },
            syn::Pat::Reference(node) => Pat::Ref(Box::new(self.pat(&node.pat))),
            syn::Pat::Or(node) => Pat::Or(node.cases.iter().map(|pat| self.pat(pat)).collect()),
            syn::Pat::Paren(node) => self.pat(&node.pat),
            syn::Pat::Guard(node) => self.pat(&node.pat),
            syn::Pat::Path(node) => Pat::Path(names(&node.path)),
            syn::Pat::Type(node) => {
                Pat::Typed(Box::new(self.pat(&node.pat)), Box::new(ty(&node.ty)))
            }
            syn::Pat::Slice(node) => {
                Pat::Tuple(node.elems.iter().map(|pat| self.pat(pat)).collect())
            }
            syn::Pat::Rest(_) => Pat::Rest,
            _ => Pat::Wild,
        }
    }
}
